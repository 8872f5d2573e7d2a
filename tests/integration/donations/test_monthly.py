"""Gifts that come every month: counted by paid invoices, changed and ended as the donor wants, whatever Stripe does."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import Closed
from campaign.core.links import Links
from campaign.core.tokens import Tokens
from campaign.donations import changing, giver
from campaign.donations.models import (
    Alarm,
    AlarmKind,
    ChangeKind,
    ChangeState,
    DonationState,
    FailedRenewal,
    Frequency,
    MonthlyGift,
    MonthlyGiftChange,
    MonthlyGiftState,
    Payment,
    Receipt,
    StripeEvent,
)
from campaign.donations.queries import totals
from campaign.mail.models import MailKind, OutboxMessage
from campaign.settings import current_settings
from campaign.worker.receipts import renewal_failed
from tests.factories import make_campaign
from tests.integration.donations.conftest import Money

PAID = "checkout.session.completed"


class Monthly:
    """A monthly gift of £5, begun, and what may happen to it."""

    def __init__(self, money: Money) -> None:
        self.money = money
        self.campaign = make_campaign()
        self.donation = money.give(self.campaign, frequency="monthly", amount="5")
        self.paid = money.pay(self.donation)

    @property
    def gift(self) -> MonthlyGift:
        (gift,) = self.money.rows(MonthlyGift)
        return gift

    def start(self) -> "Monthly":
        self.money.hear(PAID)
        return self

    def renew(self) -> None:
        self.money.sandbox.control("renew", {"subscription": self.paid["subscription"]})

    def ask(self, kind: ChangeKind, **more: int) -> None:
        with transaction() as session:
            changing.ask_change(session, self.gift.id, kind, asked_by="donor", now=clock.now(), **more)

    def press_cancel(self) -> None:
        """On the donor's own page."""
        token = giver.giving_token(Tokens(current_settings().secret_key), self.donation)
        answer = self.money.client.post(f"/giving/{token}/monthly/{self.gift.public_id}/cancel")
        assert answer.status_code == 303

    def carry_out(self) -> None:
        self.money.ask_stripe()

    def make_due(self) -> None:
        with transaction() as session:
            session.execute(update(MonthlyGiftChange).values(available_at=clock.now()))

    @property
    def changes(self) -> list[tuple[ChangeKind, ChangeState]]:
        return [(change.kind, change.state) for change in self.money.rows(MonthlyGiftChange)]

    def sum(self) -> list[tuple[str, int, int]]:
        db.session.rollback()
        return totals(db.session(), self.campaign.id)


@pytest.fixture
def monthly(money: Money) -> Monthly:
    return Monthly(money)


def test_the_form_offers_smaller_amounts_for_each_month(money: Money) -> None:
    page = money.client.get(f"/campaigns/{make_campaign(monthly_amounts='3,7').slug}/donate").text
    assert "Every month" in page
    assert 'name="amount" value="3"' in page
    without = make_campaign(monthly_amounts="")
    assert "Every month" not in money.client.get(f"/campaigns/{without.slug}/donate").text
    assert money.send(without, frequency="monthly").status_code == 422


def test_a_link_may_ask_for_every_month(money: Money) -> None:
    campaign = make_campaign(monthly_amounts="3,25")
    page = money.client.get(f"/campaigns/{campaign.slug}/donate?frequency=monthly&amount=25").text
    assert 'id="amount-monthly-1" name="amount" value="25" checked' in page
    assert page.count(" checked>") + page.count(" checked ") == 2  # how often, and how much


