"""Lists and their cursors, and past gifts put in at once."""

import time
from typing import Any

import pytest
import stripe

from tests.integration.sandbox.process import SandboxProcess


def gifts(count: int, **more: Any) -> list[dict[str, Any]]:
    """Past gifts of £1, £2, … one hour apart; the last is the newest."""
    start = int(time.time()) - 5 * 86400
    return [
        {
            "session": f"cs_test_{number}",
            "payment_intent": f"pi_{number}",
            "charge": f"ch_{number}",
            "amount": (number + 1) * 100,
            "currency": "gbp",
            "created": start + number // 2 * 3600,  # two at the same second
            "metadata": {"donation": f"don_{number}"},
            "client_reference_id": f"don_{number}",
            "email": f"giver{number}@example.org",
            **more,
        }
        for number in range(count)
    ]


def test_an_import_makes_the_whole_ledger(sandbox: SandboxProcess) -> None:
    past = gifts(300)
    past[0] |= {"amount": 1000, "refunded": 400}
    start = time.monotonic()
    assert sandbox.control("import", {"gifts": past}) == {"imported": 300, "existing": 0}
    assert time.monotonic() - start < 5
    assert sandbox.control("import", {"gifts": past}) == {"imported": 0, "existing": 300}
    state = sandbox.state_now()
    assert state["sums"]["gbp"]["charges"] == 300
    assert state["sums"]["gbp"]["gross"] == sum(gift["amount"] for gift in past)
    assert state["sums"]["gbp"]["refunded"] == 400
    assert state["sessions"] == {"open": 0, "complete": 300, "expired": 0}
    assert state["webhooks"]["delivered"] + state["webhooks"]["pending"] == 0
    path = "payment_intent.latest_charge.balance_transaction"
    session = sandbox.client().v1.checkout.sessions.retrieve("cs_test_7", {"expand": [path]})
    assert (session.payment_status, session.client_reference_id) == ("paid", "don_7")
    assert isinstance(session.payment_intent, stripe.PaymentIntent)
    assert session.payment_intent.metadata.to_dict() == {"donation": "don_7"}
    refunds = sandbox.client().v1.refunds.list({"charge": "ch_0"})
    assert [refund.amount for refund in refunds.data] == [400]
    assert sandbox.control("refund", {"payment_intent": "pi_0"})["amount"] == 600


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": -1},
        {"amount": 1.5},
        {"amount": True},
        {"currency": "GBP"},
        {"session": "cs_live_1"},
        {"refunded": 10**9},
        {"metadata": {"a": 1}},
        {"colour": "blue"},
    ],
)
def test_an_import_is_all_or_nothing(shared: SandboxProcess, wrong: dict[str, Any]) -> None:
    past = gifts(3)
    past[2] |= wrong
    answer = shared.http.post(f"{shared.url}/_sandbox/import", json={"gifts": past})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("gifts[2]: ")
    assert "charge" not in shared.state_now()["counts"]


def test_an_import_cannot_take_another_gifts_charge(sandbox: SandboxProcess) -> None:
    past = gifts(2)
    past[1] |= {"charge": "ch_0"}
    answer = sandbox.http.post(f"{sandbox.url}/_sandbox/import", json={"gifts": past})
    assert answer.status_code == 400
    assert sandbox.state_now()["counts"] == {}


def test_pages_hold_everything_once_newest_first(sandbox: SandboxProcess) -> None:
    sandbox.control("import", {"gifts": gifts(25)})
    charges = sandbox.client().v1.charges
    every = [charge.id for charge in charges.list({"limit": 4}).auto_paging_iter()]
    assert every == [f"ch_{number}" for number in reversed(range(25))]
    first = charges.list({"limit": 10})
    assert (len(first.data), first.has_more) == (10, True)
    second = charges.list({"limit": 15, "starting_after": first.data[-1].id})
    assert (len(second.data), second.has_more) == (15, False)
    back = charges.list({"limit": 3, "ending_before": second.data[0].id})
    assert [charge.id for charge in back.data] == [charge.id for charge in first.data[-3:]]


def test_lists_by_time_and_relation(sandbox: SandboxProcess) -> None:
    past = gifts(6)
    sandbox.control("import", {"gifts": past})
    client = sandbox.client()
    since = past[3]["created"]
    found = client.v1.payment_intents.list({"created": {"gte": since}})
    assert [intent.id for intent in found.data] == ["pi_5", "pi_4", "pi_3", "pi_2"]
    found = client.v1.payment_intents.list({"created": {"gt": since, "lte": past[5]["created"]}})
    assert [intent.id for intent in found.data] == ["pi_5", "pi_4"]
    assert [charge.id for charge in client.v1.charges.list({"payment_intent": "pi_2"}).data] == ["ch_2"]
    movements = client.v1.balance_transactions.list({"source": "ch_2", "expand": ["data.source"]})
    assert [movement.amount for movement in movements.data] == [300]
    assert isinstance(movements.data[0].source, stripe.Charge)


def test_events_by_kind(sandbox: SandboxProcess) -> None:
    sandbox.paid()
    sandbox.client().v1.checkout.sessions.expire(sandbox.session().id)
    events = sandbox.client().v1.events
    assert {event.type for event in events.list({"type": "checkout.session.*"}).data} == {
        "checkout.session.completed",
        "checkout.session.expired",
    }
    wanted = ["charge.succeeded", "payment_intent.succeeded"]
    some = events.list({"types": wanted, "created": {"gte": int(time.time()) - 60}})
    assert sorted(event.type for event in some.data) == wanted
    page = events.list({"limit": 2})
    rest = events.list({"starting_after": page.data[-1].id})
    assert (page.has_more, rest.has_more) == (True, False)
    assert len(page.data) + len(rest.data) == 6


def test_events_are_kept_for_thirty_days(sandbox: SandboxProcess) -> None:
    sandbox.paid()
    event = sandbox.client().v1.events.list().data[0]
    sandbox.control("time", {"advance_seconds": 31 * 86400})
    assert sandbox.client().v1.events.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.client().v1.events.retrieve(event.id)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"limit": 101}, "parameter_invalid_integer"),
        ({"limit": 0}, "parameter_invalid_integer"),
        ({"starting_after": "ch_none"}, "resource_missing"),
        ({"created": {"after": 1}}, "parameter_unknown"),
        ({"colour": "blue"}, "parameter_unknown"),
    ],
)
def test_lists_refuse_what_they_do_not_know(shared: SandboxProcess, params: dict[str, Any], code: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shared.client().v1.charges.list(params)  # type: ignore[arg-type]
    assert (refusal.value.http_status, refusal.value.code) == (400, code)
