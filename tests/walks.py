"""Random walks through the life of signatures, through the same rooms as in life, beside a model in plain Python."""

from collections import Counter
from typing import Any, ClassVar

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
from campaign.petitions import confirmation, retention, signing, tally
from campaign.petitions.invalidation import records
from campaign.petitions.invalidation.conditions import Conditions
from campaign.petitions.invalidation.previewing import Progress, count_on, ground_for
from campaign.petitions.models import Invalidation, RemovalReason, Signature, SignatureState
from campaign.petitions.moderation import ModerationAction, moderate
from campaign.petitions.undoing import AlreadyUndone, undo
from campaign.settings import current_settings
from campaign.worker.invalidations import work_on_invalidations
from tests.beliefs import Beliefs, Decided, InBulk
from tests.factories import make_campaign

S = SignatureState
EVERYBODY = range(10)
PEOPLE = st.sampled_from(EVERYBODY)
SOME = st.sets(PEOPLE, min_size=2, max_size=8)
FEW = st.sets(PEOPLE, max_size=2)
ANY = st.integers(min_value=0, max_value=1000)
SIDES = ("left", "right")
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
    happened: ClassVar[Counter[str]] = Counter()

    @initialize()
    def open_campaigns(self) -> None:
        self.campaign, self.other = make_campaign(), make_campaign()
        self.ids: dict[int, int] = {}
        self.is_trap: dict[int, bool] = {}
        self.believed = Beliefs(self.happened)
        self._send(self.other, 0, is_trap=False)  # noise: another campaign's, which nothing here may touch
        for person in EVERYBODY[:-1]:
            self.sign(person, is_trap=person % 4 == 0)
        for person in EVERYBODY[:-2]:
            self.confirm(person)

    def _send(self, campaign: Any, person: int, *, is_trap: bool) -> None:
        form = signing.SignatureForm(
            name=f"Person {person}", email=f"person{person}@example.org", country="GB", demand=1, honeypot=is_trap,
            source=SIDES[person % 2],
        )  # fmt: skip
        with transaction() as session:
            signing.sign(
                session, campaign, form, hash_key=current_settings().hash_key, network_hash=f"network-{person}",
                language="en", now=clock.now(),
            )  # fmt: skip

    @rule(person=PEOPLE, is_trap=st.booleans())
    def sign(self, person: int, is_trap: bool) -> None:
        self._count()
        self._send(self.campaign, person, is_trap=is_trap)
        if person in self.believed.model:
            return
        email = f"person{person}@example.org"
        query = select(Signature.id).where(Signature.campaign_id == self.campaign.id, Signature.email == email)
        self.ids[person] = db.session.scalars(query).one()
        self.believed.model[person], self.is_trap[person] = S.PENDING, is_trap

    @rule(person=PEOPLE)
    def confirm(self, person: int) -> None:
        self._count()
        with transaction() as session:
            try:
                confirmation.confirm(session, self._link(person), now=clock.now())
            except NotFound:
                assert self.believed.model.get(person) not in (S.PENDING, S.CONFIRMED, S.HELD)
        if self.believed.model.get(person) is S.PENDING:
            self.believed.model[person] = S.HELD if self.is_trap[person] else S.CONFIRMED
            self.believed.touch({person}, "confirmed")

    # Nobody comes back from there, and the walk is to go on with the others.
    @precondition(lambda self: list(self.believed.model.values()).count(S.WITHDRAWN) < 4)
    @rule(person=PEOPLE)
    def disown(self, person: int) -> None:
        self._count()
        with transaction() as session:
            try:
                confirmation.disown(session, self._link(person), now=clock.now())
            except NotFound:
                assert self.believed.model.get(person) not in (S.PENDING, S.CONFIRMED, S.HELD)
        if self.believed.model.get(person) in (S.PENDING, S.CONFIRMED, S.HELD):
            self.believed.model[person] = S.WITHDRAWN
        self.believed.before.pop(person, None)  # an invalidated one stays so: nobody may restore it any more
        self.believed.touch({person}, "disowned")

    @rule(people=SOME, stale=FEW)
    def hold(self, people: set[int], stale: set[int]) -> None:
        self._decide(people, stale, ModerationAction.HOLD)

    @rule(people=SOME, stale=FEW)
    def release(self, people: set[int], stale: set[int]) -> None:
        self._decide(people, stale, ModerationAction.RELEASE)

    @rule(people=SOME, stale=FEW)
    def invalidate(self, people: set[int], stale: set[int]) -> None:
        self._decide(people, stale, ModerationAction.INVALIDATE)

    @rule(people=SOME, stale=FEW)
    def restore(self, people: set[int], stale: set[int]) -> None:
        self._decide(people, stale, ModerationAction.RESTORE)

    def _decide(self, people: set[int], stale: set[int], action: ModerationAction) -> None:
        """What some moderator decides about a list, on which some of the signatures have moved on."""
        self._count()
        sources, target = DECISIONS[action]
        affected = {person for person in people - stale if self.believed.model.get(person) in sources}
        if action is ModerationAction.RESTORE:
            affected &= self.believed.before.keys()
        ids = [self.ids.get(person, -1) for person in people]
        stale_ids = {self.ids.get(person, -1) for person in stale}
        query = select(Signature.id, Signature.edition).where(Signature.id.in_(ids))
        editions = {row.id: row.edition - (row.id in stale_ids) for row in db.session.execute(query)}
        with transaction() as session:
            try:
                outcome = moderate(
                    session, campaign_id=self.campaign.id, ids=ids, editions=editions, action=action, reason="tried",
                    actor="a walk", now=clock.now(),
                )  # fmt: skip
            except NotFound:
                assert not people & self.ids.keys()
                return
        assert outcome.changed == len(affected)
        self.believed.touch(affected, action.value)
        if outcome.decision_id is not None:
            before = {person: (self.believed.model[person], self.believed.before.get(person)) for person in affected}
            self.believed.decided.append(Decided(outcome.decision_id, before))
        for person in affected:
            self.believed.move(person, target)
        if action is ModerationAction.INVALIDATE:
            self.believed.taken |= dict.fromkeys(affected)

    @precondition(lambda self: self.believed.decided)
    @rule(which=ANY)
    def undo(self, which: int) -> None:
        self._count()
        decided = self.believed.decided[-1 - which % min(3, len(self.believed.decided))]
        with transaction() as session:
            try:
                outcome = undo(session, decided.id, campaign_id=self.campaign.id, actor="a walk", now=clock.now())
            except AlreadyUndone:
                assert decided.is_undone
                return
        assert not decided.is_undone
        affected = dict(decided.before)
        assert outcome.changed == len(affected)
        decided.is_undone = True
        self.believed.touch(set(affected), "undone")
        for person, (state, before) in affected.items():
            self.believed.before.pop(person, None)
            self.believed.model[person] = state
            if before is not None:
                self.believed.before[person] = before

    @rule(side=st.sampled_from(SIDES))
    def preview_in_bulk(self, side: str) -> None:
        self._count()
        now = clock.now()
        ground = ground_for(db.session(), self.campaign.id, Conditions(source=side))
        counted = count_on(db.session(), ground, Progress(), as_of=now, most=1000)
        with transaction() as session:
            made = records.preview(session, ground, counted, actor="a walk", now=now)
        found = {
            person
            for person, state in self.believed.model.items()
            if SIDES[person % 2] == side and state in (S.CONFIRMED, S.HELD)
        }
        assert made.expected == len(found)
        self.believed.in_bulk.append(InBulk(made.id, found))

    @precondition(lambda self: any(bulk.stage == "ready" for bulk in self.believed.in_bulk))
    @rule(which=ANY)
    def take_out_in_bulk(self, which: int) -> None:
        self._count()
        bulk = self.believed.bulk("ready", which)
        with transaction() as session:
            records.start(
                session, session.get_one(Invalidation, bulk.id), reason_class=RemovalReason.BOTS, reason="all alike",
                actor="a walk", now=clock.now(),
            )  # fmt: skip
        self._work()
        bulk.stage, affected = "done", set(bulk.untouched)
        self.believed.touch(affected, "taken in bulk")
        for person in affected:
            self.believed.move(person, S.INVALIDATED)
        self.believed.taken |= dict.fromkeys(affected, bulk.id)

    @precondition(lambda self: any(bulk.stage == "done" for bulk in self.believed.in_bulk))
    @rule(which=ANY)
    def give_back_in_bulk(self, which: int) -> None:
        self._count()
        bulk = self.believed.bulk("done", which)
        with transaction() as session:
            records.restore(
                session, session.get_one(Invalidation, bulk.id), reason="they were people", actor="a walk",
                now=clock.now(),
            )  # fmt: skip
        self._work()
        bulk.stage = "restored"
        affected = {
            person
            for person, taken_by in self.believed.taken.items()
            if taken_by == bulk.id and self.believed.model[person] is S.INVALIDATED and person in self.believed.before
        }
        self.believed.touch(affected, "given back in bulk")
        for person in affected:
            self.believed.move(person, None)

    @rule(people=SOME)
    def forget_unconfirmed(self, people: set[int]) -> None:
        """As when nobody confirmed for 14 days; who was forgotten may sign again."""
        self._count()
        gone = {person for person in people if self.believed.model.get(person) is S.PENDING}
        with transaction() as session:
            ids = [self.ids[person] for person in people if person in self.ids]
            assert retention.delete_unconfirmed(session, ids, now=clock.now()) == len(gone)
        self.believed.touch(gone, "forgotten")
        for person in gone:
            for known in (self.believed.model, self.ids, self.is_trap, self.believed.taken, self.believed.before):
                known.pop(person, None)

    @rule(again=st.booleans())
    def count(self, again: bool) -> None:
        """What a worker does in the background, and a command when asked to."""
        self._count()
        with transaction() as session:
            if not again:
                tally.fold(session)
                return
            found = tally.recount(session, self.campaign.id)
        assert all(before == rows for before, rows in found.values())

    @invariant()
    def counts_equal_rows_equal_model(self) -> None:
        db.session.rollback()
        query = select(Signature.state, func.count()).where(Signature.campaign_id == self.campaign.id)
        rows = dict.fromkeys(SignatureState, 0) | dict(db.session.execute(query.group_by(Signature.state)).all())
        assert tally.counts(db.session(), self.campaign.id) == rows
        assert rows == {state: list(self.believed.model.values()).count(state) for state in SignatureState}
        assert tally.counts(db.session(), self.other.id) == dict.fromkeys(SignatureState, 0) | {S.PENDING: 1}
        db.session.rollback()

    def _work(self) -> None:
        db.session.rollback()
        while work_on_invalidations():
            pass

    def _link(self, person: int) -> Token:
        """What the link says that was mailed first; a person who never signed has somebody's made-up one."""
        return Token(row_id=self.ids.get(person, 10**9), version=1)

    @classmethod
    def _count(cls) -> None:
        cls.steps += 1


def walk(*, examples: int, steps: int, derandomize: bool) -> tuple[int, Counter[str]]:
    """Walk so many times so many steps, on the current application's database.

    Gives the steps taken in all, and to how many signatures what happened.
    """

    class Walk(SignatureWalk):
        steps = 0
        happened: ClassVar[Counter[str]] = Counter()

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
    return Walk.steps, Walk.happened
