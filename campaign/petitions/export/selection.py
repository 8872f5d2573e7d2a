"""Which signatures leave, and which of their columns: what an export's row keeps and what the database is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from campaign.campaigns.models import Demand
from campaign.core.lists.columns import plain_values
from campaign.petitions.export.columns import ADDRESSES, COLUMNS, FURTHER, USUAL
from campaign.petitions.models import Origin, Signal, Signature, SignatureSignal, SignatureState


@dataclass(frozen=True)
class Selection:
    """What is asked for. None or empty leaves a filter out; the window of time is about signing, its end excluded."""

    campaign_id: int
    state: SignatureState = SignatureState.CONFIRMED
    country: str = ""
    source: str = ""
    flag: Signal | None = None
    origin: Origin | None = None
    demand_version: int | None = None
    signed_from: datetime | None = None
    signed_before: datetime | None = None
    chosen: tuple[str, ...] = USUAL
    include_addresses: bool = False

    @property
    def columns(self) -> list[str]:
        """The names of the columns, always in one order; addresses only with their own tick."""
        chosen = [name for name in (*USUAL, *FURTHER) if name in self.chosen]
        return [*chosen, *(ADDRESSES if self.include_addresses else ())]

    def filters(self) -> dict[str, Any]:
        """The filters as an export's row and the trail keep them."""
        found = {
            "state": self.state.value,
            "country": self.country,
            "source": self.source,
            "flag": self.flag.value if self.flag else "",
            "origin": self.origin.value if self.origin else "",
            "demand_version": self.demand_version,
            "signed_from": self.signed_from.isoformat() if self.signed_from else "",
            "signed_before": self.signed_before.isoformat() if self.signed_before else "",
        }
        return {name: value for name, value in found.items() if value not in ("", None)}

    @classmethod
    def stored(cls, campaign_id: int, filters: dict[str, Any], chosen: list[str], include_addresses: bool) -> Self:
        """A selection from what `filters` gave."""
        return cls(
            campaign_id=campaign_id,
            state=SignatureState(filters["state"]),
            country=filters.get("country", ""),
            source=filters.get("source", ""),
            flag=Signal(filters["flag"]) if filters.get("flag") else None,
            origin=Origin(filters["origin"]) if filters.get("origin") else None,
            demand_version=filters.get("demand_version"),
            signed_from=_moment(filters.get("signed_from")),
            signed_before=_moment(filters.get("signed_before")),
            chosen=tuple(chosen),
            include_addresses=include_addresses,
        )

    def cells(self) -> Select[Any]:
        """The rows as cells of a spreadsheet, oldest first."""
        return self._select([COLUMNS[name].cell for name in self.columns])

    def values(self) -> Select[Any]:
        """The rows as plain values, oldest first."""
        return self._select([COLUMNS[name].value for name in self.columns])

    def plain(self) -> Callable[[tuple[Any, ...]], list[Any]]:
        """What makes JSON's values of a row of `values`."""
        return plain_values(COLUMNS, self.columns)

    def count(self) -> Select[int]:
        """How many rows there are."""
        return select(func.count()).select_from(Signature).where(*self._conditions())

    def _select(self, columns: list[ColumnElement[Any]]) -> Select[Any]:
        query = select(*columns).select_from(Signature).where(*self._conditions()).order_by(Signature.id)
        return query.join(Demand, Demand.id == Signature.demand_id) if "demand_version" in self.columns else query

    def _conditions(self) -> list[ColumnElement[bool]]:
        found = [Signature.campaign_id == self.campaign_id, Signature.state == self.state]
        if self.country:
            found.append(Signature.country == self.country)
        if self.source:
            found.append(Signature.source == self.source)
        if self.origin:
            found.append(Signature.origin == self.origin)
        if self.flag:
            signal = SignatureSignal
            noticed = exists().where(signal.signature_id == Signature.id, signal.signal == self.flag)
            found.append(or_(Signature.held_for == self.flag, noticed))
        if self.demand_version:
            version = Demand.version == self.demand_version
            wording = select(Demand.id).where(Demand.campaign_id == self.campaign_id, version)
            found.append(Signature.demand_id == wording.scalar_subquery())
        if self.signed_from:
            found.append(Signature.created_at >= self.signed_from)
        if self.signed_before:
            found.append(Signature.created_at < self.signed_before)
        return found


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