def test_first_monthly_payment_two_events_one_payment(monthly: Monthly) -> None:
    money = monthly.money
    assert monthly.donation.frequency is Frequency.MONTHLY
    assert money.sandbox.client().v1.subscriptions.retrieve(monthly.paid["subscription"]).metadata.to_dict() == {
        "donation": monthly.donation.public_id
    }
    money.hear("invoice.paid")
    money.hear(PAID)
    money.hear("invoice.paid")
    (payment,) = money.rows(Payment)
    assert (payment.invoice, payment.monthly_gift_id) == (monthly.paid["invoice"], monthly.gift.id)
    assert money.donations()[0].state is DonationState.SUCCEEDED
    assert (monthly.gift.state, monthly.gift.amount_minor, monthly.gift.currency) == ("active", 500, "GBP")
    assert monthly.gift.renews_at > clock.now() + timedelta(days=27)
    assert monthly.sum() == [("GBP", 500, 1)]
    assert len(money.rows(OutboxMessage)) == len(money.rows(Receipt)) == 1


def test_first_monthly_payment_found_by_the_thank_you_page(monthly: Monthly) -> None:
    page = monthly.money.client.get(f"/donations/{monthly.donation.public_id}").text
    assert "We have received £5" in page
    assert "You give this every month" in page
    assert monthly.sum() == [("GBP", 500, 1)]


def test_renewal(monthly: Monthly) -> None:
    money = monthly.start().money
    monthly.renew()
    money.hear("invoice.paid")
    money.hear("charge.updated")
    first, second = money.rows(Payment)
    assert first.invoice != second.invoice
    assert first.donation_id == second.donation_id
    assert second.fee_minor is not None
    assert monthly.sum() == [("GBP", 1000, 1)]
    assert len(money.rows(OutboxMessage)) == len(money.rows(Receipt)) == 2
    assert money.donations()[0].state is DonationState.SUCCEEDED


def test_failed_renewal(monthly: Monthly) -> None:
    money = monthly.start().money
    money.sandbox.control("fail_renewals", {"subscription": monthly.paid["subscription"]})
    monthly.renew()
    for _ in range(2):  # told once, however often it is heard of
        money.hear("invoice.payment_failed")
    (failed,) = money.rows(FailedRenewal)
    mails = [mail for mail in money.rows(OutboxMessage) if mail.kind is MailKind.RENEWAL_FAILED]
    assert [mail.object_id for mail in mails] == [failed.id]
    assert monthly.gift.state is MonthlyGiftState.PAST_DUE
    assert monthly.sum() == [("GBP", 500, 1)]
    found = renewal_failed(db.session(), failed.id, Links("http://campaign.test"), Tokens(("k" * 32,)))
    assert found
    address, context = found
    assert (address, context["renewal"]) == ("ada@example.org", {"amount_minor": 500, "currency": "GBP"})
    assert context["next_attempt_at"] is not None
    assert context["giving_url"].startswith("http://campaign.test/giving/")
    db.session.rollback()


def test_failed_renewal_that_is_paid_after_all(monthly: Monthly) -> None:
    money = monthly.start().money
    money.sandbox.control("fail_renewals", {"subscription": monthly.paid["subscription"]})
    monthly.renew()
    late_news = str(money.event("invoice.payment_failed"))
    money.sandbox.control("time", {"advance_seconds": 8 * 86400})
    money.hear("invoice.paid")
    money.deliver(late_news)
    money.work()
    assert monthly.sum() == [("GBP", 1000, 1)]
    assert monthly.gift.state is MonthlyGiftState.ACTIVE
    assert money.rows(FailedRenewal) == []  # it was heard of too late to worry anybody
    assert MailKind.RENEWAL_FAILED not in {mail.kind for mail in money.rows(OutboxMessage)}


def test_cancel(monthly: Monthly) -> None:
    monthly.start().ask(ChangeKind.CANCEL)
    monthly.carry_out()
    assert monthly.gift.state is MonthlyGiftState.CANCELED
    assert (monthly.gift.canceled_by, monthly.gift.renews_at) == ("donor", None)
    assert monthly.changes == [(ChangeKind.CANCEL, ChangeState.DONE)]
    with pytest.raises(Closed):
        monthly.ask(ChangeKind.PAUSE)


