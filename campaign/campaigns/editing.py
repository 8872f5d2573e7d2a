"""Editing a campaign: its fields, the versions of its demand, and its states.

Two editors at once: each edit names the edition that it started from, and the later one is refused.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.goals import set_goal
from campaign.campaigns.models import Campaign, CampaignState, Demand
from campaign.campaigns.queries import current_demand
from campaign.core.errors import DomainError

_S = CampaignState
_MOVES = {
    _S.DRAFT: frozenset({_S.PUBLISHED}),
    _S.PUBLISHED: frozenset({_S.CLOSED, _S.WITHDRAWN}),
    _S.CLOSED: frozenset({_S.PUBLISHED, _S.WITHDRAWN}),
    _S.WITHDRAWN: frozenset[CampaignState](),
}


class Problem(StrEnum):
    """Why an edit is refused; the door has a sentence for each."""

    SLUG_TAKEN = "slug_taken"
    SLUG_FIXED = "slug_fixed"
    CURRENCY_FIXED = "currency_fixed"
    NOTE_MISSING = "note_missing"
    DEMAND_MISSING = "demand_missing"
    GOAL_NOTE_MISSING = "goal_note_missing"
    TARGET_MISSING = "target_missing"
    CLOSING_PASSED = "closing_passed"
    MOVE_UNKNOWN = "move_unknown"


class EditRefused(DomainError):
    """A rule stands against the edit; `field` is where a form shows it."""

    def __init__(self, problem: Problem, field: str) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.field = field


class EditedMeanwhile(DomainError):
    """The campaign has changed since the edit began. Nothing was stored."""


@dataclass(frozen=True, kw_only=True)
class CampaignFields:
    """What an editor may set, named as the columns are. Amounts are minor units of `currency`."""

    title: str
    slug: str
    short_name: str
    goal: int
    summary: str = ""
    story: str = ""
    target: str = ""
    country: str = "GB"
    currency: str = "GBP"
    takes_donations: bool = False
    donation_goal_minor: int | None = None
    donation_minimum_minor: int = 200
    suggested_amounts: str = "10,25,50,100"
    monthly_amounts: str = ""
    other_currencies: str = ""
    names_to_target: bool = False
    picture_alt: str = ""
    picture_credit: str = ""
    embed_hosts: str = ""
    fundraiser_url: str | None = None
    fundraiser_label: str = ""
    fundraiser_amount_minor: int | None = None
    fundraiser_as_of: datetime | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True)
class Wording:
    """The demand as it is to read, and the public note on why it changed."""

    text: str
    note: str = ""


def create_campaign(
    session: Session, fields: CampaignFields, demand: Wording, *, actor: str, now: datetime
) -> Campaign:
    """A new draft with the first version of its demand. Raises EditRefused where the slug is taken."""
    campaign = Campaign(**asdict(fields), state=_S.DRAFT, created_at=now, updated_at=now)
    session.add(campaign)
    _flush(session)
    session.add(Demand(campaign_id=campaign.id, version=1, text=demand.text, note="", created_at=now))
    set_goal(session, campaign, note="", now=now)
    _note(session, campaign, "campaign.created", actor=actor, now=now)
    return campaign


def edit_campaign(
    session: Session,
    campaign_id: int,
    fields: CampaignFields,
    demand: Wording,
    *,
    goal_note: str = "",
    edition: int,
    actor: str,
    now: datetime,
) -> Campaign:
    """Store the fields; after publication, changed words of the demand are a new version and a changed goal a new one.

    Raises EditedMeanwhile where `edition` is not the present one, EditRefused where a rule stands against it.
    """
    campaign = _locked(session, campaign_id)
    if campaign.edition != edition:
        raise EditedMeanwhile("Somebody else has changed this campaign.")
    if campaign.published_at is not None:
        # Articles and printed codes lead to the slug, and gifts are counted in the currency.
        _refuse(campaign.slug != fields.slug, Problem.SLUG_FIXED, "slug")
        _refuse(campaign.currency != fields.currency, Problem.CURRENCY_FIXED, "currency")
        _refuse(not fields.target, Problem.TARGET_MISSING, "target")
        _refuse(campaign.goal != fields.goal and not goal_note, Problem.GOAL_NOTE_MISSING, "goal_note")
    changed = [name for name, value in asdict(fields).items() if getattr(campaign, name) != value]
    if "names_to_target" in changed:
        # Who has signed already was not told that names are handed over.
        campaign.names_told_since = now if fields.names_to_target and campaign.published_at else None
    for name in changed:
        setattr(campaign, name, getattr(fields, name))
    campaign.updated_at = now  # always: it is what raises the edition
    _flush(session)
    _note(session, campaign, "campaign.edited", actor=actor, now=now, fields=changed)
    if set_goal(session, campaign, note=goal_note, now=now):
        _note(session, campaign, "goal.changed", actor=actor, now=now, reason=goal_note, goal=campaign.goal)
    _change_demand(session, campaign, demand, actor=actor, now=now)
    return campaign


def _change_demand(session: Session, campaign: Campaign, demand: Wording, *, actor: str, now: datetime) -> None:
    """A signature belongs to the wording it was given to, so published words are never changed in place."""
    present = current_demand(session, campaign.id)
    if present.text == demand.text:
        return
    if campaign.published_at is None:
        present.text = demand.text
        return
    _refuse(not demand.text, Problem.DEMAND_MISSING, "demand")
    _refuse(not demand.note, Problem.NOTE_MISSING, "demand_note")
    version = present.version + 1
    session.add(Demand(campaign_id=campaign.id, version=version, text=demand.text, note=demand.note, created_at=now))
    _note(session, campaign, "demand.changed", actor=actor, now=now, reason=demand.note, version=version)


def change_state(session: Session, campaign_id: int, *, to: CampaignState, actor: str, now: datetime) -> Campaign:
    """Publish, close, open again or withdraw. Raises EditRefused for a move that does not exist or comes too early."""
    campaign = _locked(session, campaign_id)
    before = campaign.state
    _refuse(to not in _MOVES[before], Problem.MOVE_UNKNOWN, "state")
    if to is _S.PUBLISHED:
        _refuse(not current_demand(session, campaign.id).text, Problem.DEMAND_MISSING, "demand")
        _refuse(not campaign.target, Problem.TARGET_MISSING, "target")
        _refuse(campaign.closes_at is not None and campaign.closes_at <= now, Problem.CLOSING_PASSED, "closes_at")
        campaign.published_at = campaign.published_at or now
        campaign.closed_at = None
    elif to is _S.CLOSED:
        campaign.closed_at = now
    else:
        campaign.withdrawn_at = now
    campaign.state, campaign.updated_at = to, now
    session.flush()
    _note(session, campaign, f"campaign.{to.value}", actor=actor, now=now, before=before.value)
    return campaign


def moves_from(state: CampaignState) -> frozenset[CampaignState]:
    """The states that a campaign may go to."""
    return _MOVES[state]


def _locked(session: Session, campaign_id: int) -> Campaign:
    return session.scalars(select(Campaign).where(Campaign.id == campaign_id).with_for_update()).one()


def _flush(session: Session) -> None:
    """Write now, so that the database's word on the slug comes here."""
    try:
        session.flush()
    except IntegrityError as error:
        if "slug" not in str(error.orig):
            raise
        raise EditRefused(Problem.SLUG_TAKEN, "slug") from error


def _refuse(bad: bool, problem: Problem, field: str) -> None:
    if bad:
        raise EditRefused(problem, field)


def _note(
    session: Session, campaign: Campaign, action: str, *, actor: str, now: datetime, reason: str = "", **details: object
) -> None:
    record(
        session, actor=actor, action=action, object_type="campaign", object_id=campaign.slug, now=now,
        campaign_id=campaign.id, reason=reason, **details,
    )  # fmt: skip
