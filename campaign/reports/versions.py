"""The versions of a demand with how many people signed each."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, Demand
from campaign.campaigns.queries import list_demands
from campaign.petitions import tally
from campaign.petitions.models import SignatureState


@dataclass(frozen=True)
class Version:
    """One wording, and how many confirmed signatures were given to it."""

    demand: Demand
    confirmed: int


def demand_versions(session: Session, campaign: Campaign) -> list[Version]:
    """All wordings, the latest first. It reads the tally, so it costs the same at any number of signatures."""
    confirmed: dict[int, int] = {}
    for cell in tally.many_cells(session, [campaign.id])[campaign.id]:
        if cell.state is SignatureState.CONFIRMED:
            confirmed[cell.demand_id] = confirmed.get(cell.demand_id, 0) + cell.count
    return [Version(demand, confirmed.get(demand.id, 0)) for demand in list_demands(session, campaign.id)]
