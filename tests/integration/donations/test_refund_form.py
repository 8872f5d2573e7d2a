"""Refunds as an admin makes them: the form in the browser, the worker, Stripe. Rules of the room: test_refunding.py."""

import re
import threading

import pytest
from flask import Flask

from campaign.core.database import db
from campaign.donations.models import DonationState, Refund, RefundState
from campaign.donations.queries import totals
from campaign.staff.models import Role
from tests.factories import make_campaign
from tests.integration.admin.conftest import Browser, make_person
from tests.integration.donations.conftest import Money

PAID = "checkout.session.completed"


class Desk:
    """An admin before a gift of £10 that arrived."""

    def __init__(self, money: Money, app: Flask) -> None:
        self.money, self.browser = money, Browser(app)
        assert self.browser.sign_in(make_person(Role.ADMIN).email).status_code == 302
        self.campaign = make_campaign()
        donation = money.give(self.campaign)
        self.paid = money.pay(donation)
        money.hear(PAID)
        self.path = f"/admin/campaigns/{self.campaign.slug}/donations/{donation.public_id}/refund"

    def open_form(self) -> dict[str, str]:
        """The hidden fields of a fresh form, its token among them."""
        page = self.browser.get(self.path).text
        fields = {}
        for name in ("payment", "form_key", "csrf_token"):
            (fields[name],) = set(re.findall(rf'name="{name}"[^>]* value="([^"]+)"', page))
        return fields

    def send(self, form: dict[str, str], amount: str) -> int:
        fields = {**form, "amount": amount, "reason": "Given by mistake"}
        return self.browser.post(self.path, fields, token=form["csrf_token"]).status_code

    def at_stripe(self) -> list[int]:
        found = self.money.sandbox.client().v1.refunds.list({"payment_intent": self.paid["payment_intent"]})
        return sorted(refund.amount for refund in found.data)

    def sum(self) -> list[tuple[str, int, int]]:
        db.session.rollback()
        return totals(db.session(), self.campaign.id)


@pytest.fixture
def desk(money: Money, app: Flask) -> Desk:
    return Desk(money, app)


def test_two_partial_refunds_by_form(desk: Desk) -> None:
    for amount in ("3", "7.00"):
        assert desk.send(desk.open_form(), amount) == 303
        desk.money.ask_stripe()
    assert desk.at_stripe() == [300, 700]
    assert desk.money.donations()[0].state is DonationState.REFUNDED
    assert desk.sum() == []


def test_over_refund_refused_by_form(desk: Desk) -> None:
    assert desk.send(desk.open_form(), "10.01") == 422
    first, second = desk.open_form(), desk.open_form()  # two windows
    assert desk.send(first, "6") == 303
    assert desk.send(second, "6") == 422
    desk.money.ask_stripe()
    assert desk.send(second, "4.01") == 422
    assert desk.at_stripe() == [600]
    assert desk.sum() == [("GBP", 400, 1)]


def test_double_click_refund_by_form(desk: Desk, app: Flask) -> None:
    form, answers = desk.open_form(), []
    signed_in = desk.browser.client.get_cookie("staff", domain="campaign.test", path="/admin")
    assert signed_in

    def click() -> None:
        other = Browser(app)  # a client of its own for each click, signed in by the same cookie
        other.client.set_cookie("staff", signed_in.value, domain="campaign.test", path="/admin")
        fields = {**form, "amount": "3", "reason": "Given by mistake"}
        answers.append(other.post(desk.path, fields, token=form["csrf_token"]).status_code)

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert set(answers) == {303}
    desk.money.ask_stripe()
    assert [(row.amount_minor, row.state) for row in desk.money.rows(Refund)] == [(300, RefundState.SUCCEEDED)]
    assert desk.at_stripe() == [300]
