"""How long a campaign keeps what people gave it: set before it opens, never longer once people have relied on it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign, CampaignState
from campaign.core.database import insert_into
from campaign.core.errors import ChangedMeanwhile, DomainError
from campaign.privacy.models import RetentionPolicy

LONGEST_DAYS = 20 * 366
SHORTEST_GIFT_DAYS = 365


class KeptLonger(DomainError):
    """People were told a shorter time."""


@dataclass(frozen=True)
class Policy:
    """Days; of signatures and supporters from the end of the campaign, of gifts from their last payment."""

    signature_days: int = 365
    supporter_days: int = 365
    gift_days: int = 7 * 365 + 2

    @property
    def gift_life(self) -> timedelta:
        return timedelta(days=self.gift_days)


USUAL = Policy()


@dataclass(frozen=True)
class Kept:
    """A campaign's policy, and what follows from it once the campaign has ended."""

    campaign: Campaign
    policy: Policy
    edition: int  # 0: the usual periods

    @property
    def ended_at(self) -> datetime | None:
        """When the campaign took its last signature; None while it is open, or not yet."""
        if self.campaign.state not in (CampaignState.CLOSED, CampaignState.WITHDRAWN):
            return None
        known = (self.campaign.closed_at, self.campaign.withdrawn_at, self.campaign.closes_at)
        return next((at for at in known if at is not None), None)

    def signatures_until(self) -> datetime | None:
        """When nobody will know any more who signed."""
        return self.ended_at + timedelta(days=self.policy.signature_days) if self.ended_at else None

    def supporters_until(self) -> datetime | None:
        """When those who asked for news will be deleted."""
        return self.ended_at + timedelta(days=self.policy.supporter_days) if self.ended_at else None


def kept_by(session: Session, campaign: Campaign) -> Kept:
    """The policy of one campaign."""
    return _kept(campaign, session.get(RetentionPolicy, campaign.id))


def list_kept(session: Session, campaigns: Sequence[Campaign]) -> list[Kept]:
    """The policies of several campaigns, in their order."""
    ids = [campaign.id for campaign in campaigns]
    rows = session.scalars(select(RetentionPolicy).where(RetentionPolicy.campaign_id.in_(ids)))
    own = {row.campaign_id: row for row in rows}
    return [_kept(campaign, own.get(campaign.id)) for campaign in campaigns]


def _kept(campaign: Campaign, row: RetentionPolicy | None) -> Kept:
    if row is None:
        return Kept(campaign, USUAL, 0)
    return Kept(campaign, Policy(row.signature_days, row.supporter_days, row.gift_days), row.edition)


def set_policy(session: Session, campaign: Campaign, wanted: Policy, *, was: int, actor: str, now: datetime) -> None:
    """Let a campaign keep things for other periods.

    Raises KeptLonger where it was published and a period would grow, ChangedMeanwhile where `was` is not the edition
    that stands there.
    """
    row = session.scalar(select(RetentionPolicy).where(RetentionPolicy.campaign_id == campaign.id).with_for_update())
    before = _kept(campaign, row)
    if before.edition != was:
        raise ChangedMeanwhile("Somebody else has changed these periods.")
    longer = [name for name, days in asdict(wanted).items() if days > getattr(before.policy, name)]
    if campaign.state is not CampaignState.DRAFT and longer:
        raise KeptLonger("This campaign was published, so its periods can only become shorter.")
    stored = {**asdict(wanted), "set_by": actor, "set_at": now}
    if row is None:
        made = session.scalar(
            insert_into(session, RetentionPolicy)
            .values(campaign_id=campaign.id, edition=1, **stored)
            .on_conflict_do_nothing(index_elements=["campaign_id"])
            .returning(RetentionPolicy.edition)
        )
        if made is None:
            raise ChangedMeanwhile("Somebody else has changed these periods.")
    else:
        for name, value in stored.items():
            setattr(row, name, value)
    record(
        session, actor=actor, action="retention.changed", object_type="campaign", object_id=campaign.slug, now=now,
        campaign_id=campaign.id, before=asdict(before.policy), after=asdict(wanted),
    )  # fmt: skip
