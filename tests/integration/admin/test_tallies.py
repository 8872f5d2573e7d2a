"""Tallies from paper and partners: entered once, corrected with a reason and a history, and part of a total that says so."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core.database import db
from campaign.petitions.models import CollectedTally, Origin
from campaign.staff.models import Role
from tests.factories import make_campaign, make_import, make_signature
from tests.integration.admin.conftest import Browser, SignIn

FIELDS = {"origin": "paper", "source": "lists at <b>four</b> stations", "count": "1,318", "counted_on": "2026-03-12"}


def send(browser: Browser, campaign: Campaign, path: str = "", **fields: Any) -> Any:
    address = f"/admin/campaigns/{campaign.slug}/tallies{path}"
    answer = browser.post(address, FIELDS | fields, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def stored() -> list[CollectedTally]:
    db.session.rollback()
    return list(db.session.scalars(select(CollectedTally).order_by(CollectedTally.id)))


def test_a_tally_is_part_of_the_total_with_its_source_and_day(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, other, browser = make_campaign(), make_campaign(), sign_in(Role.ADMIN)
    for _ in range(2):
        make_signature(campaign)
    assert send(browser, campaign).status_code == 303
    assert send(browser, campaign, origin="partner", source="Open Hands", count="40").status_code == 303
    page = client.get(f"/campaigns/{campaign.slug}").text
    assert 'class="number">1,360<' in page
    assert "2 signed here and confirmed it by email." in page
    assert "1,318 on paper: lists at &lt;b&gt;four&lt;/b&gt; stations, counted on 12 March." in page
    assert "40 with a partner: Open Hands, counted on 12 March." in page
    assert "signed here" not in client.get(f"/campaigns/{other.slug}").text


def test_rows_of_a_file_are_told_apart_from_those_signed_here(sign_in: SignIn, client: FlaskClient) -> None:
    campaign = make_campaign()
    make_signature(campaign)
    files = [make_import(campaign, source="Open Hands"), make_import(campaign, source="Open Hands")]
    files.append(make_import(campaign, source="market lists", origin=Origin.PAPER))
    for brought in files:
        make_signature(campaign, import_id=brought.id, origin=brought.origin)
    page = client.get(f"/campaigns/{campaign.slug}").text
    assert 'class="number">4<' in page
    assert "1 signed here and confirmed it by email." in page
    assert "2 with a partner: Open Hands, counted on 12 March." in page
    assert "1 on paper: market lists, counted on 12 March." in page
    assert "12 March.1" not in page
    assert "12 March.2" not in page
    assert client.get(f"/api/v1/campaigns/{campaign.slug}").json["signatures"]["confirmed"] == 4  # type: ignore[index]


def test_a_double_click_enters_one(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for _ in range(2):
        assert send(browser, campaign, key="thesamekey123456").status_code == 303
    assert send(browser, campaign).status_code == 303
    assert [row.count for row in stored()] == [1318, 1318]


def test_a_correction_leaves_the_history(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    send(browser, campaign)
    [row] = stored()
    fields = {"count": "1,300", "was": "1318", "reason": "Eighteen were <counted> twice."}
    assert send(browser, campaign, f"/{row.id}", **fields).status_code == 303
    assert stored()[0].count == 1300
    page = browser.get(f"/admin/campaigns/{campaign.slug}/tallies").text
    assert "entered as 1,318" in page
    assert "1,318 became 1,300, “Eighteen were &lt;counted&gt; twice.”" in page
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "tally.corrected")).one()
    assert (entry.details["before"]["count"], entry.details["count"]) == (1318, 1300)
    assert send(browser, campaign, f"/{row.id}", count="0", was="1300", reason="Not ours.").status_code == 303
    assert "on paper:" not in client.get(f"/campaigns/{campaign.slug}").text


def test_two_corrections_at_once_see_each_other(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    send(browser, campaign)
    [row] = stored()
    assert send(browser, campaign, f"/{row.id}", count="5", was="1318", reason="Five.").status_code == 303
    late = send(browser, campaign, f"/{row.id}", count="6", was="1318", reason="Six.")
    assert (late.status_code, "it says 5 now" in late.text) == (409, True)
    assert stored()[0].count == 5
    assert send(browser, campaign, f"/{row.id}", count="6", was="5", reason="Six.").status_code == 303


BAD = [
    ("origin", "online", "Choose paper or a partner."), ("source", "", "Write where they were collected"),
    ("count", "0", "whole number"), ("count", "-5", "whole number"), ("count", "many", "whole number"),
    ("counted_on", "", "Enter the day"), ("counted_on", "2999-01-01", "Enter a day that has been."),
    ("source", "two\nlines", "on one line"),
]  # fmt: skip


def test_a_bad_form_asks_again_and_stores_nothing(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for name, value, words in BAD:
        answer = send(browser, campaign, **{name: value})
        assert (answer.status_code, words in answer.text) == (422, True), (name, value)
    assert stored() == []
    send(browser, campaign)
    [row] = stored()
    answer = send(browser, campaign, f"/{row.id}", was="1318", reason="")
    assert (answer.status_code, "Write what was wrong." in answer.text) == (422, True)
    assert stored()[0].count == 1318


def test_another_campaigns_tally_is_not_found(sign_in: SignIn) -> None:
    campaign, other, browser = make_campaign(), make_campaign(), sign_in(Role.ADMIN)
    send(browser, other)
    [row] = stored()
    assert browser.get(f"/admin/campaigns/{campaign.slug}/tallies/{row.id}").status_code == 404
    assert send(browser, campaign, f"/{row.id}", count="1", was="1318", reason="Mine.").status_code == 404
    assert stored()[0].count == 1318