@pytest.mark.parametrize("kind", ["500", "503", "act_then_timeout"])
def test_cancel_with_stripe_failing(monthly: Monthly, kind: str) -> None:
    money = monthly.start().money
    fault = {"match": "DELETE /v1/subscriptions/*", "kind": kind, "seconds": 0.1, "times": 2}
    money.sandbox.control("faults", {"next": [fault]})
    monthly.press_cancel()
    monthly.press_cancel()
    monthly.carry_out()
    assert monthly.changes == [(ChangeKind.CANCEL, ChangeState.WANTED)]
    assert "GatewayUnavailable" in money.rows(MonthlyGiftChange)[0].error
    assert monthly.gift.cancel_asked_at is not None
    monthly.make_due()
    monthly.carry_out()
    assert monthly.changes == [(ChangeKind.CANCEL, ChangeState.DONE)]
    assert monthly.gift.state is MonthlyGiftState.CANCELED
    assert money.rows(Alarm) == []


def test_charge_after_cancel(monthly: Monthly) -> None:
    money = monthly.start().money
    money.sandbox.control("time", {"advance_seconds": 2})  # Stripe counts whole seconds
    monthly.press_cancel()
    monthly.carry_out()
    money.sandbox.control("bill", {"subscription": monthly.paid["subscription"]})
    money.hear("invoice.paid")
    (alarm,) = money.rows(Alarm)
    assert (alarm.kind, alarm.donation_id) == (AlarmKind.CHARGED_AFTER_CANCEL, monthly.donation.id)
    assert monthly.sum() == [("GBP", 1000, 1)]  # the money came, so it is recorded
    assert monthly.gift.state is MonthlyGiftState.CANCELED


def test_ended_in_the_dashboard(monthly: Monthly) -> None:
    money = monthly.start().money
    money.sandbox.client().v1.subscriptions.cancel(monthly.paid["subscription"])
    money.hear("customer.subscription.deleted")
    assert (monthly.gift.state, monthly.gift.canceled_by) == (MonthlyGiftState.CANCELED, "stripe")
    assert monthly.changes == []


def test_change_of_amount(monthly: Monthly) -> None:
    money = monthly.start().money
    monthly.ask(ChangeKind.AMOUNT, amount_minor=800)
    monthly.carry_out()
    assert (monthly.gift.amount_minor, monthly.changes) == (800, [(ChangeKind.AMOUNT, ChangeState.DONE)])
    monthly.renew()
    money.hear("invoice.paid")
    assert [(payment.amount_minor, payment.mismatched) for payment in money.rows(Payment)] == [
        (500, False),
        (800, False),
    ]
    with transaction() as session:  # the first month, heard of again, is still what was asked for then
        session.execute(update(StripeEvent).values(state="received", available_at=clock.now()))
    money.work()
    assert monthly.sum() == [("GBP", 1300, 1)]


@pytest.mark.parametrize("kind", ["500", "act_then_500"])
def test_change_of_amount_with_stripe_failing(monthly: Monthly, kind: str) -> None:
    money = monthly.start().money
    money.sandbox.control("faults", {"next": [{"match": "POST /v1/subscriptions/*", "kind": kind}]})
    monthly.ask(ChangeKind.AMOUNT, amount_minor=800)
    monthly.carry_out()
    assert monthly.changes == [(ChangeKind.AMOUNT, ChangeState.WANTED)]
    monthly.make_due()
    monthly.carry_out()
    assert (monthly.gift.amount_minor, monthly.changes) == (800, [(ChangeKind.AMOUNT, ChangeState.DONE)])


