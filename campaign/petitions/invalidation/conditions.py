"""Which signatures an invalidation is about. All conditions must hold; at least one is needed.

In a pattern `*` stands for any text. What a pattern says of addresses and names is compared without regard to case.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, null, or_
from sqlalchemy.orm import InstrumentedAttribute

from campaign.petitions.models import Signal, Signature, SignatureSignal, SignatureState

WILDCARD = "*"
# What stands in these may tell who somebody is; they are forgotten as networks are, and never named in the trail.
TELLING = ("network_hash", "address", "name")
REMOVABLE = (SignatureState.CONFIRMED, SignatureState.HELD)


@dataclass(frozen=True)
class Conditions:
    """`domain` and `address` hold domains as `address_domain` gives them, `name` is case-folded.

    `state` narrows to those that count or those that are held; it is no condition by itself.
    """

    network_hash: str = ""
    domain: str = ""
    address: str = ""
    name: str = ""
    source: str = ""
    country: str = ""
    since: datetime | None = None
    until: datetime | None = None
    signal: Signal | None = None
    state: SignatureState | None = None

    def __bool__(self) -> bool:
        return bool(self.kinds())

    def kinds(self) -> list[str]:
        """The names of the conditions that are set, without `state`."""
        return [each.name for each in fields(self) if each.name != "state" and getattr(self, each.name)]

    def states(self) -> tuple[SignatureState, ...]:
        """The states out of which a run takes signatures."""
        return (self.state,) if self.state is not None else REMOVABLE

    def plain(self) -> dict[str, Any]:
        """As JSON keeps them."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, datetime) else str(value)
            for name, value in values.items()
            if value
        }


def conditions_of(plain: dict[str, Any]) -> Conditions:
    """What `plain` gave. Raises ValueError where nothing is left of them: they would fit everybody."""
    values = dict(plain)
    for name in ("since", "until"):
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    if "signal" in values:
        values["signal"] = Signal(values["signal"])
    if "state" in values:
        values["state"] = SignatureState(values["state"])
    found = Conditions(**values)
    if not found:
        raise ValueError("these conditions were forgotten")
    return found


def without_telling(plain: dict[str, Any]) -> dict[str, Any]:
    """The plain conditions without what may tell who people are."""
    return {name: value for name, value in plain.items() if name not in TELLING}


def opaque(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The column as an expression for which there is no index: the walk has chosen its own."""
    return func.coalesce(column, null(), type_=column.type)


def sifts(wanted: Conditions) -> list[ColumnElement[bool]]:
    """The conditions on a signature that was found otherwise."""
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (Signature.network_hash, wanted.network_hash),
        (Signature.source, wanted.source),
        (Signature.country, wanted.country),
    ):
        if value:
            found.append(opaque(column) == value)
    for column, value in ((Signature.email_domain, wanted.domain), (Signature.name_folded, wanted.name)):
        if value:
            found.append(_fits(opaque(column), value))
    if wanted.address:
        found += _address(wanted.address)
    if wanted.since:
        found.append(opaque(Signature.created_at) >= wanted.since)
    if wanted.until:
        found.append(opaque(Signature.created_at) < wanted.until)
    if wanted.signal:
        found.append(_signal(wanted.signal))
    return found


def _fits(text: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    return text.like(_like(pattern), escape="\\") if WILDCARD in pattern else text == pattern


def _like(pattern: str) -> str:
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace(WILDCARD, "%")


def _address(pattern: str) -> list[ColumnElement[bool]]:
    """What stands before the @ is compared as typed: dots and tags are what such patterns are about."""
    local, _at, domain = pattern.rpartition("@")
    typed, lowered = Signature.email, func.lower(Signature.email)
    # SQLite's lower() knows ASCII only, so the pattern is tried in small letters and as it was written.
    before = or_(lowered.like(_like(f"{local.lower()}@*"), escape="\\"), typed.like(_like(f"{local}@*"), escape="\\"))
    return [before] if domain == WILDCARD else [before, _fits(opaque(Signature.email_domain), domain)]


def _signal(signal: Signal) -> ColumnElement[bool]:
    if signal is Signal.MODERATOR:  # noticed by nobody, so no signal is kept
        return opaque(Signature.held_for) == signal
    return exists().where(SignatureSignal.signature_id == Signature.id, SignatureSignal.signal == signal)
