"""Random walks through the life of signatures, through the same rooms as in life, beside a model in plain Python."""

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import NotFound
from campaign.core.tokens import Token
from campaign.petitions import confirmation, signing, tally
from campaign.petitions.models import Signature, SignatureState
from campaign.petitions.moderation import ModerationAction, moderate
from campaign.settings import current_settings
from tests.factories import make_campaign

S = SignatureState
PEOPLE = st.integers(min_value=0, max_value=7)
SOME = st.sets(PEOPLE, min_size=1, max_size=5)
# From where a moderator's decision leads to where, as the product's rules say it; restoring leads back.
DECISIONS = {
    ModerationAction.HOLD: ({S.CONFIRMED}, S.HELD),
    ModerationAction.RELEASE: ({S.HELD}, S.CONFIRMED),
    ModerationAction.INVALIDATE: ({S.HELD, S.CONFIRMED}, S.INVALIDATED),
    ModerationAction.RESTORE: ({S.INVALIDATED}, None),
}


class SignatureWalk(RuleBasedStateMachine):
    """Each step is one thing that somebody does; after each, rows, counts and model agree."""

    steps = 0

    @initialize()
    def open_campaigns(self) -> None:
        self.campaign, self.other = make_campaign(), make_campaign()
        self.model: dict[int, SignatureState] = {}
        self.ids: dict[int, int] = {}
        self.before: dict[int, SignatureState] = {}
        self.is_trap: dict[int, bool] = {}
        self.sign_elsewhere()

    def sign_elsewhere(self) -> None:
        """Noise: another campaign's signature, which nothing here may touch."""
        self._send(self.other, 0, is_trap=False)

    def _send(self, campaign: Any, person: int, *, is_trap: bool) -> None:
        form = signing.SignatureForm(
            name=f"Person {person}", email=f"person{person}@example.org", country="GB", honeypot=is_trap
        )
        with transaction() as session:
            signing.sign(
                session, campaign, form, hash_key=current_settings().hash_key, network_hash=f"network-{person}",
                language="en", now=clock.now(),
            )  # fmt: skip

    @rule(person=PEOPLE, is_trap=st.booleans())
    def sign(self, person: int, is_trap: bool) -> None:
        self._count()
        self._send(self.campaign, person, is_trap=is_trap)
        if person in self.model:
            return
        email = f"person{person}@example.org"
        query = select(Signature.id).where(Signature.campaign_id == self.campaign.id, Signature.email == email)
        self.ids[person] = db.session.scalars(query).one()
        self.model[person], self.is_trap[person] = S.PENDING, is_trap

    @precondition(lambda self: self.model)
    @rule(person=PEOPLE)
    def confirm(self, person: int) -> None:
        self._count()
        with transaction() as session:
            try:
                confirmation.confirm(session, self._link(person), now=clock.now())
            except NotFound:
                assert self.model.get(person) not in (S.PENDING, S.CONFIRMED, S.HELD)
        if self.model.get(person) is S.PENDING:
            self.model[person] = S.HELD if self.is_trap[person] else S.CONFIRMED

    @precondition(lambda self: self.model)
    @rule(person=PEOPLE)
    def disown(self, person: int) -> None:
        self._count()
        with transaction() as session:
            try:
                confirmation.disown(session, self._link(person), now=clock.now())
            except NotFound:
                assert self.model.get(person) not in (S.PENDING, S.CONFIRMED, S.HELD)
        if self.model.get(person) in (S.PENDING, S.CONFIRMED, S.HELD):
            self.model[person] = S.WITHDRAWN
        self.before.pop(person, None)  # an invalidated one stays so: nobody may restore it any more

    @precondition(lambda self: self.model)
    @rule(people=SOME, action=st.sampled_from(list(DECISIONS)))
    def decide(self, people: set[int], action: ModerationAction) -> None:
        self._count()
        sources, target = DECISIONS[action]
        affected = {person for person in people if self.model.get(person) in sources}
        if action is ModerationAction.RESTORE:
            affected &= self.before.keys()
        with transaction() as session:
            try:
                outcome = moderate(
                    session, campaign_id=self.campaign.id, ids=[self.ids.get(person, -1) for person in people],
                    action=action, reason="tried", actor="a walk", now=clock.now(),
                )  # fmt: skip
            except NotFound:
                assert not people & self.ids.keys()
            else:
                assert outcome.changed == len(affected)
        for person in affected:
            before = self.model[person]
            self.model[person] = target or self.before.pop(person)
            if action is ModerationAction.INVALIDATE:
                self.before[person] = before

    @rule()
    def fold(self) -> None:
        self._count()
        with transaction() as session:
            tally.fold(session)

    @rule()
    def recount(self) -> None:
        self._count()
        with transaction() as session:
            found = tally.recount(session, self.campaign.id)
        assert all(before == rows for before, rows in found.values())

    @invariant()
    def counts_equal_rows_equal_model(self) -> None:
        db.session.rollback()
        query = select(Signature.state, func.count()).where(Signature.campaign_id == self.campaign.id)
        rows = dict.fromkeys(SignatureState, 0) | dict(db.session.execute(query.group_by(Signature.state)).all())
        assert tally.counts(db.session(), self.campaign.id) == rows
        assert rows == {state: list(self.model.values()).count(state) for state in SignatureState}
        assert tally.counts(db.session(), self.other.id) == dict.fromkeys(SignatureState, 0) | {S.PENDING: 1}
        db.session.rollback()

    def _link(self, person: int) -> Token:
        """What the link says that was mailed first; a person who never signed has somebody's made-up one."""
        return Token(row_id=self.ids.get(person, 10**9), version=1)

    @classmethod
    def _count(cls) -> None:
        cls.steps += 1


def walk(*, examples: int, steps: int, derandomize: bool) -> int:
    """Walk so many times so many steps, on the current application's database; gives the steps taken in all."""

    class Walk(SignatureWalk):
        steps = 0

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=derandomize,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
    return Walk.steps
