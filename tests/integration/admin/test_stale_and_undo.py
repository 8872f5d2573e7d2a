"""Two moderators and one list: what was decided meanwhile is told and kept, and the last decision can be taken back."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.tokens import Token
from campaign.petitions import removals, tally
from campaign.petitions.confirmation import disown
from campaign.petitions.models import (
    CommentState,
    DecidedSignature,
    Decision,
    Invalidation,
    InvalidationState,
    RemovalReason,
    Signal,
    Signature,
    SignatureState,
)
from campaign.petitions.transitions import Move, move
from campaign.staff.models import Role, StaffUser
from campaign.worker.retention import forget
from tests.factories import make_campaign, make_signature, reread
from tests.integration.admin.conftest import Browser, SignIn

S = SignatureState


def page_of(browser: Browser, campaign: Campaign, query: str = "") -> str:
    return html.unescape(browser.get(f"/admin/campaigns/{campaign.slug}/signatures{query}").text)


def shown(page: str) -> list[str]:
    """The values of the boxes, as the page gives them."""
    return re.findall(r'name="ids" value="([^"]+)"', page)


def decide(browser: Browser, campaign: Campaign, action: str, ids: list[str], reason: str = "") -> Any:
    return browser.post(
        f"/admin/campaigns/{campaign.slug}/signatures/moderate?state=held",
        {"action": action, "ids": ids, "reason": reason},
        token=browser.token("/admin/"),
    )


def undo(browser: Browser, campaign: Campaign, decision: object = None) -> Any:
    if decision is None:
        found = re.search(r'name="decision" value="(\d+)"', page_of(browser, campaign))
        assert found, "the page offers no undo"
        decision = found[1]
    return browser.post(
        f"/admin/campaigns/{campaign.slug}/signatures/undo?state=held",
        {"decision": decision},
        token=browser.token("/admin/"),
    )


def name(email: str, words: str) -> None:
    with transaction() as session:
        session.execute(update(StaffUser).where(StaffUser.email == email).values(name=words))


@pytest.fixture
def two(sign_in: SignIn) -> tuple[Browser, Browser]:
    found = sign_in(Role.MODERATOR, email="priya@lantern.example"), sign_in(Role.MODERATOR, email="ola@lantern.example")
    name("priya@lantern.example", "Priya N")
    return found


def test_a_decision_about_what_has_moved_on_is_refused_with_what_changed(two: tuple[Browser, Browser]) -> None:
    priya, ola = two
    campaign = make_campaign()
    signature = make_signature(campaign, name="Katya M", state=S.HELD, held_for=Signal.BURST)
    boxes = shown(page_of(ola, campaign, "?state=held"))
    assert len(boxes) == 1
    assert decide(priya, campaign, "invalidate", boxes, "made up").status_code == 303
    answer = decide(ola, campaign, "release", boxes)
    assert answer.status_code == 409
    told = html.unescape(answer.text)
    assert "Error: Signatures" in told
    assert re.search(r"Katya M</bdi></b>: Rejected by Priya N, <time[^>]+>.+</time> \(“<bdi>made up", told)
    assert reread(signature).state is S.INVALIDATED
    # Also where it came back to the state that was seen: it is not what was judged.
    assert decide(priya, campaign, "restore", [str(signature.id)]).status_code == 303
    answer = decide(ola, campaign, "release", boxes)
    assert answer.status_code == 409
    assert "Restored by Priya N" in answer.text
    assert reread(signature).state is S.HELD
    assert decide(ola, campaign, "release", shown(page_of(ola, campaign, "?state=held"))).status_code == 303
    assert reread(signature).state is S.CONFIRMED


def test_of_several_the_fresh_ones_change_and_the_others_are_told(two: tuple[Browser, Browser]) -> None:
    priya, ola = two
    campaign = make_campaign()
    rows = [make_signature(campaign, name=f"Person {letter}", state=S.HELD) for letter in "ABC"]
    gone = make_signature(campaign, name="Person D", state=S.HELD)
    boxes = shown(page_of(ola, campaign, "?state=held"))
    decide(priya, campaign, "release", [f"{rows[0].id}.1"])
    with transaction() as session:
        disown(session, Token(row_id=gone.id, version=1), now=clock.now())
    answer = decide(ola, campaign, "invalidate", boxes, "made up")
    assert answer.status_code == 303
    told = html.unescape(ola.get(answer.headers["Location"]).text)
    assert "2 signatures rejected." in told
    assert "Person A</bdi></b>: Counted by Priya N" in told
    assert "Name erased</bdi></b>: Removed by the signer" in told
    assert [reread(row).state for row in rows] == [S.CONFIRMED, S.INVALIDATED, S.INVALIDATED]
    assert "Person A</bdi></b>" not in page_of(ola, campaign), "it is told once"


def test_what_was_taken_out_or_given_back_in_bulk_is_told_as_such(two: tuple[Browser, Browser]) -> None:
    _priya, ola = two
    campaign = make_campaign()
    signature = make_signature(campaign, name="Katya M")
    now = clock.now()
    with transaction() as session:
        run = Invalidation(
            campaign_id=campaign.id, state=InvalidationState.DONE, conditions={"source": "x"}, newest_id=signature.id,
            previewed_by="x", created_at=now, available_at=now, started_by="priya@lantern.example", reason="a burst",
            restored_by="priya@lantern.example", restore_reason="honest people", restore_started_at=now,
        )  # fmt: skip
        session.add(run)
        session.flush()
        move(
            session, [signature.id], campaign_id=campaign.id, by=Move.INVALIDATE, now=now, invalidation_id=run.id,
            decision_reason=run.reason,
        )  # fmt: skip
    refused = decide(ola, campaign, "hold", [f"{signature.id}.1"])
    assert refused.status_code == 409
    assert re.search(r"Katya M</bdi></b>: Rejected in bulk by Priya N, .+ \(“<bdi>a burst", html.unescape(refused.text))
    with transaction() as session:
        move(session, [signature.id], campaign_id=campaign.id, by=Move.RESTORE, now=clock.now())
    refused = decide(ola, campaign, "hold", [f"{signature.id}.2"])
    assert "Restored in bulk by Priya N" in refused.text
    assert "Restored in bulk by Priya N" in ola.get(f"/admin/campaigns/{campaign.slug}/signatures/{signature.id}").text


def test_a_prepared_reason_says_what_the_public_is_told(sign_in: SignIn) -> None:
    browser = sign_in(Role.MODERATOR)
    for reason, told in (("Sent by a program", RemovalReason.BOTS), ("My own words", RemovalReason.CHECKED)):
        campaign = make_campaign()
        signature = make_signature(campaign)
        decide(browser, campaign, "invalidate", [str(signature.id)], reason)
        assert reread(signature).removal_reason is told
        assert [(one.reason, one.out) for one in removals.list_standings(db.session(), campaign.id)] == [(told, 1)]
        undo(browser, campaign)
        db.session.rollback()
        assert [one.out for one in removals.list_standings(db.session(), campaign.id)] == [0]


def test_comments_are_not_decided_against_each_other_unseen(two: tuple[Browser, Browser]) -> None:
    priya, ola = two
    campaign = make_campaign()
    signature = make_signature(campaign, comment="My aunt is safe.", comment_state=CommentState.AWAITING)
    boxes = shown(page_of(ola, campaign, "?comment=awaiting"))
    decide(priya, campaign, "refuse_comment", boxes)
    answer = decide(ola, campaign, "publish_comment", boxes)
    assert answer.status_code == 409
    assert "Comment hidden by Priya N" in answer.text
    assert reread(signature).comment_state is CommentState.REFUSED


UNDOABLE = [
    ("release", {"state": S.HELD, "held_for": Signal.BURST, "decision_reason": "seen before"}),
    ("hold", {"state": S.CONFIRMED}),
    ("invalidate", {"state": S.HELD, "held_for": Signal.HONEYPOT}),
    ("invalidate", {"state": S.CONFIRMED}),
    ("restore", {"state": S.INVALIDATED, "state_before": S.CONFIRMED, "decision_reason": "made up"}),
    ("restore", {"state": S.INVALIDATED, "state_before": S.HELD, "held_for": Signal.MODERATOR}),
    ("publish_comment", {"state": S.CONFIRMED, "comment": "Hi", "comment_state": CommentState.REFUSED}),
    ("refuse_comment", {"state": S.CONFIRMED, "comment": "Hi", "comment_state": CommentState.PUBLISHED}),
    ("release_and_publish", {"state": S.HELD, "held_for": Signal.BURST, "comment": "Hi", "comment_state": "awaiting"}),
    ("release_and_refuse", {"state": S.HELD, "held_for": Signal.BURST, "comment": "Hi", "comment_state": "awaiting"}),
]
COMPARED = ("state", "held_for", "state_before", "comment_state", "decision_reason", "comment", "confirmed_at")


def test_every_decision_can_be_undone_and_leaves_nothing_but_the_trail(sign_in: SignIn) -> None:
    browser = sign_in(Role.MODERATOR)
    for action, values in UNDOABLE:
        campaign = make_campaign()
        signature, noise = make_signature(campaign, **values), make_signature(campaign, **values)
        before = {column: getattr(reread(signature), column) for column in COMPARED}
        counts = tally.counts(db.session(), campaign.id)
        assert decide(browser, campaign, action, [f"{signature.id}.1"], "because").status_code == 303, action
        changed = {column: getattr(reread(signature), column) for column in COMPARED}
        assert changed != before, action
        assert undo(browser, campaign).status_code == 303, action
        assert "Undone. 1 is back as it was." in page_of(browser, campaign, "?state=held")
        assert {column: getattr(reread(signature), column) for column in COMPARED} == before, action
        assert tally.counts(db.session(), campaign.id) == counts, action
        assert (reread(signature).edition, reread(noise).edition) == (3, 1)
        query = select(AuditEntry).where(AuditEntry.object_id == str(signature.id)).order_by(AuditEntry.id)
        trail = db.session.scalars(query.where(AuditEntry.object_type == "signature")).all()
        assert [entry.action for entry in trail] == [f"signature.{action}", "signature.undo"]
        assert 'name="decision"' not in page_of(browser, campaign)


def test_a_comment_is_counted_with_its_signature_only_where_there_is_one(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    silent = make_signature(campaign, state=S.HELD)
    said = make_signature(campaign, state=S.HELD, comment="Hi", comment_state=CommentState.AWAITING)
    decide(browser, campaign, "release_and_publish", [str(silent.id), str(said.id)])
    assert [reread(row).state for row in (silent, said)] == [S.CONFIRMED, S.CONFIRMED]
    assert [reread(row).comment_state for row in (silent, said)] == [None, CommentState.PUBLISHED]


def test_undoing_leaves_alone_what_somebody_changed_since(two: tuple[Browser, Browser]) -> None:
    priya, ola = two
    campaign = make_campaign()
    rows = [make_signature(campaign, name=f"Person {letter}", state=S.HELD) for letter in "ABC"]
    decide(ola, campaign, "release", [str(row.id) for row in rows])
    decide(priya, campaign, "invalidate", [str(rows[1].id)], "made up")
    answer = undo(ola, campaign)
    told = html.unescape(ola.get(answer.headers["Location"]).text)
    assert "Undone. 2 are back as they were." in told
    assert "Person B</bdi></b>: Rejected by Priya N" in told
    assert [reread(row).state for row in rows] == [S.HELD, S.INVALIDATED, S.HELD]


def test_undoing_twice_or_what_is_all_changed_since_does_nothing(two: tuple[Browser, Browser]) -> None:
    priya, ola = two
    campaign = make_campaign()
    signature = make_signature(campaign, state=S.HELD)
    decide(ola, campaign, "release", [str(signature.id)])
    decision = db.session.scalar(select(func.max(Decision.id)))
    assert undo(ola, campaign, decision).status_code == 303
    again = undo(ola, campaign, decision)
    assert again.status_code == 409
    assert "you had undone this before" in again.text
    decide(ola, campaign, "release", [str(signature.id)])
    decide(priya, campaign, "hold", [str(signature.id)])
    over = undo(ola, campaign)
    assert over.status_code == 409
    assert "Held by Priya N" in over.text
    assert reread(signature).edition == 5


def test_only_ones_own_young_decisions_in_the_campaign_can_be_undone(two: tuple[Browser, Browser]) -> None:
    priya, ola = two
    campaign, other = make_campaign(), make_campaign()
    signature = make_signature(campaign, state=S.HELD)
    decide(ola, campaign, "release", [str(signature.id)])
    decision = db.session.scalar(select(func.max(Decision.id)))
    assert 'name="decision"' not in page_of(priya, campaign)
    assert 'name="decision"' not in page_of(ola, other)
    assert undo(priya, campaign, decision).status_code == 404
    assert undo(ola, other, decision).status_code == 404
    assert undo(ola, campaign, "nonsense").status_code == 422
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert 'name="decision"' not in page_of(ola, campaign)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        assert forget() == 1
        assert forget() == 0
    assert undo(ola, campaign, decision).status_code == 404
    assert reread(signature).state is S.CONFIRMED
    assert not db.session.scalars(select(DecidedSignature)).all()


def test_more_than_one_decision_may_be_about_is_refused(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    make_signature(campaign)
    answer = decide(browser, campaign, "hold", [str(number) for number in range(1, 600)])
    assert answer.status_code == 422
    assert "at most 500" in answer.text
    assert not db.session.scalars(select(Signature.id).where(Signature.state == S.HELD)).all()
