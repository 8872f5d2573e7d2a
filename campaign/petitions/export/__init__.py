"""Exporting signatures: which leave, which of their columns, and how they are written without ever holding them all."""
