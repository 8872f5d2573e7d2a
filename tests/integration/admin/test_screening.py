"""The page of a campaign's screening: rules, words and lists, each change in the trail and none lost."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core.database import db
from campaign.core.networks import network_hash
from campaign.petitions.models import (
    Listing,
    ListSubject,
    ScreeningAction,
    ScreeningEntry,
    ScreeningKey,
    ScreeningRules,
    Signal,
)
from campaign.petitions.screening.lists import network_key
from campaign.petitions.screening.rules import BOUNDS, SET_SIGNALS, Numbers, Rules, rules_of
from campaign.petitions.screening.starting_words import STARTING_WORDS, Words
from campaign.settings import Settings
from campaign.staff.models import Role
from tests.factories import make_campaign, make_signature
from tests.integration.admin.conftest import Browser, SignIn


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()


@pytest.fixture
def path(campaign: Campaign) -> str:
    return f"/admin/campaigns/{campaign.slug}/screening"


@pytest.fixture
def moderator(sign_in: SignIn) -> Browser:
    return sign_in(Role.MODERATOR)


def sent(edition: int = 0, **more: Any) -> dict[str, Any]:
    """The form as a browser sends it, untouched."""
    rules = Rules()
    values = {f"action_{signal.value}": rules.actions[signal].value for signal in SET_SIGNALS}
    values |= {name: str(getattr(rules.numbers, name)) for name in BOUNDS}
    for code in ("any", "en"):
        values[f"names_{code}"] = "\r\n".join(STARTING_WORDS[code].names)
        values[f"comments_{code}"] = "\r\n".join(STARTING_WORDS[code].comments)
    return values | {"edition": str(edition)} | more


def post(browser: Browser, path: str, data: dict[str, Any]) -> Any:
    return browser.post(path, data, token=browser.token("/admin/"))


def stored(campaign: Campaign) -> Rules:
    db.session.rollback()
    return rules_of(db.session(), campaign.id)


def test_what_is_sent_as_it_was_shown_changes_nothing(moderator: Browser, path: str, campaign: Campaign) -> None:
    assert moderator.get(path).status_code == 200
    assert post(moderator, path, sent()).status_code == 303
    db.session.rollback()
    assert db.session.get(ScreeningRules, campaign.id) is None


def test_rules_are_stored_and_shown_again(moderator: Browser, path: str, campaign: Campaign) -> None:
    more = {"action_name": "mark", "burst_limit": "1,000", "names_en": " Fake  Name \r\n\r\nFake Name\r\n*\r\nтест*"}
    assert post(moderator, path, sent(**more)).status_code == 303
    rules = stored(campaign)
    assert rules.actions[Signal.NAME] is ScreeningAction.MARK
    assert rules.numbers == Numbers(burst_limit=1000)
    assert rules.words["en"] == Words(("Fake Name", "тест*"), STARTING_WORDS["en"].comments)
    assert rules.words["uk"] == STARTING_WORDS["uk"]
    page = moderator.get(path).text
    assert "Fake Name\nтест*" in page.replace("\r\n", "\n")
    assert '<option selected value="mark">' in page
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "screening.rules"))
    assert entry.actor == "moderator@lantern.example"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"burst_limit": "0"}, "Enter a whole number above zero"),
        ({"burst_limit": "1001"}, "Enter a number from 1 to 1000."),
        ({"burst_minutes": "soon"}, "Enter a whole number above zero"),
        ({"country_times": "1"}, "Enter a number from 2 to 100."),
        ({"names_en": "x" * 61}, "is too long. Write one word or phrase a line."),
        ({"comments_any": "\n".join(f"word{n}" for n in range(301))}, "Write at most 300 lines."),
        ({"action_burst": "refuse"}, "Choose what happens from the list."),
    ],
)
def test_what_cannot_be_set_is_told_and_nothing_stored(
    moderator: Browser, path: str, campaign: Campaign, more: dict[str, str], told: str
) -> None:
    answer = post(moderator, path, sent(**more))
    assert answer.status_code == 422
    assert told in answer.text
    assert "<title>Error: " in answer.text
    assert stored(campaign) == Rules()


@pytest.mark.parametrize("edition", [0, "", "x", "٣"])
def test_a_stale_form_stores_nothing_and_shows_what_is_there(
    moderator: Browser, path: str, campaign: Campaign, edition: Any
) -> None:
    assert post(moderator, path, sent(action_name="off")).status_code == 303
    answer = post(moderator, path, sent(edition, action_name="mark"))
    assert answer.status_code == 409
    assert "Somebody else has changed these rules meanwhile" in answer.text
    assert stored(campaign).actions[Signal.NAME] is ScreeningAction.OFF
    assert post(moderator, path, sent(1, action_name="mark")).status_code == 303
    assert stored(campaign).actions[Signal.NAME] is ScreeningAction.MARK


def entry(**more: str) -> dict[str, str]:
    return {"listing": "blocked", "subject": "domain", "value": "spam.example", "note": ""} | more


def entries() -> list[ScreeningEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(ScreeningEntry).order_by(ScreeningEntry.id)))


def test_lines_go_on_the_lists_and_off_again(moderator: Browser, path: str, campaign: Campaign) -> None:
    assert post(moderator, f"{path}/lists", entry()).status_code == 303
    allowed = entry(listing="allowed", subject="network", value="192.0.2.0/24", note="City library")
    assert post(moderator, f"{path}/lists", allowed).location.endswith("#lists")
    first, second = entries()
    assert (first.listing, first.subject, first.shown) == (Listing.BLOCKED, ListSubject.DOMAIN, "spam.example")
    page = moderator.get(path).text
    assert "spam.example" in page
    assert "City library" in page
    gone, kept = first.id, second.id
    assert post(moderator, f"{path}/lists/{gone}/remove", {}).status_code == 303
    assert [one.id for one in entries()] == [kept]
    assert post(moderator, f"{path}/lists/{gone}/remove", {}).status_code == 404


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"value": "spam"}, "Enter a domain like example.org"),
        ({"subject": "network", "value": "10.0.0.0/8", "note": "x"}, "This is too wide."),
        ({"subject": "network", "value": "192.0.2.0/24"}, "Write whose network it is"),
        ({"subject": "network", "value": "here", "note": "x"}, "Enter a network like 192.0.2.0/24"),
        ({"subject": "address", "value": "<b>@x"}, "Enter an address like name@example.org"),
        ({"subject": "person"}, "Choose what it is."),
        ({"listing": "grey"}, "Choose a list."),
        ({"value": "*a*b*c*.example.org"}, "Use three stars at most."),
    ],
)
def test_what_is_no_line_is_told_at_its_field(moderator: Browser, path: str, more: dict[str, str], told: str) -> None:
    answer = post(moderator, f"{path}/lists", entry(**more))
    assert answer.status_code == 422
    assert answer.text.count(told) == 2  # in the summary and at the field
    assert entries() == []


def test_the_network_of_a_signature_is_listed_by_its_number(
    moderator: Browser, path: str, campaign: Campaign, settings: Settings
) -> None:
    hashed = network_hash(settings.hash_key, "192.0.2.7")
    signature = make_signature(campaign, name="Jane Smith", network_hash=hashed)
    nameless, foreign = (
        make_signature(campaign, network_hash=None),
        make_signature(make_campaign(), network_hash=hashed),
    )
    assert "Jane Smith" in moderator.get(f"{path}?signature={signature.id}").text
    for unknown in (foreign.id, "x", 10**30):
        assert moderator.get(f"{path}?signature={unknown}").status_code == 404
        assert post(moderator, f"{path}/lists", entry(signature=str(unknown), note="attack")).status_code == 404
    assert post(moderator, f"{path}/lists", entry(signature=str(nameless.id), note="attack")).status_code == 410
    assert post(moderator, f"{path}/lists", entry(signature=str(signature.id))).status_code == 422
    assert entries() == []
    assert post(moderator, f"{path}/lists", entry(signature=str(signature.id), note="attack")).status_code == 303
    [one] = entries()
    assert (one.subject, one.note) == (ListSubject.NETWORK, "attack")
    assert db.session.scalars(select(ScreeningKey.key)).all() == [network_key(hashed)]


def test_another_campaigns_line_is_not_to_be_taken_off(moderator: Browser, path: str, campaign: Campaign) -> None:
    other = make_campaign()
    post(moderator, f"/admin/campaigns/{other.slug}/screening/lists", entry())
    [one] = entries()
    assert post(moderator, f"{path}/lists/{one.id}/remove", {}).status_code == 404
    assert len(entries()) == 1
