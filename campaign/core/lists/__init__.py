"""Long lists as files, whatever they are of: their columns, and how they are written without ever holding them all."""
