"""Editing a campaign: its fields, the versions of its demand, and its states.

Two editors at once: each edit names the edition that it started from, and the later one is refused.
"""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.checklist import Check, Item, checks
from campaign.campaigns.consents import keep_wording
from campaign.campaigns.edits import CampaignFields, EditedMeanwhile, EditRefused, Problem, Wording
from campaign.campaigns.goals import set_goal
from campaign.campaigns.models import Campaign, CampaignState, Demand
from campaign.campaigns.queries import current_demand
from campaign.campaigns.revisions import find_base, keep_revision
from campaign.campaigns.slugs import claim_slug, leave_slug

_S = CampaignState
_MOVES = {
    _S.DRAFT: frozenset({_S.PUBLISHED}),
    _S.PUBLISHED: frozenset({_S.CLOSED, _S.WITHDRAWN}),
    _S.CLOSED: frozenset({_S.PUBLISHED, _S.WITHDRAWN}),
    _S.WITHDRAWN: frozenset[CampaignState](),
}
_STOPPED = {
    Item.DEMAND: (Problem.DEMAND_MISSING, "demand"),
    Item.TARGET: (Problem.TARGET_MISSING, "target"),
    Item.PICTURE_ALT: (Problem.PICTURE_ALT_MISSING, "picture_alt"),
    Item.CLOSING: (Problem.CLOSING_PASSED, "closes_at"),
}
_CONSENTS = ("consent_name", "consent_updates")


def create_campaign(
    session: Session, fields: CampaignFields, demand: Wording, *, actor: str, now: datetime
) -> Campaign:
    """A new draft with the first version of its demand. Raises EditRefused where the slug is taken."""
    campaign = Campaign(**asdict(fields), state=_S.DRAFT, created_at=now, updated_at=now)
    session.add(campaign)
    _flush(session)
    _refuse(not claim_slug(session, campaign.id, campaign.slug), Problem.SLUG_TAKEN, "slug")
    session.add(Demand(campaign_id=campaign.id, version=1, text=demand.text, note="", created_at=now))
    set_goal(session, campaign, note="", now=now)
    keep_wording(session, campaign, changed=any(getattr(fields, name) for name in _CONSENTS), now=now)
    session.flush()
    keep_revision(session, campaign, demand.text, author=actor, now=now)
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
    if find_base(session, campaign.id, edition) is None:
        keep_revision(session, campaign, current_demand(session, campaign.id).text, author="", now=campaign.updated_at)
    if campaign.published_at is not None:
        _check_published(campaign, fields, goal_note)
    changed = [name for name, value in asdict(fields).items() if getattr(campaign, name) != value]
    if "names_to_target" in changed:
        # Who has signed already was not told that names are handed over.
        campaign.names_told_since = now if fields.names_to_target and campaign.published_at else None
    if "slug" in changed:
        leave_slug(session, campaign)
        _refuse(not claim_slug(session, campaign.id, fields.slug), Problem.SLUG_TAKEN, "slug")
    for name in changed:
        setattr(campaign, name, getattr(fields, name))
    keep_wording(session, campaign, changed=not set(_CONSENTS).isdisjoint(changed), now=now)
    campaign.updated_at = now  # always: it is what raises the edition
    _flush(session)
    _note(session, campaign, "campaign.edited", actor=actor, now=now, fields=changed)
    if set_goal(session, campaign, note=goal_note, now=now):
        _note(session, campaign, "goal.changed", actor=actor, now=now, reason=goal_note, goal=campaign.goal)
    _change_demand(session, campaign, demand, actor=actor, now=now)
    keep_revision(session, campaign, demand.text, author=actor, now=now)
    return campaign


def _check_published(campaign: Campaign, fields: CampaignFields, goal_note: str) -> None:
    """Gifts are counted in the currency, and what readers see keeps what let it be published."""
    _refuse(campaign.currency != fields.currency, Problem.CURRENCY_FIXED, "currency")
    _refuse(not fields.target, Problem.TARGET_MISSING, "target")
    _refuse(bool(campaign.picture) and not fields.picture_alt, Problem.PICTURE_ALT_MISSING, "picture_alt")
    _refuse(campaign.goal != fields.goal and not goal_note, Problem.GOAL_NOTE_MISSING, "goal_note")


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
        _refuse_unfinished(checks(session, campaign, now=now))
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


def _refuse_unfinished(found: list[Check]) -> None:
    for check in found:
        if check.stops:
            raise EditRefused(*_STOPPED[check.item])


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
