"""Rejecting in bulk through the pages: what may be asked for, what is shown, what the trail and the address hold."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from campaign.admin.invalidations import MOST_LOOKED_AT
from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core.addresses import keyed_hash
from campaign.core.database import db
from campaign.core.networks import network_label
from campaign.petitions.models import Invalidation, InvalidationState, Signature, SignatureState
from campaign.staff.models import Role
from campaign.worker.invalidations import work_on_invalidations
from tests.factories import make_campaign, make_signature
from tests.integration.admin.conftest import Browser, SignIn

S = SignatureState
HASH = keyed_hash("k", "network", "192.0.2.0/24")
LABEL = network_label(HASH)


@pytest.fixture
def campaign(app: Any) -> Campaign:
    found = make_campaign()
    make_signature(found, name="Honest Person")
    for number in range(3):
        make_signature(
            found, name=f"Bot {number}", email=f"bot{number}@spam.example", network_hash=HASH, source="front"
        )
    make_signature(found, name="Bot held", email="bot9@spam.example", network_hash=HASH, state=S.HELD)
    make_signature(found, name="Bot waits", email="bot8@spam.example", network_hash=HASH, state=S.PENDING)
    return found


@pytest.fixture
def browser(sign_in: SignIn) -> Browser:
    return sign_in(Role.MODERATOR)


def ask(browser: Browser, campaign: Campaign, status: int = 303, **conditions: str) -> str:
    """Ask for a preview; gives its address, or the page that says why not."""
    answer = browser.post(f"/admin/campaigns/{campaign.slug}/invalidations", conditions, token=browser.token("/admin/"))
    assert answer.status_code == status
    return str(answer.headers["Location"] if status == 303 else answer.text)


def press(browser: Browser, page: str, action: str, **more: str) -> Any:
    return browser.post(page, {"action": action} | more, token=browser.token("/admin/"))


def shown(browser: Browser, page: str) -> str:
    return re.sub(r"\s+", " ", browser.get(page).text)


def stored() -> Invalidation:
    db.session.rollback()
    return db.session.scalars(select(Invalidation)).one()


def work() -> None:
    db.session.rollback()
    while work_on_invalidations():
        pass


def out(campaign: Campaign) -> set[str | None]:
    db.session.rollback()
    query = select(Signature.name).where(Signature.campaign_id == campaign.id, Signature.state == S.INVALIDATED)
    return set(db.session.scalars(query))


def test_the_whole_way(browser: Browser, campaign: Campaign) -> None:
    page = ask(browser, campaign, network=LABEL)
    text = shown(browser, page)
    assert '<p class="number">4</p>' in text
    assert "3 that count and 1 that need a person" in text
    assert "1 wait for their email" in text
    assert "bot0@spam.example" in text
    assert "Honest Person" not in text
    assert HASH not in text
    assert LABEL in text
    assert out(campaign) == set()
    assert press(browser, page, "run", reason_class="bots", reason="All from one network").status_code == 303
    assert "0 of 4 are rejected" in shown(browser, page)
    work()
    text = shown(browser, page)
    assert "4 of the 4 signatures that were found are rejected: 3 had counted, 1 had needed a person" in text
    assert "bot0@spam.example" not in text  # only where asked for
    assert "bot0@spam.example" in shown(browser, page + "?sample=1")
    assert out(campaign) == {"Bot 0", "Bot 1", "Bot 2", "Bot held"}
    assert press(browser, page, "restore", restore_reason="They were a school").status_code == 303
    work()
    assert "4 of 4 signatures are restored: 3 count again, 1 need a person again" in shown(browser, page)
    assert out(campaign) == set()


def test_the_trail_has_every_step_and_nobody_in_it(browser: Browser, campaign: Campaign) -> None:
    page = ask(browser, campaign, network=LABEL, address="bot*@spam.example", name="bot*", source="front")
    shown(browser, page)
    press(browser, page, "run", reason_class="bots", reason="All from one network")
    press(browser, page, "stop")
    press(browser, page, "go_on")
    work()
    press(browser, page, "restore", restore_reason="They were a school")
    work()
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.object_type == "invalidation").order_by(AuditEntry.id)
    ).all()
    assert [entry.action.removeprefix("invalidation.") for entry in entries] == [
        "previewed", "sample_viewed", "started", "stopped", "resumed", "done", "restore_started", "restored",
    ]  # fmt: skip
    assert {entry.object_id for entry in entries} == {page.rpartition("/")[2]}
    assert entries[0].details == {
        "conditions": {"network_hash": True, "address": True, "name": True, "source": "front"}
    }
    assert (entries[5].details, entries[5].actor) == ({"confirmed": 3, "held": 0, "expected": 3}, "worker")
    assert entries[7].details == {"confirmed": 3, "held": 0, "left": {}}
    # One entry for a run, none for each signature.
    assert db.session.scalar(select(func.count()).where(AuditEntry.object_type == "signature")) == 0


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("network", "zzz", "No signature that is kept here came from this network."),
        ("network", "0000-0000", "No signature that is kept here came from this network."),
        ("domain", "*", "This fits every domain."),
        ("domain", "not a domain", "Enter a domain"),
        ("domain", "a*b*c*d*e*f*g.example", "Use at most 5 stars."),
        ("address", "bot", "Enter an address or a pattern with an @"),
        ("address", "*@*", "This fits every address."),
        ("name", "**", "This fits every name."),
        ("signal", "unheard_of", "Choose a reason from the list."),
        ("state", "withdrawn", "Choose from the list."),
        ("since", "yesterday", "Enter a day and a time"),
        ("country", "XX", "Choose a country from the list."),
    ],
)
def test_what_is_no_condition_is_refused_in_words(
    browser: Browser, campaign: Campaign, field: str, typed: str, words: str
) -> None:
    text = ask(browser, campaign, 422, **{field: typed})
    assert words in text
    assert "<title>Error: " in text
    assert db.session.scalar(select(func.count(Invalidation.id))) == 0


@pytest.mark.parametrize("conditions", [{}, {"state": "held"}])
def test_without_a_condition_nobody_is_meant(browser: Browser, campaign: Campaign, conditions: dict[str, str]) -> None:
    assert "Fill in at least one condition" in ask(browser, campaign, 422, **conditions)


def test_a_run_needs_a_class_and_a_reason(browser: Browser, campaign: Campaign) -> None:
    page = ask(browser, campaign, domain="spam.example")
    answer = press(browser, page, "run", reason_class="whatever", reason="x")
    assert answer.status_code == 422
    assert "Choose what the public is told." in answer.text
    assert "Write why, so that somebody else understands it." in answer.text
    assert stored().state is InvalidationState.READY
    press(browser, page, "run", reason_class="bots", reason="Enough of a reason")
    work()
    assert press(browser, page, "restore", restore_reason="").status_code == 422
    assert stored().state is InvalidationState.DONE


def test_what_moved_on_is_not_done_twice(browser: Browser, campaign: Campaign) -> None:
    page = ask(browser, campaign, domain="spam.example")
    for _ in range(2):
        press(browser, page, "run", reason_class="bots", reason="Enough of a reason")
    assert "Nothing was done: this had moved on." in shown(browser, page)
    work()
    press(browser, page, "stop")
    press(browser, page, "go_on")
    assert stored().state is InvalidationState.DONE
    assert press(browser, page, "no such thing").status_code == 422


def test_prepared_conditions_come_in_the_address_and_names_do_not(browser: Browser, campaign: Campaign) -> None:
    query = (
        f"network={LABEL}&domain=spam.example&source=front&country=PL&signal=burst&state=held"
        "&since=2026-03-12T10:00&address=someone@example.org&name=Some+One"
    )
    text = browser.get(f"/admin/campaigns/{campaign.slug}/invalidations?{query}").text
    for value in (f'value="{LABEL}"', 'value="spam.example"', 'value="front"', 'value="2026-03-12T10:00"'):
        assert value in text
    for chosen in ("PL", "burst", "held"):
        assert f'value="{chosen}" selected' in re.sub(r'selected value="(\w+)"', r'value="\1" selected', text)
    assert "someone@example.org" not in text
    assert "Some One" not in text


def test_another_like_it_is_prepared_without_people(browser: Browser, campaign: Campaign) -> None:
    page = ask(browser, campaign, network=LABEL, address="bot*@spam.example", name="bot*", since="2026-03-12T10:00")
    link = re.search(r'href="([^"]*/invalidations\?[^"]*)"', browser.get(page).text)
    assert link is not None
    assert LABEL in link[1]
    assert "since=" in link[1]
    assert "bot" not in link[1]
    assert 'value="2026-03-12T10:00"' in browser.get(link[1].replace("&amp;", "&")).text


def test_many_are_counted_in_the_background(browser: Browser, campaign: Campaign, monkeypatch: Any) -> None:
    monkeypatch.setattr("campaign.admin.invalidations.MOST_LOOKED_AT", 2)
    assert MOST_LOOKED_AT > 2
    page = ask(browser, campaign, domain="spam.example")
    assert "They are being counted." in shown(browser, page)
    assert "spam.example" in shown(browser, f"/admin/campaigns/{campaign.slug}/invalidations")
    work()
    assert '<p class="number">4</p>' in shown(browser, page)


def test_a_preview_that_finds_nobody_has_no_button(browser: Browser, campaign: Campaign) -> None:
    text = shown(browser, ask(browser, campaign, domain="nobody.example"))
    assert '<p class="number">0</p>' in text
    assert 'value="run"' not in text
