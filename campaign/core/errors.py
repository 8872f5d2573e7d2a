"""Errors of the domain that every door answers in the same way."""


class DomainError(Exception):
    """A rule refused what was asked. The message is an English sentence for who asked; the doors translate it."""


class NotFound(DomainError):
    """What was asked for is not there, or not for this caller."""


class ChangedMeanwhile(DomainError):
    """Somebody else has changed it since it was shown. Nothing was stored."""


class Closed(DomainError):
    """The campaign does not take this any more."""
