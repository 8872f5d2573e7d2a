"""Errors of the domain that every door answers in the same way."""


class DomainError(Exception):
    """A rule refused what was asked. The message is a sentence for the person who asked."""


class NotFound(DomainError):
    """What was asked for is not there, or not for this caller."""


class Closed(DomainError):
    """The campaign does not take this any more."""


class TryLater(DomainError):
    """Something that we depend on is not answering now; nothing was changed or lost."""
