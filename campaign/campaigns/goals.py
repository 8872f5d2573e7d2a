"""Goals over time: each is dated, those that replace another say why, and the day when one was reached is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, CampaignState, Goal


def many_goals(session: Session, campaign_ids: Sequence[int]) -> dict[int, list[Goal]]:
    """The goals of several campaigns, the oldest first; the last is the present one."""
    found: dict[int, list[Goal]] = {campaign_id: [] for campaign_id in campaign_ids}
    for goal in session.scalars(select(Goal).where(Goal.campaign_id.in_(campaign_ids)).order_by(Goal.id)):
        found[goal.campaign_id].append(goal)
    return found


def set_goal(session: Session, campaign: Campaign, *, note: str, now: datetime) -> bool:
    """Keep the campaign's goal as its latest; gives whether it is a new one. Before publication there is one goal."""
    latest = _latest(session, campaign.id)
    if latest is not None and latest.count == campaign.goal:
        return False
    if latest is not None and campaign.published_at is None:
        latest.count, latest.set_at = campaign.goal, now
        return False
    session.add(Goal(campaign_id=campaign.id, count=campaign.goal, note=note, set_at=now))
    return latest is not None


def _latest(session: Session, campaign_id: int) -> Goal | None:
    return session.scalar(select(Goal).where(Goal.campaign_id == campaign_id).order_by(Goal.id.desc()).limit(1))


def list_counting(session: Session) -> Sequence[Campaign]:
    """The campaigns whose present goal may yet be reached."""
    return session.scalars(select(Campaign).where(Campaign.state == CampaignState.PUBLISHED)).all()


def due_goals(session: Session, totals: Mapping[int, int]) -> list[Goal]:
    """The present goals of campaigns that have been reached by these totals, or are no longer, and do not say so."""
    latest = [goals[-1] for goals in many_goals(session, list(totals)).values() if goals]
    return [goal for goal in latest if (goal.reached_at is None) == (totals[goal.campaign_id] >= goal.count)]


def note_totals(session: Session, totals: Mapping[int, int], *, now: datetime) -> int:
    """Note which goals have been reached by now; a goal that is missed again, after removals, says so too."""
    due = due_goals(session, totals)
    for goal in due:
        goal.reached_at = now if goal.reached_at is None else None
    return len(due)
