"""Donors' messages: nobody reads one on our pages unless the donor ticked the box, the money stayed and a moderator said so."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core.database import db, transaction
from campaign.donations.models import Donation, DonationState, MessageState
from campaign.staff.models import Role
from tests.factories import make_campaign
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.public.conftest import make_donation


def make_message(campaign: Campaign, text: str, **more: Any) -> Donation:
    values = {"message_state": MessageState.AWAITING, "show_name": True, "form_key": text} | more
    return make_donation(campaign, message=text, **values)


def send(browser: Browser, campaign: Campaign, action: str, *chosen: Donation, state: str = "awaiting") -> Any:
    sent = {"action": action, "state": state, "ids": [donation.public_id for donation in chosen]}
    answer = browser.post(f"/admin/campaigns/{campaign.slug}/messages/decide", sent, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def state_of(donation: Donation) -> MessageState | None:
    db.session.rollback()
    return db.session.get_one(Donation, donation.id).message_state


def test_a_published_message_shows_with_first_name_and_memory(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, other, browser = make_campaign(), make_campaign(), sign_in(Role.MODERATOR)
    shown = make_message(campaign, "Hold <on>.", in_memory_of="Yusuf & <Sara>")
    bare = make_message(campaign, "", in_memory_of="Baba", name="Grace Hopper")
    waiting = make_message(campaign, "Not yet.")
    assert "Hold" not in client.get(f"/campaigns/{campaign.slug}").text
    assert send(browser, campaign, "publish", shown, bare).status_code == 303
    page = client.get(f"/campaigns/{campaign.slug}").text
    for words in ("<bdi>Ada</bdi>", "Hold &lt;on&gt;.", "Yusuf &amp; &lt;Sara&gt;", "<bdi>Grace</bdi>", "Baba"):
        assert words in page, words
    assert "Lovelace" not in page
    assert "Not yet." not in page
    assert "Hold" not in client.get(f"/campaigns/{other.slug}").text
    assert state_of(waiting) is MessageState.AWAITING
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "message.published")).all()
    assert {entry.object_id for entry in entries} == {shown.public_id, bare.public_id}
    assert "Hold" not in str([entry.details for entry in entries])


@pytest.mark.parametrize(
    "more",
    [
        {"show_name": False}, {"message_state": None},
        *({"state": state} for state in DonationState
          if state not in (DonationState.SUCCEEDED, DonationState.PARTIALLY_REFUNDED)),
    ],
    ids=str,
)  # fmt: skip
def test_what_may_not_show_is_neither_asked_about_nor_decided(
    sign_in: SignIn, client: FlaskClient, more: dict[str, Any]
) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    donation = make_message(campaign, "Quiet.", **more)
    assert "Quiet." not in browser.get(f"/admin/campaigns/{campaign.slug}/messages").text
    before = state_of(donation)
    send(browser, campaign, "publish", donation)
    assert state_of(donation) is before
    with transaction() as session:  # as if it had been published while it could be
        session.get_one(Donation, donation.id).message_state = MessageState.PUBLISHED if before else None
    assert "Quiet." not in client.get(f"/campaigns/{campaign.slug}").text


def test_a_decision_can_be_turned_and_holds_for_what_was_seen(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    donation = make_message(campaign, "Rude.")
    send(browser, campaign, "publish", donation)
    late = send(browser, campaign, "refuse", donation)  # from a page that still showed it as waiting
    assert late.status_code == 303
    assert state_of(donation) is MessageState.PUBLISHED
    assert "left alone" in browser.get(late.headers["Location"]).text
    assert "Rude." in browser.get(f"/admin/campaigns/{campaign.slug}/messages?state=published").text
    send(browser, campaign, "refuse", donation, state="published")
    assert state_of(donation) is MessageState.REFUSED
    assert "Rude." not in client.get(f"/campaigns/{campaign.slug}").text
    send(browser, campaign, "publish", donation, state="refused")
    assert state_of(donation) is MessageState.PUBLISHED


def test_another_campaigns_message_is_left_alone(sign_in: SignIn) -> None:
    campaign, other, browser = make_campaign(), make_campaign(), sign_in(Role.MODERATOR)
    donation = make_message(other, "Theirs.")
    assert send(browser, campaign, "publish", donation).status_code == 303
    assert state_of(donation) is MessageState.AWAITING
    assert send(browser, campaign, "publish").status_code == 422
    assert send(browser, other, "delete", donation).status_code == 422


def test_the_page_shows_no_address_and_no_sum_and_is_in_the_trail(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    make_message(campaign, "Hello.")
    page = browser.get(f"/admin/campaigns/{campaign.slug}/messages").text
    assert "Ada Lovelace" in page
    assert "ada@example.org" not in page
    assert "£10" not in page
    assert "1 donor’s message to read" in browser.get("/admin/").text
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "messages.viewed")).one().details == {
        "state": "awaiting"
    }
