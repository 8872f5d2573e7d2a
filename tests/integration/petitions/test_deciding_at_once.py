"""Several moderators at the same moment: each signature takes exactly one decision of those made about one edition."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import DomainError
from campaign.petitions import tally
from campaign.petitions.models import CommentState, Signature, SignatureState
from campaign.petitions.moderation import ModerationAction, Outcome, moderate
from campaign.petitions.undoing import undo
from tests.factories import make_campaign, make_signature

S, A = SignatureState, ModerationAction


def test_of_decisions_about_the_same_edition_one_wins_for_each_signature(app: Flask) -> None:
    campaign = make_campaign()
    ids = [
        make_signature(campaign, state=S.HELD, comment="Hi", comment_state=CommentState.AWAITING).id for _ in range(12)
    ]
    actions = [A.RELEASE, A.INVALIDATE, A.RELEASE_AND_PUBLISH, A.REFUSE_COMMENT]

    def act(number: int) -> Outcome:
        some = ids[number % 3 :]
        with app.app_context(), transaction() as session:
            return moderate(
                session, campaign_id=campaign.id, ids=some, editions=dict.fromkeys(some, 1),
                action=actions[number % 4], reason="at once", actor=f"moderator {number}", now=clock.now(),
            )  # fmt: skip

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(act, range(16)))
    assert sum(outcome.changed for outcome in outcomes) == len(ids)
    rows = db.session.scalars(select(Signature).where(Signature.id.in_(ids))).all()
    assert {row.edition for row in rows} == {2}
    trail = db.session.scalars(select(AuditEntry.object_id).where(AuditEntry.object_type == "signature")).all()
    assert sorted(map(int, trail)) == ids
    counts = tally.counts(db.session(), campaign.id)
    assert {state: count for state, count in counts.items() if count} == {
        state: [row.state for row in rows].count(state) for state in {row.state for row in rows}
    }


def test_undoing_at_once_undoes_once(app: Flask) -> None:
    campaign = make_campaign()
    ids = [make_signature(campaign, state=S.HELD).id for _ in range(5)]
    with transaction() as session:
        decision = moderate(
            session, campaign_id=campaign.id, ids=ids, action=A.RELEASE, reason="", actor="me", now=clock.now()
        ).decision_id
    assert decision is not None

    def take_back(_number: int) -> int:
        with app.app_context():
            try:
                with transaction() as session:
                    return undo(session, decision, campaign_id=campaign.id, actor="me", now=clock.now()).changed
            except DomainError:
                return 0

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take_back, range(8))) == [0] * 7 + [5]
    assert set(db.session.scalars(select(Signature.edition).where(Signature.id.in_(ids)))) == {3}
    assert tally.counts(db.session(), campaign.id)[S.HELD] == 5
