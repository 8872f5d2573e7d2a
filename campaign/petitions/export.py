"""Exporting signatures: which columns leave the house, and how they are written without ever holding them all."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaign.audit.trail import record
from campaign.core.errors import DomainError
from campaign.core.text import inert_cell
from campaign.petitions.models import Export, ExportFormat, Signature, SignatureState

CHUNK = 5_000
SHORTEST_REASON = 5

# The fewest columns that serve: who signed, from where, and when. `show_name` says who may be named in public.
_COLUMNS: dict[str, InstrumentedAttribute[Any]] = {
    "name": Signature.name,
    "country": Signature.country,
    "signed_at": Signature.created_at,
    "confirmed_at": Signature.confirmed_at,
    "show_name": Signature.show_name,
}
# What finds a person, only where it was asked for with a tick of its own.
_ADDRESS_COLUMNS: dict[str, InstrumentedAttribute[Any]] = {"email": Signature.email, "postcode": Signature.postcode}


class Output(Protocol):
    """Where text goes: a file, standard output."""

    def write(self, text: str, /) -> object: ...


class ReasonTooShort(DomainError):
    """An export needs a reason that somebody else can understand."""


@dataclass(frozen=True)
class Selection:
    """Which signatures of a campaign leave, and whether addresses leave with them."""

    campaign_id: int
    state: SignatureState = SignatureState.CONFIRMED
    country: str = ""
    source: str = ""
    include_addresses: bool = False

    @property
    def columns(self) -> list[str]:
        return [*_COLUMNS, *(_ADDRESS_COLUMNS if self.include_addresses else ())]

    def filters(self) -> dict[str, str]:
        """The filters as an export's row keeps them."""
        return {"state": self.state.value, "country": self.country, "source": self.source}


def export_path(storage: Path, export: Export) -> Path:
    """Where the file of an export is kept while it lives."""
    return storage / "exports" / f"{export.public_id}.{export.format.value}"


def selection_of(export: Export) -> Selection:
    """What a stored export asks for."""
    filters: Mapping[str, str] = export.filters
    return Selection(
        campaign_id=export.campaign_id,
        state=SignatureState(filters["state"]),
        country=filters.get("country", ""),
        source=filters.get("source", ""),
        include_addresses=export.include_addresses,
    )


def request_export(
    session: Session,
    selection: Selection,
    *,
    export_format: ExportFormat,
    reason: str,
    actor: str,
    now: datetime,
) -> Export:
    """Queue an export, noted in the trail. Raises ReasonTooShort."""
    if len(reason) < SHORTEST_REASON:
        raise ReasonTooShort("Say what the list is for.")
    export = Export(
        campaign_id=selection.campaign_id,
        format=export_format,
        filters=selection.filters(),
        include_addresses=selection.include_addresses,
        reason=reason,
        requested_by=actor,
        created_at=now,
        available_at=now,
    )
    session.add(export)
    session.flush()
    record(
        session, actor=actor, action="export.requested", object_type="export", object_id=export.public_id, now=now,
        campaign_id=selection.campaign_id, reason=reason, format=export_format.value,
        include_addresses=selection.include_addresses, **selection.filters(),
    )  # fmt: skip
    return export


def rows(session: Session, selection: Selection) -> Iterator[dict[str, Any]]:
    """The signatures as plain values, oldest first. Read in chunks by primary key, so memory stays flat."""
    attributes = _COLUMNS | (_ADDRESS_COLUMNS if selection.include_addresses else {})
    query = (
        select(Signature.id, *(column.label(name) for name, column in attributes.items()))
        .where(Signature.campaign_id == selection.campaign_id, Signature.state == selection.state)
        .order_by(Signature.id)
        .limit(CHUNK)
    )
    if selection.country:
        query = query.where(Signature.country == selection.country)
    if selection.source:
        query = query.where(Signature.source == selection.source)
    last = 0
    while chunk := session.execute(query.where(Signature.id > last)).all():
        for row in chunk:
            yield {name: getattr(row, name) for name in attributes}
        last = chunk[-1].id


def write_csv(session: Session, selection: Selection, output: Output) -> int:
    """Write RFC 4180 with a line of names; gives the number of rows. No cell is one that a spreadsheet would run."""
    writer = csv.writer(output)
    writer.writerow(selection.columns)
    count = 0
    for row in rows(session, selection):
        writer.writerow([_cell(value) for value in row.values()])
        count += 1
    return count


def write_json(session: Session, selection: Selection, output: Output) -> int:
    """Write an array of objects, one a line; gives the number of rows."""
    count = 0
    output.write("[")
    for row in rows(session, selection):
        count += 1
        output.write("\n" if count == 1 else ",\n")
        plain = {name: _time(value) if isinstance(value, datetime) else value for name, value in row.items()}
        json.dump(plain, output, ensure_ascii=False)
    output.write("\n]\n")
    return count


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _time(value) if isinstance(value, datetime) else inert_cell(str(value))


def _time(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
