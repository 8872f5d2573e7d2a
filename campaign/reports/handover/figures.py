"""What the pack tells, read in one moment of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, Demand, Picture
from campaign.campaigns.pictures import find_leading
from campaign.campaigns.queries import current_demand
from campaign.petitions.models import Origin, Signature, SignatureState
from campaign.petitions.queries import PublicComment, list_public_comments
from campaign.reports.public_statistics import tell_countries
from campaign.reports.summary import Count, campaign_count


@dataclass(frozen=True)
class Wording:
    """A version of the demand and how many confirmed signatures were given to it."""

    version: int
    count: int
    note: str
    since: datetime


@dataclass(frozen=True)
class Figures:
    """All but the names. `countries` are those that the public statistics tell, `elsewhere` is all others together.

    `listed` is how many names the list has: none where the campaign does not hand names over.
    """

    campaign: Campaign
    picture: Picture | None
    demand: Demand
    count: Count
    origins: Mapping[Origin, int]
    countries: Sequence[tuple[str, int]]
    elsewhere: int
    wordings: Sequence[Wording]
    comments: Sequence[PublicComment]
    listed: int

    @property
    def given_here(self) -> int:
        """How many were confirmed by email; what was given on paper or with partners is the rest of the total."""
        return self.origins[Origin.ONLINE]

    @property
    def as_of(self) -> datetime:
        return self.count.counted_at


def gather(session: Session, campaign_id: int, *, comment_ids: Sequence[int] | None, now: datetime) -> Figures:
    """The figures as they are now; `session` sees one moment."""
    campaign = session.scalars(select(Campaign).where(Campaign.id == campaign_id)).one()
    found = session.execute(
        select(Signature.country, Signature.demand_id, Signature.origin, func.count())
        .where(*_confirmed(campaign_id))
        .group_by(Signature.country, Signature.demand_id, Signature.origin)
    ).all()
    countries: dict[str, int] = {}
    demands: dict[int, int] = {}
    origins = dict.fromkeys(Origin, 0)
    for country, demand_id, origin, count in found:
        origins[origin] += count
        countries[country] = countries.get(country, 0) + count
        demands[demand_id] = demands.get(demand_id, 0) + count
    told, elsewhere = tell_countries(countries)
    return Figures(
        campaign=campaign,
        picture=find_leading(session, campaign_id),
        demand=current_demand(session, campaign_id),
        count=campaign_count(session, campaign, now=now),
        origins=origins,
        countries=told,
        elsewhere=elsewhere,
        wordings=_wordings(session, campaign_id, demands),
        comments=list_public_comments(session, campaign_id, ids=comment_ids),
        listed=_count_names(session, campaign),
    )


def _wordings(session: Session, campaign_id: int, counts: dict[int, int]) -> list[Wording]:
    versions = session.scalars(select(Demand).where(Demand.campaign_id == campaign_id).order_by(Demand.version))
    return [
        Wording(version=demand.version, count=counts.get(demand.id, 0), note=demand.note, since=demand.created_at)
        for demand in versions
    ]


def _confirmed(campaign_id: int) -> list[ColumnElement[bool]]:
    return [Signature.campaign_id == campaign_id, Signature.state == SignatureState.CONFIRMED]


def _named(campaign: Campaign) -> list[ColumnElement[bool]]:
    """Whose name may be handed over: who was told so above our button, and has not been forgotten since.

    The time is enough, however long a page stood open: a form that said otherwise is refused since then (`unnamed`).
    """
    conditions = [*_confirmed(campaign.id), Signature.name.is_not(None), Signature.origin == Origin.ONLINE]
    if campaign.names_told_since is not None:
        conditions.append(Signature.created_at >= campaign.names_told_since)
    return conditions


def _count_names(session: Session, campaign: Campaign) -> int:
    if not campaign.names_to_target:
        return 0
    return session.scalar(select(func.count()).select_from(Signature).where(*_named(campaign))) or 0


def names_query(campaign: Campaign) -> Select[str | None, str]:
    """Names and countries in the order of the alphabet, one script after the other."""
    return (
        select(Signature.name, Signature.country).where(*_named(campaign)).order_by(Signature.name_folded, Signature.id)
    )
