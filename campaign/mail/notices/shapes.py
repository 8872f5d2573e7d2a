"""What every provider's notices are turned into, and what each provider must be able to do."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from campaign.core.addresses import without_addresses
from campaign.mail.models import NoticeKind

LONGEST_REASON = 200
LONGEST_KEY = 200
_FRACTION = re.compile(r"\.(\d{6})\d+")


class NoticeRefused(Exception):
    """Forged, too old, or not to be read; the message says which, and holds nothing of what was sent."""


class NotNow(Exception):
    """What proves the sender cannot be fetched at present: the provider should come again."""


@dataclass(frozen=True)
class Incoming:
    """A webhook as it came; header names in lower case."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Notice:
    """One thing that happened to one mail.

    `key` is the provider's own name for it, the same whenever it is told again. `address` is never stored.
    `message_id` is the left side of our Message-ID, empty where the provider does not pass it on.
    """

    key: str
    kind: NoticeKind
    address: str
    reason: str
    happened_at: datetime
    message_id: str = ""


@dataclass(frozen=True)
class Told:
    """What one webhook says. `confirm_url`: to be fetched, where the provider asks whether its notices are wanted."""

    notices: Sequence[Notice] = ()
    confirm_url: str = ""


class Provider(Protocol):
    """Reads one provider's webhooks."""

    def read(self, incoming: Incoming, *, now: datetime) -> Told:
        """What is told, once it is proven who tells it. Raises NoticeRefused or NotNow."""


def refuse_if_stale(told_at: datetime, *, now: datetime, after: timedelta) -> None:
    """Raise NoticeRefused for a time too far from now; what is replayed sooner is known by its key."""
    if not -timedelta(minutes=5) < now - told_at < after:
        raise NoticeRefused("too old, or from the future")


def read_json(text: bytes | str) -> Any:
    """The value. Raises NoticeRefused where it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoticeRefused("not JSON") from error


def read_object(value: Any) -> dict[str, Any]:
    """The value where it is an object. Raises NoticeRefused for anything else."""
    if not isinstance(value, dict):
        raise NoticeRefused("not of the documented shape")
    return value


def read_time(value: Any) -> datetime:
    """A time in ISO 8601, or in seconds since 1970. Raises NoticeRefused where it is neither."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            moment = datetime.fromisoformat(_FRACTION.sub(r".\1", value))
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise NoticeRefused("without a time") from error


def read_key(value: Any) -> str:
    """The provider's name for an event. Raises NoticeRefused where there is none: without it a replay is not known."""
    if not isinstance(value, str | int) or not str(value).strip():
        raise NoticeRefused("without an id")
    return str(value)[:LONGEST_KEY]


def left_side(message_id: Any) -> str:
    """What stands before the @ of a Message-ID; empty where there is none."""
    return str(message_id or "").strip().strip("<>").partition("@")[0]


def plain_reason(*parts: Any) -> str:
    """What a server said, on one line, without addresses."""
    words = " ".join(str(part) for part in parts if part)
    return without_addresses(" ".join(words.split()))[:LONGEST_REASON]
