"""The webhook's door: who is believed, and what is kept."""

import json
import time

import pytest
import stripe

from campaign.donations.models import DonationState, EventState, Payment, StripeEvent
from tests.factories import make_campaign
from tests.integration.donations.conftest import Money
from tests.integration.sandbox.process import SECRET


def an_event(**more: object) -> str:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "data": {"object": {"id": "cs_test_foreign", "object": "checkout.session"}},
    }
    return json.dumps({**event, **more}, indent=2)


def test_a_genuine_event_is_kept_once(money: Money) -> None:
    for _ in range(3):
        answer = money.deliver(an_event())
        assert (answer.status_code, answer.data) == (200, b"")
    assert [(row.event_id, row.object_id) for row in money.rows(StripeEvent)] == [("evt_1", "cs_test_foreign")]


def test_every_secret_counts_while_they_are_rotated(money: Money) -> None:
    assert money.deliver(an_event(id="evt_new"), secret="whsec_newest").status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        {"secret": "whsec_someone_else"},
        {"signature": "nonsense"},
        {"signature": "t=x,v1="},
        {"signature": "t=1,v1=ärger".encode().decode("latin-1")},
    ],
)
def test_forged_signature(money: Money, header: dict[str, object]) -> None:
    assert money.deliver(an_event(), **header).status_code == 400
    assert money.rows(StripeEvent) == []
    assert money.deliver(an_event()).status_code == 200


def test_stale_signature(money: Money) -> None:
    """Genuine, but caught five minutes ago by somebody who sends it again."""
    for seconds, status in ((301, 400), (240, 200)):
        assert money.deliver(an_event(), timestamp=int(time.time()) - seconds).status_code == status
        assert len(money.rows(StripeEvent)) == (status == 200)


def test_missing_signature(money: Money) -> None:
    for headers in ({}, {"Stripe-Signature": ""}):
        assert money.client.post("/hooks/stripe", data=an_event(), headers=headers).status_code == 400
    assert money.rows(StripeEvent) == []


def test_re_serialised_signature(money: Money) -> None:
    """The signature is of the bytes that came; the same event written in another way is not what was signed."""
    body = an_event()
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET)
    assert money.deliver(json.dumps(json.loads(body)), signature=header).status_code == 400
    assert money.rows(StripeEvent) == []
    assert money.deliver(body, signature=header).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "[]", "null", "{}", "not json", "", '{"id": 1, "type": 2, "livemode": false, "data": {"object": {"id": 3}}}',
        an_event(data=None), an_event(id="evt\x00"), an_event(id=None),
    ],
)  # fmt: skip
def test_what_is_no_event_of_ours_is_refused(money: Money, body: str) -> None:
    assert money.deliver(body).status_code == 400
    assert money.rows(StripeEvent) == []


def test_other_mode_signature(money: Money) -> None:
    """Signed with our secret, but of the mode in which we are not: a live event at a test site."""
    assert money.deliver(an_event(livemode=True)).status_code == 400
    assert money.deliver(an_event(livemode="false")).status_code == 400
    assert money.rows(StripeEvent) == []


def test_a_body_that_is_not_utf8_is_refused(money: Money) -> None:
    answer = money.client.post("/hooks/stripe", data=b"\xff\xfe", headers={"Stripe-Signature": "t=1,v1=0"})
    assert answer.status_code == 400


def test_a_body_without_end_is_refused(money: Money) -> None:
    assert money.deliver("x" * (512 * 1024 + 1)).status_code == 413
    large = an_event(padding="x" * 100_000)  # a large event is none the less one
    assert money.deliver(large).status_code == 200


def test_only_posts(money: Money) -> None:
    assert money.client.get("/hooks/stripe").status_code == 405


def test_unknown_type(money: Money) -> None:
    assert money.deliver(an_event(type="customer.created", data={"object": {"id": "cus_1"}})).status_code == 200
    assert money.deliver(an_event(id="evt_2", type="some.future.type")).status_code == 200
    assert {row.state for row in money.rows(StripeEvent)} == {EventState.IGNORED}
    assert {row.ignored_reason for row in money.rows(StripeEvent)} == {"a type that has no use here"}


def test_foreign_object(money: Money) -> None:
    campaign = make_campaign()
    ours = money.give(campaign)
    other = money.sandbox.session(client_reference_id="elsewhere", metadata={"donation": "elsewhere"})
    bare = money.sandbox.session(client_reference_id="x", metadata={}, payment_intent_data={"description": "A shop"})
    for session in (other, bare):
        money.sandbox.control("pay", {"session": session.id})
        money.hear("checkout.session.completed")
    money.deliver(an_event(id="evt_gone", data={"object": {"id": "cs_test_gone", "object": "checkout.session"}}))
    money.work()
    assert [row.state for row in money.rows(StripeEvent)] == [EventState.IGNORED] * 3
    assert money.rows(Payment) == []
    assert [row.ignored_reason for row in money.rows(StripeEvent)] == [
        "about a donation that is not known here",
        "about nothing that was made here",
        "about nothing that was made here",
    ]
    assert money.donations()[0].id == ours.id
    assert money.donations()[0].state is DonationState.OPEN
