"""The moderators' list: what each decision does to signature and count, and what it leaves in the trail."""

import re
from typing import Any

from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core.database import db
from campaign.mail.models import OutboxMessage
from campaign.petitions import tally
from campaign.petitions.models import CommentState, Signal, Signature, SignatureState
from campaign.staff.models import Role
from tests.factories import make_campaign, make_signature, reread
from tests.integration.admin.conftest import Browser, SignIn

S = SignatureState


def confirmed(campaign: Campaign) -> int:
    db.session.rollback()
    counts = tally.counts(db.session(), campaign.id)
    rows = len(
        db.session.scalars(
            select(Signature.id).where(Signature.campaign_id == campaign.id, Signature.state == S.CONFIRMED)
        ).all()
    )
    assert counts[S.CONFIRMED] == rows
    return rows


def decide(
    browser: Browser, campaign: Campaign, action: str, ids: list[int], *, reason: str = "", query: str = ""
) -> Any:
    return browser.post(
        f"/admin/campaigns/{campaign.slug}/signatures/moderate{query}",
        {"action": action, "ids": ids, "reason": reason},
        token=browser.token("/admin/"),
    )


def test_release_hold_invalidate_and_restore_move_the_count_by_one(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    make_signature(campaign)
    held = make_signature(campaign, state=S.HELD, held_for=Signal.BURST)
    steps = [
        ("release", S.CONFIRMED, 2),
        ("hold", S.HELD, 1),
        ("invalidate", S.INVALIDATED, 1),
        ("restore", S.HELD, 1),
        ("release", S.CONFIRMED, 2),
        ("invalidate", S.INVALIDATED, 1),
        ("restore", S.CONFIRMED, 2),
    ]
    for action, state, count in steps:
        answer = decide(browser, campaign, action, [held.id], reason="looked at it")
        assert answer.status_code == 303
        assert reread(held).state is state, action
        assert confirmed(campaign) == count, action
    trail = db.session.scalars(
        select(AuditEntry).where(AuditEntry.object_type == "signature").order_by(AuditEntry.id)
    ).all()
    assert [entry.action for entry in trail] == [f"signature.{action}" for action, _, _ in steps]
    assert {entry.actor for entry in trail} == {"moderator@lantern.example"}
    assert {entry.reason for entry in trail} == {"looked at it"}
    assert trail[0].details == {"before": "held", "edition": 2}


NO_MOVES = [
    (S.PENDING, "release"), (S.PENDING, "hold"), (S.PENDING, "invalidate"), (S.PENDING, "restore"),
    (S.HELD, "hold"), (S.HELD, "restore"), (S.CONFIRMED, "release"), (S.CONFIRMED, "restore"),
    (S.WITHDRAWN, "release"), (S.WITHDRAWN, "restore"), (S.WITHDRAWN, "hold"), (S.WITHDRAWN, "invalidate"),
    (S.INVALIDATED, "release"), (S.INVALIDATED, "hold"), (S.CONFIRMED, "resend"), (S.CONFIRMED, "publish_comment"),
]  # fmt: skip


def test_other_moves_do_not_happen(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    for state, action in NO_MOVES:
        signature = make_signature(campaign, state=state)
        answer = decide(browser, campaign, action, [signature.id], reason="trying")
        assert answer.status_code == (303 if action == "resend" else 409), (state, action)
        assert "Nothing was changed" in answer.text or action == "resend", (state, action)
        assert reread(signature).state is state, action
    assert not db.session.scalars(select(AuditEntry).where(AuditEntry.object_type == "signature")).all()


def test_a_stale_decision_changes_what_it_still_applies_to(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    held = [make_signature(campaign, state=S.HELD) for _ in range(4)]
    decide(browser, campaign, "release", [held[0].id])
    answer = decide(browser, campaign, "release", [row.id for row in held], query="?state=held")
    assert answer.headers["Location"] == f"/admin/campaigns/{campaign.slug}/signatures?state=held"
    page = browser.get(answer.headers["Location"]).text
    assert "3 signatures counted." in page
    assert f"{held[0].name}</bdi></b>: Counted by moderator@lantern.example" in page
    assert confirmed(campaign) == 4


def test_another_campaigns_signatures_are_as_unknown_as_none(sign_in: SignIn) -> None:
    own, other = make_campaign(), make_campaign()
    theirs = make_signature(other, state=S.HELD)
    mine = make_signature(own, state=S.HELD)
    browser = sign_in(Role.MODERATOR, campaign_id=own.id)
    foreign = decide(browser, own, "release", [theirs.id])
    unknown = decide(browser, own, "release", [theirs.id + 10_000])
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.text == unknown.text
    assert decide(browser, own, "release", [mine.id, theirs.id]).status_code == 303
    assert (reread(mine).state, reread(theirs).state) == (S.CONFIRMED, S.HELD)


def test_rejecting_needs_a_reason_and_a_choice(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    signature = make_signature(campaign)
    without = decide(browser, campaign, "invalidate", [signature.id])
    assert without.status_code == 422
    assert re.search(f'value="{signature.id}.1"[^>]* checked', without.text)
    assert decide(browser, campaign, "release", []).status_code == 422
    assert decide(browser, campaign, "delete", [signature.id]).status_code == 422
    assert decide(browser, campaign, "hold", ["1 or 1=1", "-5", "9" * 30]).status_code == 422
    assert reread(signature).state is S.CONFIRMED


def test_comments_are_decided_apart_from_the_signature(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    signature = make_signature(campaign, comment="My aunt is safe now.", comment_state=CommentState.AWAITING)
    page = browser.get(f"/admin/campaigns/{campaign.slug}/signatures?comment=awaiting").text
    assert "My aunt is safe now." in page
    decide(browser, campaign, "publish_comment", [signature.id])
    assert (reread(signature).comment_state, reread(signature).state) == (CommentState.PUBLISHED, S.CONFIRMED)
    decide(browser, campaign, "refuse_comment", [signature.id])
    assert reread(signature).comment_state is CommentState.REFUSED
    assert "My aunt" not in browser.get(f"/admin/campaigns/{campaign.slug}/signatures?comment=awaiting").text


def test_resend_queues_a_mail_within_the_days_limit(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    signature, done = make_signature(campaign, state=S.PENDING), make_signature(campaign)
    told = []
    for _ in range(3):
        answer = decide(browser, campaign, "resend", [signature.id, done.id])
        assert answer.status_code == 303
        told.append(browser.get(answer.headers["Location"]).text)
        db.session.rollback()
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 1  # one that waits is enough
    assert "The mail goes again for 1 of 2. 1 gets none: one is on its way," in told[0]
    assert "The mail goes again for 0 of 2. 2 get none: one is on its way," in told[1]
    trail = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "signature.resend")).all()
    assert [entry.object_id for entry in trail] == [str(signature.id)]


def test_filters_find_people(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    make_signature(campaign, name="Ілона Шевчук", email="i.shev.chuk@gmail.com", country="UA", source="front-page")
    make_signature(campaign, name="Grace Adeyemi", state=S.HELD, held_for=Signal.HONEYPOT, country="NG")
    make_signature(campaign, name="Percent% Sign", state=S.PENDING)
    names = ("Ілона Шевчук", "Grace Adeyemi", "Percent% Sign")

    def found(query: str) -> set[str]:
        page = browser.get(f"/admin/campaigns/{campaign.slug}/signatures?{query}")
        assert page.status_code == 200
        return {name for name in names if name in page.text}

    everybody = set(names)
    assert found("") == everybody
    assert found("q=ілона") == {names[0]}
    assert found("q=Ishevchuk%2Bnews@googlemail.com") == {names[0]}
    assert found("q=gra") == {names[1]}
    assert found("q=%25") == set()
    assert found("q=percent%25") == {names[2]}
    assert found("q=ukraine") == {names[0]}
    assert found("q=ng") == {names[1]}
    assert found("q=nobody@example.org") == set()
    assert found("q=%40%40") == set()
    assert found("state=held") == {names[1]}
    assert found("flag=honeypot") == {names[1]}
    assert found("flag=nonsense&state=nonsense&after=nonsense") == everybody
    assert found("source=front-page") == {names[0]}
    assert found("country=UA") == {names[0]}


def test_pages_go_on_after_the_last_row_seen(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    rows = [make_signature(campaign) for _ in range(53)]
    first = browser.get(f"/admin/campaigns/{campaign.slug}/signatures?state=confirmed").text
    assert first.count('name="ids"') == 50
    after = rows[3].id
    assert f"after={after}" in first
    second = browser.get(f"/admin/campaigns/{campaign.slug}/signatures?state=confirmed&after={after}").text
    assert second.count('name="ids"') == 3


def test_each_view_of_the_list_is_in_the_trail_without_personal_data(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    make_signature(campaign, name="Canary Quillfeather", email="canary.quill@example.org")
    for query in ("", "?state=held", "?q=canary.quill@example.org"):
        browser.get(f"/admin/campaigns/{campaign.slug}/signatures{query}")
    query = select(AuditEntry).where(AuditEntry.action == "signatures.viewed").order_by(AuditEntry.id)
    views = db.session.scalars(query).all()
    assert len(views) == 3
    assert "canary" not in str([entry.details for entry in views]).casefold()
    assert views[2].details["searched"] is True


def test_what_signers_typed_is_shown_as_text(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    make_signature(
        campaign, name="<script>alert(1)</script>", comment="{{ 7*7 }}<img src=x>", comment_state=CommentState.AWAITING
    )
    page = browser.get(f"/admin/campaigns/{campaign.slug}/signatures").text
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "{{ 7*7 }}" in page