def test_amount_changed_in_the_dashboard(monthly: Monthly) -> None:
    money = monthly.start().money
    subscription = money.sandbox.client().v1.subscriptions.retrieve(monthly.paid["subscription"])
    item = subscription.items.data[0]
    price = {"currency": "gbp", "product": item.price.product, "recurring": {"interval": "month"}, "unit_amount": 700}
    money.sandbox.client().v1.subscriptions.update(
        subscription.id, {"items": [{"id": item.id, "price_data": price}], "proration_behavior": "none"}
    )
    monthly.renew()
    money.hear("invoice.paid")
    assert monthly.sum() == [("GBP", 1200, 1)]
    (change,) = money.rows(MonthlyGiftChange)
    assert (change.asked_by, change.amount_minor, change.state) == ("stripe", 700, ChangeState.DONE)


def test_pause_and_resume(monthly: Monthly) -> None:
    money = monthly.start().money
    monthly.ask(ChangeKind.PAUSE)
    monthly.carry_out()
    assert (monthly.gift.state, monthly.gift.renews_at) == (MonthlyGiftState.PAUSED, None)
    monthly.renew()
    assert len(money.rows(Payment)) == 1
    monthly.ask(ChangeKind.RESUME)
    monthly.carry_out()
    assert monthly.gift.state is MonthlyGiftState.ACTIVE
    monthly.renew()
    money.hear("invoice.paid")
    assert monthly.sum() == [("GBP", 1000, 1)]


def test_a_wish_that_another_undoes_never_reaches_stripe(monthly: Monthly) -> None:
    monthly.start().ask(ChangeKind.PAUSE)
    monthly.ask(ChangeKind.RESUME)
    monthly.ask(ChangeKind.AMOUNT, amount_minor=800)
    monthly.ask(ChangeKind.AMOUNT, amount_minor=900)
    monthly.carry_out()
    assert monthly.changes == [
        (ChangeKind.PAUSE, ChangeState.SUPERSEDED),
        (ChangeKind.RESUME, ChangeState.DONE),
        (ChangeKind.AMOUNT, ChangeState.SUPERSEDED),
        (ChangeKind.AMOUNT, ChangeState.DONE),
    ]
    assert monthly.gift.amount_minor == 900


def test_a_wish_that_stripe_has_perhaps_heard_is_carried_out_before_the_next(monthly: Monthly) -> None:
    money = monthly.start().money
    fault = {"match": "POST /v1/subscriptions/*", "kind": "act_then_timeout", "seconds": 0.1, "times": 2}
    money.sandbox.control("faults", {"next": [fault]})
    monthly.ask(ChangeKind.PAUSE)
    monthly.carry_out()
    monthly.ask(ChangeKind.RESUME)
    monthly.carry_out()  # not before the pause is known to be done
    assert [state for _kind, state in monthly.changes] == [ChangeState.WANTED, ChangeState.WANTED]
    monthly.make_due()
    monthly.carry_out()
    assert [state for _kind, state in monthly.changes] == [ChangeState.DONE, ChangeState.DONE]
    assert monthly.gift.state is MonthlyGiftState.ACTIVE


def test_a_change_that_stripe_refuses_is_an_alarm(monthly: Monthly) -> None:
    monthly.start().ask(ChangeKind.AMOUNT, amount_minor=800)
    with transaction() as session:
        session.execute(update(MonthlyGift).values(currency="USD"))  # a subscription keeps its currency
    monthly.carry_out()
    assert monthly.changes == [(ChangeKind.AMOUNT, ChangeState.REFUSED)]
    assert [alarm.kind for alarm in monthly.money.rows(Alarm)] == [AlarmKind.CHANGE_REFUSED]
    assert monthly.gift.amount_minor == 500


def test_refund_of_one_month(monthly: Monthly) -> None:
    money = monthly.start().money
    monthly.renew()
    money.hear("invoice.paid")
    money.refund(monthly.paid)
    money.hear("charge.refunded")
    assert monthly.sum() == [("GBP", 500, 1)]
    assert money.donations()[0].state is DonationState.PARTIALLY_REFUNDED
    assert {event.state for event in money.rows(StripeEvent)} == {"processed"}
