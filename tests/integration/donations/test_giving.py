"""From the form to the checkout and back, against the sandbox over HTTP."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from campaign.campaigns.models import CampaignState
from campaign.core.database import db
from campaign.core.http.limits import limiter
from campaign.donations import offers
from campaign.donations.models import Donation, DonationState, Payment
from campaign.donations.queries import totals
from tests.factories import make_campaign
from tests.integration.donations.conftest import FORM, Money


def test_form_leads_straight_to_the_checkout(money: Money) -> None:
    campaign = make_campaign()
    donation = money.give(campaign, source="article-1", updates="on", message="Good luck\nto all", cover_fee="1")
    assert (donation.state, donation.amount_minor, donation.fee_cover_minor) == (DonationState.OPEN, 1036, 36)
    assert (donation.source, donation.wants_updates, donation.show_name) == ("article-1", True, False)
    session = money.sandbox.client().v1.checkout.sessions.retrieve(donation.checkout_session or "")
    assert (session.amount_total, session.currency, session.client_reference_id) == (1036, "gbp", donation.public_id)
    assert session.success_url == f"http://campaign.test/donations/{donation.public_id}"


def test_names_of_any_script_survive(money: Money) -> None:
    names = ["Олена Шевченко", "محمد علي", "O’Neill-Søgaard", "李小龍", "José Ñandú"]
    campaign = make_campaign()
    for name in names:
        money.give(campaign, name=name)
    assert [donation.name for donation in money.donations()] == names


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"amount": "", "other_amount": ""}, "Choose an amount"),
        ({"other_amount": "NaN"}, "Enter an amount in figures"),
        ({"other_amount": "1e3"}, "Enter an amount in figures"),
        ({"other_amount": "1_000"}, "Enter an amount in figures"),
        ({"other_amount": "١٢"}, "Enter an amount in figures"),
        ({"other_amount": "-5"}, "Enter an amount in figures"),
        ({"other_amount": "0"}, "Enter an amount in figures"),
        ({"other_amount": "10.001"}, "Enter an amount in figures"),
        ({"other_amount": "1.99"}, "The smallest donation is £2"),
        ({"other_amount": "999999.99", "cover_fee": "1"}, "more than can be paid"),
        ({"currency": "EUR"}, "are made in GBP"),
        ({"frequency": "weekly"}, "how often"),
        ({"name": ""}, "Enter your name"),
        ({"name": "=cmd|x"}, "without links"),
        ({"name": "see http://evil.example"}, "without links"),
        ({"name": "Ada\r\nBcc: x@example.org"}, "on one line"),
        ({"email": "ada"}, "email address with an @"),
        ({"email": "ada@example.org\r\nBcc: x@example.org"}, "email address with an @"),
        ({"message": "x" * 201}, "200 characters"),
    ],
)
def test_a_bad_field_comes_back_with_what_was_typed(money: Money, typed: dict[str, str], message: str) -> None:
    campaign = make_campaign()
    answer = money.send(campaign, **{"message": "keep me", "name": "Grace Hopper", **typed})
    assert answer.status_code == 422
    assert message in answer.text
    if "name" not in typed:
        assert "Grace Hopper" in answer.text
    if "message" not in typed:
        assert "keep me" in answer.text
    assert money.donations() == []


def test_posted_prices_and_repeated_fields_change_nothing(money: Money) -> None:
    campaign = make_campaign()
    data = {**FORM, "amount_minor": "1", "unit_amount": "1", "price": "price_1", "other_amount": ["12.50", "1"]}
    assert money.client.post(f"/campaigns/{campaign.slug}/donate", data=data).status_code == 303
    assert money.donations()[0].amount_minor == 1250


@pytest.mark.parametrize("body", ['{"amount": 10}', "[1, 2]", "{", '"x"', "null"])
def test_another_content_type_is_an_empty_form(money: Money, body: str) -> None:
    path = f"/campaigns/{make_campaign().slug}/donate"
    assert money.client.post(path, data=body, content_type="application/json").status_code == 422
    assert money.client.post(path, data=body, content_type="text/plain").status_code == 422


def test_a_form_from_another_site_is_refused(money: Money) -> None:
    path = f"/campaigns/{make_campaign().slug}/donate"
    assert money.client.post(path, data=FORM, headers={"Origin": "https://evil.example"}).status_code == 403
    assert money.donations() == []


@pytest.mark.parametrize(("currency", "typed", "minor"), [("JPY", "1000", 1000), ("KWD", "12.34", 12340)])
def test_currencies_without_two_decimals(money: Money, currency: str, typed: str, minor: int) -> None:
    campaign = make_campaign(currency=currency, suggested_amounts="1000", donation_minimum_minor=1)
    assert money.give(campaign, amount=typed, currency=currency).amount_minor == minor


def test_a_link_chooses_the_amount_and_names_the_article(money: Money) -> None:
    campaign = make_campaign()
    page = money.client.get(f"/campaigns/{campaign.slug}/donate?amount=25&source=article-7")
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers
    assert 'value="article-7"' in page.text
    assert re.findall(r'value="([^"]+)" checked', page.text) == ["25"]
    other = money.client.get(f"/campaigns/{campaign.slug}/donate?amount=33")
    assert 'value="33"' in other.text


def test_who_takes_no_donations(money: Money) -> None:
    answers = {
        make_campaign(state=CampaignState.DRAFT, published_at=None).slug: 404,
        make_campaign(takes_donations=False).slug: 404,
        make_campaign(state=CampaignState.CLOSED).slug: 410,
        make_campaign(state=CampaignState.WITHDRAWN).slug: 410,
        "nowhere": 404,
    }
    for slug, expected in answers.items():
        assert money.client.get(f"/campaigns/{slug}/donate").status_code == expected
        assert money.client.post(f"/campaigns/{slug}/donate", data=FORM).status_code == expected
    assert money.donations() == []
    assert money.client.get("/donations/unknown").status_code == 404


def checkouts_of(money: Money, donation: Donation) -> list[str]:
    """All that Stripe has opened for a donation."""
    newest = money.sandbox.client().v1.checkout.sessions.list({"limit": 100}).data
    return [session.id for session in newest if session.client_reference_id == donation.public_id]


def test_double_click(money: Money, app: Flask) -> None:
    campaign = make_campaign()
    key = money.show_form(campaign)
    answers: list[TestResponse] = []

    def click() -> None:
        with app.test_client() as browser:
            path = f"/campaigns/{campaign.slug}/donate"
            answers.append(browser.post(path, data={**FORM, "idempotency_key": key}))

    clicks = [threading.Thread(target=click) for _ in range(8)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert len(money.donations()) == len(checkouts_of(money, money.donations()[0])) == 1


def test_going_back_to_change_the_amount_is_another_gift(money: Money) -> None:
    campaign = make_campaign()
    key = money.show_form(campaign)
    first = money.send(campaign, idempotency_key=key)
    second = money.send(campaign, idempotency_key=key, amount="25")
    assert first.location != second.location
    assert [donation.amount_minor for donation in money.donations()] == [1000, 2500]


def test_sending_a_paid_form_again_leads_to_its_page(money: Money) -> None:
    campaign = make_campaign()
    key = money.show_form(campaign)
    donation = money.give(campaign, idempotency_key=key)
    money.pay(donation)
    money.client.get(f"/donations/{donation.public_id}")
    answer = money.send(campaign, idempotency_key=key)
    assert answer.location.endswith(f"/donations/{donation.public_id}")
    assert len(money.donations()) == 1


def test_five_checkouts_in_ten_minutes(money: Money) -> None:
    campaign = make_campaign()
    for _ in range(7):
        assert money.send(campaign, name="").status_code == 422
    keys = [money.show_form(campaign) for _ in range(6)]
    for key in keys[:5]:
        assert money.send(campaign, idempotency_key=key).status_code == 303
    refused = money.send(campaign, idempotency_key=keys[5])
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    assert money.send(campaign, idempotency_key=keys[4]).status_code == 303  # the same form again
    assert len(money.donations()) == 5
    limiter.reset()
    assert money.send(campaign, idempotency_key=keys[5]).status_code == 303


def test_a_volley_of_forms_gets_no_further_than_one_after_another(app: Flask, money: Money) -> None:
    campaign = make_campaign()
    keys = [money.show_form(campaign) for _ in range(20)]

    def send(key: str) -> int:
        with app.app_context():
            return money.send(campaign, idempotency_key=key).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, keys))
    assert answers.count(429) == 15
    assert len(money.donations()) == 5


def test_time_out_after_stripe_acted(money: Money) -> None:
    campaign = make_campaign()
    fault = {"match": "POST /v1/checkout/sessions", "kind": "act_then_timeout", "seconds": 0.1, "times": 2}
    money.sandbox.control("faults", {"next": [fault]})
    key = money.show_form(campaign)
    silent = money.send(campaign, idempotency_key=key)
    assert silent.status_code == 503
    assert silent.headers["Retry-After"]
    assert key in silent.text  # the same form, to be sent again
    assert "Ada Lovelace" in silent.text
    assert money.donations()[0].state is DonationState.CREATED
    donation = money.give(campaign, idempotency_key=key)
    assert len(money.donations()) == 1
    assert checkouts_of(money, donation) == [donation.checkout_session]


@pytest.mark.parametrize("kind", ["500", "act_then_500", "503", "429"])
def test_stripe_in_trouble_is_no_failed_payment(money: Money, kind: str) -> None:
    campaign = make_campaign()
    money.sandbox.control("faults", {"next": [{"match": "POST *", "kind": kind, "times": 2}]})
    key = money.show_form(campaign)
    assert money.send(campaign, idempotency_key=key).status_code == 503
    money.sandbox.control("faults", {"clear": True})
    assert money.donations()[0].state is DonationState.CREATED
    assert money.give(campaign, idempotency_key=key).state is DonationState.OPEN  # after a 500 under another key
    assert len(money.donations()) == 1


def test_what_only_stripe_finds_too_small_is_an_error_of_the_form(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "minimum_minor", lambda _currency: 1)  # as if Stripe had raised its minimum
    answer = money.send(make_campaign(donation_minimum_minor=1), other_amount="0.29")
    assert answer.status_code == 422
    assert "too small to be paid by card" in answer.text
    assert "Ada Lovelace" in answer.text


def test_an_address_that_stripe_refuses_is_an_error_of_the_form(money: Money) -> None:
    answer = money.send(make_campaign(), email='"a b"@example.org')
    assert answer.status_code == 422
    assert "email address" in answer.text


def test_unpaid_return(money: Money) -> None:
    donation = money.give(make_campaign())
    page = money.client.get(f"/donations/{donation.public_id}")
    assert page.status_code == 200
    assert "Not paid" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert money.donations()[0].state is DonationState.OPEN
    for personal in ("Ada", "Lovelace", "ada@example.org"):
        assert personal not in page.text


def test_guessed_return(money: Money) -> None:
    """What somebody writes into the address proves nothing, whatever it claims."""
    campaign = make_campaign()
    donation, other = money.give(campaign), money.give(campaign)
    money.pay(other)
    guess = f"?session_id={other.checkout_session}&paid=1&payment_status=paid"
    assert "Not paid" in money.client.get(f"/donations/{donation.public_id}{guess}").text
    assert money.donations()[0].state is DonationState.OPEN
    assert money.client.get("/donations/23456789abcdefgh").status_code == 404
    assert money.client.get(f"/donations/{other.checkout_session}").status_code == 404
    assert money.rows(Payment) == []


def test_lost_webhook_is_made_good_by_the_page(money: Money) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    money.pay(donation)
    page = money.client.get(f"/donations/{donation.public_id}")
    assert "We have received £10" in page.text
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]


def test_page_shows_what_is_stored_while_stripe_is_away(money: Money) -> None:
    donation = money.give(make_campaign())
    money.pay(donation)
    money.sandbox.control("faults", {"next": [{"kind": "503", "times": 2}]})
    started = time.monotonic()
    page = money.client.get(f"/donations/{donation.public_id}")
    assert page.status_code == 200
    assert "Not paid" in page.text
    assert time.monotonic() - started < 10
    assert money.rows(Payment) == []


def test_decline_then_success_on_one_page(money: Money) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    assert money.pay(donation, card="4000000000000002")["outcome"] == "declined"
    assert "Not paid" in money.client.get(f"/donations/{donation.public_id}").text
    assert money.donations()[0].state is DonationState.OPEN
    money.pay(donation)
    assert "We have received" in money.client.get(f"/donations/{donation.public_id}").text
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]
