"""Mail: the outbox, its rendering and its delivery. Knows nothing of what a mail is about."""
