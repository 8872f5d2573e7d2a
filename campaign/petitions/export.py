"""Exporting signatures: which columns leave the house, and how they are written without ever holding them all."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaign.core.text import inert_cell
from campaign.petitions.models import Signature, SignatureState

CHUNK = 5_000

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
