"""The program's clock: UTC, with the offset that demo and tests may set to try expiry and retention."""

from datetime import UTC, datetime, timedelta


class _Clock:
    offset = timedelta()


def set_offset(seconds: int) -> None:
    """Let the program's clock run this many seconds ahead (CLOCK_OFFSET; zero in production)."""
    _Clock.offset = timedelta(seconds=seconds)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _Clock.offset
