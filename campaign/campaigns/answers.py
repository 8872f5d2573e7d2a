"""What who is asked has said: to each point of the demand, and in full.

An answer belongs to the wording that it was given to. Where the demand was reworded since, its points are still told
in the old words, until an editor has gone through the answers again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.edits import EditedMeanwhile
from campaign.campaigns.models import Answer, AnsweredPoint, AnswerState, Demand
from campaign.campaigns.queries import current_demand
from campaign.core.database import insert_into
from campaign.core.text import list_points


@dataclass(frozen=True)
class Point:
    """One point of the demand with its answer; `label` is empty for a demand that is no numbered list."""

    number: int
    label: str
    state: AnswerState = AnswerState.NONE
    answered_on: date | None = None
    text: str = ""


@dataclass(frozen=True)
class Answers:
    """All that was said. `edition` is 0 where nothing is stored; `is_of_old_wording` where the demand changed since."""

    points: Sequence[Point]
    asked_on: date | None = None
    full_text: str = ""
    edition: int = 0
    is_of_old_wording: bool = False

    @property
    def answered_on(self) -> date | None:
        """The day of the latest answer."""
        return max((point.answered_on for point in self.points if point.answered_on), default=None)


def points_of(demand: Demand) -> list[Point]:
    """The points of a demand, none of them answered; one without a label where it has no numbered list."""
    return [Point(number, label) for number, label in enumerate(list_points(demand.text) or [""], start=1)]


def find_answers(session: Session, campaign_id: int) -> Answers | None:
    """What there is to tell, in the words that were answered; None where nothing was stored."""
    row = session.execute(
        select(Answer, Demand).join(Demand, Demand.id == Answer.demand_id).where(Answer.campaign_id == campaign_id)
    ).one_or_none()
    return None if row is None else _with_answers(session, row.Demand, row.Answer)


def answers_to_edit(session: Session, campaign_id: int) -> Answers:
    """The answers beside the points of the present wording."""
    demand, answer = current_demand(session, campaign_id), session.get(Answer, campaign_id)
    return Answers(points_of(demand)) if answer is None else _with_answers(session, demand, answer)


def _with_answers(session: Session, demand: Demand, answer: Answer) -> Answers:
    query = select(AnsweredPoint).where(AnsweredPoint.campaign_id == demand.campaign_id)
    said = {point.number: point for point in session.scalars(query)}
    points = [
        Point(point.number, point.label, one.state, one.answered_on, one.text)
        if (one := said.get(point.number))
        else point
        for point in points_of(demand)
    ]
    return Answers(points, answer.asked_on, answer.text, answer.edition, answer.demand_id != demand.id)


def set_answers(session: Session, campaign_id: int, answers: Answers, *, actor: str, now: datetime) -> None:
    """Store the answers to the points of the present wording. Raises EditedMeanwhile where their edition is not the
    stored one.
    """
    demand = current_demand(session, campaign_id)
    values = {"demand_id": demand.id, "asked_on": answers.asked_on, "text": answers.full_text, "updated_at": now}
    if not _store(session, campaign_id, answers.edition, values):
        raise EditedMeanwhile("Somebody else has changed these answers.")
    session.execute(delete(AnsweredPoint).where(AnsweredPoint.campaign_id == campaign_id))
    points = [
        {
            "campaign_id": campaign_id,
            "number": point.number,
            "state": point.state,
            "answered_on": point.answered_on,
            "text": point.text,
        }
        for point in answers.points
    ]
    session.execute(insert(AnsweredPoint), points)
    record(
        session, actor=actor, action="answers.changed", object_type="campaign", object_id=campaign_id, now=now,
        campaign_id=campaign_id, states={str(point.number): point.state.value for point in answers.points},
        demand_version=demand.version,
    )  # fmt: skip


def _store(session: Session, campaign_id: int, edition: int, values: Mapping[str, object]) -> bool:
    """True where the edition was the stored one; then it is raised."""
    if edition == 0:
        row = insert_into(session, Answer).values(campaign_id=campaign_id, edition=1, **values)
        return session.scalar(row.on_conflict_do_nothing().returning(Answer.campaign_id)) is not None
    stored = session.scalar(
        update(Answer)
        .where(Answer.campaign_id == campaign_id, Answer.edition == edition)
        .values(edition=edition + 1, **values)
        .returning(Answer.campaign_id)
        .execution_options(synchronize_session=False)
    )
    return stored is not None
