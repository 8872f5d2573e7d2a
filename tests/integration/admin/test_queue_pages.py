"""The moderators' pages: choosing all that match or are alike, one signature beside the list, and what is covered."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, Demand
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.networks import network_label
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue
from campaign.petitions import moderation, tally
from campaign.petitions.models import CommentState, Origin, Signal, Signature, SignatureState
from campaign.petitions.screening.covering import covered
from campaign.staff.models import Role
from tests.factories import NOW, make_campaign, make_import, make_signature, reread
from tests.integration.admin.conftest import Browser, SignIn

S = SignatureState
NEAR, FAR = "7f3a2c81" + "0" * 24, "9b00aa11" + "0" * 24


def path_of(campaign: Campaign, more: object = "") -> str:
    return f"/admin/campaigns/{campaign.slug}/signatures{more}"


def page_of(browser: Browser, campaign: Campaign, query: object = "") -> str:
    return html.unescape(browser.get(path_of(campaign, query)).text)


def post(browser: Browser, campaign: Campaign, act: str, **data: Any) -> Any:
    return browser.post(path_of(campaign, act), data, token=browser.token("/admin/"))


def hidden(page: str, name: str) -> str:
    match = re.search(f'name="{name}" value="([^"]+)"', page)
    assert match, f"no {name} on the page"
    return match[1]


def trail() -> list[AuditEntry]:
    """What is written about signatures, oldest first."""
    db.session.rollback()
    query = select(AuditEntry).where(AuditEntry.object_type == "signature").order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def make_burst(campaign: Campaign, network: str, count: int) -> list[int]:
    return [
        make_signature(campaign, state=S.HELD, held_for=Signal.BURST, network_hash=network).id for _ in range(count)
    ]


def states(campaign: Campaign, state: SignatureState) -> set[int]:
    db.session.rollback()
    query = select(Signature.id).where(Signature.campaign_id == campaign.id, Signature.state == state)
    return set(db.session.scalars(query))


def test_all_that_are_like_the_chosen_are_shown_and_decided_at_once(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    near, far = make_burst(campaign, NEAR, 3), make_burst(campaign, FAR, 2)
    throwaway = make_signature(campaign, state=S.HELD, held_for=Signal.THROWAWAY_DOMAIN, network_hash=NEAR)
    answer = post(browser, campaign, "/like?state=held", ids=[f"{near[1]}.1", f"{throwaway.id}.1"])
    assert answer.status_code == 303
    page = html.unescape(browser.get(answer.headers["Location"]).text)
    assert "All 4 that match are chosen." in page
    assert NEAR not in answer.headers["Location"]
    query = answer.headers["Location"].partition("?")[2]
    done = post(browser, campaign, f"/moderate?{query}", action="release", all=hidden(page, "all"))
    assert done.headers["Location"] == path_of(campaign, "?state=held")
    assert "4 signatures counted." in page_of(browser, campaign, "?state=held")
    assert states(campaign, S.HELD) == set(far)


def test_what_nothing_is_like_leads_back_with_a_sentence(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    make_signature(campaign)
    lonely = make_signature(campaign)
    for ids in ([lonely.id], [], [lonely.id + 1000]):
        answer = post(browser, campaign, "/like", ids=ids)
        assert answer.headers["Location"] == path_of(campaign)
        assert "Choose signatures that wait for the same reason" in page_of(browser, campaign)
    assert "No signature is here" in page_of(browser, campaign, f"?like={lonely.id}&all=1")


def test_all_that_match_are_decided_as_they_were_shown_or_not_at_all(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    rows = make_burst(campaign, NEAR, 3)
    make_signature(campaign)
    first = page_of(browser, campaign, "?flag=burst")
    assert "Choose all 3 that match" in first
    seal = hidden(page_of(browser, campaign, "?flag=burst&all=1"), "all")
    assert 'name="ids"' not in page_of(browser, campaign, "?flag=burst&all=1")
    # Without a reason the page comes back with all still chosen.
    again = post(browser, campaign, "/moderate?flag=burst", action="invalidate", all=seal)
    assert (again.status_code, hidden(again.text, "all")) == (422, seal)
    # The same number, but one of them was looked at meanwhile: it is not what was shown.
    post(browser, campaign, "/moderate", action="release", ids=[rows[0]])
    post(browser, campaign, "/moderate", action="hold", ids=[rows[0]])
    refused = post(browser, campaign, "/moderate?flag=burst", action="invalidate", all=seal, reason="burst")
    assert refused.status_code == 409
    assert "Look at it once more" in refused.text
    assert states(campaign, S.INVALIDATED) == set()
    seal = hidden(page_of(browser, campaign, "?flag=burst&all=1"), "all")
    assert (
        post(browser, campaign, "/moderate?flag=burst", action="invalidate", all=seal, reason="burst").status_code
        == 303
    )
    assert states(campaign, S.INVALIDATED) == set(rows)
    assert [entry.action for entry in trail()].count("signature.invalidate") == 3


@pytest.mark.parametrize("seal", ["", "3", "3.0000000000000000", "nonsense"])
def test_a_made_up_seal_decides_nothing(sign_in: SignIn, seal: str) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    make_burst(campaign, NEAR, 3)
    for query in ("?flag=burst", "", "?state=pending"):
        answer = post(browser, campaign, f"/moderate{query}", action="release", all=seal)
        assert answer.status_code == 409
    assert len(states(campaign, S.HELD)) == 3


def test_more_than_one_decision_takes_are_not_offered_at_once(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    rows = make_burst(campaign, NEAR, 4)
    for module in ("campaign.admin.signatures", "campaign.admin.moderating"):
        monkeypatch.setattr(f"{module}.MOST_AT_ONCE", 3)
    monkeypatch.setattr(moderation, "MOST_AT_ONCE", 3)
    page = page_of(browser, campaign, f"?state=held&like={rows[0]}&all=1")
    assert 'name="all"' not in page
    assert "4 match, and one decision takes 3 at most" in page
    prepared = re.search(r'href="([^"]+)">Prepare that', page)
    assert prepared
    assert prepared[1] == (
        f"/admin/campaigns/{campaign.slug}/invalidations?state=held&signal=burst&network={network_label(NEAR)}"
    )
    form = browser.get(prepared[1])
    assert form.status_code == 200
    assert f'value="{network_label(NEAR)}"' in form.text


def test_the_signatures_of_one_network(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    near = make_signature(campaign, name="Near By", network_hash=NEAR)
    make_signature(campaign, name="Far Away", network_hash=FAR)
    label = network_label(NEAR)
    assert f"?network={label}" in page_of(browser, campaign, f"/{near.id}")
    page = page_of(browser, campaign, f"?network={label}")
    assert f"Only from the network {label}." in page
    assert "Near By" in page
    assert "Far Away" not in page
    for unknown in ("0000-0000", "nonsense", network_label(NEAR)[:4]):
        assert "No signature is here" in page_of(browser, campaign, f"?network={unknown}")


def test_articles_can_be_chosen_from_those_that_there_are(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    make_signature(campaign, source="front-page")
    with transaction() as session:
        tally.fold(session)
    page = page_of(browser, campaign, "?source=gone")
    assert "<option>front-page</option>" in page
    assert "<option selected>gone</option>" in page


def test_the_list_says_where_one_is(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    rows = [make_signature(campaign) for _ in range(53)]
    assert "1 to 50 of 53" in page_of(browser, campaign, "?state=confirmed")
    assert "51 to 53 of 53" in page_of(browser, campaign, f"?state=confirmed&after={rows[3].id}&at=50")
    assert f"after={rows[3].id}&at=50" in page_of(browser, campaign, "?state=confirmed")


def test_signatures_since_a_day_where_the_site_is(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    # In London the 29th of March 2026 has summer time, but begins without it.
    midnight = NOW.replace(month=3, day=29, hour=0, minute=0)
    make_signature(campaign, name="Early Bird", created_at=midnight - timedelta(seconds=1))
    make_signature(campaign, name="Late Riser", created_at=midnight)
    page = page_of(browser, campaign, "?since=2026-03-29")
    assert "Late Riser" in page
    assert "Early Bird" not in page
    assert 'value="2026-03-29"' in page
    for nonsense in ("2026-13-01", "0001-01-01", "yesterday", "9" * 400):
        assert "Early Bird" in page_of(browser, campaign, f"?since={nonsense}") or nonsense == "0001-01-01"


def test_one_signature_with_all_that_is_known_and_the_view_in_the_trail(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    signature = make_signature(
        campaign, name="Katya M", state=S.HELD, held_for=Signal.BURST, source="front-page", wants_updates=True,
        comment="My aunt: +44 7700 900114.", comment_state=CommentState.AWAITING,
    )  # fmt: skip
    with transaction() as session:
        session.add(Demand(campaign_id=campaign.id, version=2, text="Now.", created_at=NOW))
        enqueue(
            session, MailKind.CONFIRM_SIGNATURE, object_id=signature.id, recipient_key=signature.email_key,
            language="en", now=NOW,
        )  # fmt: skip
    browser.post(
        path_of(campaign, "/moderate"),
        {"action": "release", "ids": signature.id, "reason": "known to us"},
        token=browser.token("/admin/"),
    )
    page = page_of(browser, campaign, f"/{signature.id}?state=held")
    for words in (
        "<title>Katya M", "Version 1 of the demand", "front-page", "News by email: yes", "Being named: no", "Form sent from “front-page”",
        "Mail waits to be sent", "Email confirmed", "Held: Many from one network",
        "Counted by moderator@lantern.example: “<bdi>known to us", "Opened by moderator@lantern.example",
    ):  # fmt: skip
        assert words in page, words
    assert [entry.action for entry in trail()] == ["signature.release", "signature.opened"]


@pytest.mark.parametrize(
    ("origin", "words"),
    [(Origin.PAPER, "Signed on paper: Market Square"), (Origin.PARTNER, "Signed with a partner: Market Square")],
)
def test_a_signature_from_a_file_says_so(sign_in: SignIn, origin: Origin, words: str) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    brought = make_import(campaign, origin=origin, source="Market Square", consent="I sign this.")
    signature = make_signature(campaign, import_id=brought.id, origin=origin)
    page = page_of(browser, campaign, f"/{signature.id}")
    assert words in page
    assert "“<bdi>I sign this.</bdi>”" in page
    assert "Email confirmed" not in page
    assert "Form sent" not in page


def test_a_telephone_number_is_covered_until_somebody_asks_which_is_recorded(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    signature = make_signature(campaign, comment="Ring me on 07700 900114 please", comment_state=CommentState.AWAITING)
    for query in ("", "?comment=awaiting", f"/{signature.id}"):
        page = page_of(browser, campaign, query)
        assert "07••• ••••14" in page
        assert "900114" not in page
    assert {entry.action for entry in trail()} == {"signature.opened"}
    assert "Ring me on 07700 900114 please" in page_of(browser, campaign, f"/{signature.id}?show=comment")
    entry = trail()[-1]
    assert (entry.action, entry.object_id) == ("signature.comment_uncovered", str(signature.id))
    assert "07700" not in str(entry.details)
    assert "Comment uncovered by" in page_of(browser, campaign, f"/{signature.id}")


COVERED = [
    ("Ring 07700 900114", "Ring 07••• ••••14"),
    ("+44 (0)20 7946 0018", "+44 (•)•• •••• ••18"),
    ("write to olena.k@example.org now", "write to o••••• now"),
    ("see https://example.org/a?b=c or www.example.com", "see h••••• or w•••••"),
    ("visit example.org/page today", "visit e••••• today"),
    ("We left on 24 February 2022, all 12 of us", "We left on 24 February 2022, all 12 of us"),
    ("Since 12/03/2022, 14.03.2022 or 2014-2022", "Since 12/03/2022, 14.03.2022 or 2014-2022"),
    ("٠٧٧٠٠٩٠٠١١٤", "٠٧•••••••١٤"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), COVERED)
def test_what_is_covered(text: str, expected: str) -> None:
    assert covered(text) == expected


def test_a_signature_of_another_campaign_or_of_none_is_unknown(sign_in: SignIn) -> None:
    own, other = make_campaign(), make_campaign()
    theirs, browser = make_signature(other), sign_in(Role.MODERATOR)
    for row_id in (theirs.id, theirs.id + 1000, "0", "9" * 30, "x", "-1"):
        answer = browser.get(path_of(own, f"/{row_id}"))
        assert answer.status_code == 404, row_id
    assert browser.get(path_of(other, f"/{theirs.id}")).status_code == 200
    assert [
        entry.object_id for entry in db.session.scalars(select(AuditEntry)) if entry.action == "signature.opened"
    ] == [str(theirs.id)]


def test_only_the_queue_may_run_a_script_and_only_its_own(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    signature = make_signature(campaign)
    for path, runs in ((path_of(campaign), True), (path_of(campaign, f"/{signature.id}"), True), ("/admin/", False)):
        answer = browser.get(path)
        assert ("script-src 'self'" in answer.headers["Content-Security-Policy"]) is runs
        assert ("<script" in answer.text) is runs
    refused = post(browser, campaign, "/moderate", action="release", ids=[])
    assert "script-src 'self'" in refused.headers["Content-Security-Policy"]
    script = re.search(r'<script src="([^"]+)" defer></script>', browser.get(path_of(campaign)).text)
    assert script
    assert len(browser.get(script[1]).data) < 5_000


def test_looking_twice_is_told_once(sign_in: SignIn) -> None:
    campaign = make_campaign()
    priya, ola = sign_in(Role.MODERATOR, email="p@lantern.example"), sign_in(Role.MODERATOR, email="o@lantern.example")
    signature = make_signature(campaign, created_at=clock.now())
    for browser in (priya, priya, ola):
        page = page_of(browser, campaign, f"/{signature.id}")
    assert (page.count("Opened by p@"), page.count("Opened by o@")) == (1, 1)
    assert reread(signature).edition == 1


def test_an_address_leads_to_its_signature_and_stands_in_no_url(sign_in: SignIn) -> None:
    campaign, other, browser = make_campaign(), make_campaign(), sign_in(Role.MODERATOR)
    signature = make_signature(campaign, email="Ada@Example.org")
    make_signature(other, email="eve@example.org")
    page = page_of(browser, campaign)
    assert f'method="post" action="/admin/campaigns/{campaign.slug}/signatures/find"' in page

    def find(**fields: str) -> Any:
        return post(browser, campaign, "/find", **fields)

    one = find(q=" ada@example.ORG", state="held")
    assert (one.status_code, one.location) == (303, f"/admin/campaigns/{campaign.slug}/signatures/{signature.id}")
    for typed in ("eve@example.org", "nobody@", "@", "a b@example.org"):
        nothing = find(q=typed, state="held")
        assert nothing.location == f"/admin/campaigns/{campaign.slug}/signatures?state=held"
    assert "No signature here has exactly that email address." in page_of(browser, campaign, "?state=held")
    assert find(q="ada", country="GB").location == f"/admin/campaigns/{campaign.slug}/signatures?q=ada&country=GB"
