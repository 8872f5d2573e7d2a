"""Webhooks: signed, retried, kept over kill -9, and disturbed on purpose."""

import time
from typing import Any

import pytest
import requests

from tests.integration.sandbox.process import Receiver, SandboxProcess, wait_until


def test_the_event_delivered_is_the_event_kept(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.paid()
    delivered = receiver.wait_for("checkout.session.completed")
    kept = sandbox.client().v1.events.retrieve(delivered.id)
    assert kept.data.object.to_dict() == delivered.data.object.to_dict()
    assert (kept.api_version, kept.livemode) == ("2026-10-28.endive", False)
    wait_until(lambda: sandbox.client().v1.events.retrieve(delivered.id).pending_webhooks == 0, "noted as delivered")


def test_events_of_an_api_call_name_it(sandbox: SandboxProcess, receiver: Receiver) -> None:
    session = sandbox.session()
    sandbox.client().v1.checkout.sessions.expire(session.id, options={"idempotency_key": "key-1"})
    request = receiver.wait_for("checkout.session.expired").request
    assert request is not None
    assert request.idempotency_key == "key-1"
    assert request.id is not None
    assert request.id.startswith("req_")


def test_a_receiver_that_fails_gets_it_again(sandbox: SandboxProcess, receiver: Receiver) -> None:
    receiver.answers = [500, 302, 400]
    sandbox.client().v1.checkout.sessions.expire(sandbox.session().id)
    start = time.monotonic()
    receiver.wait_for("checkout.session.expired")
    assert time.monotonic() - start > 2.5  # after 1, 2 and 5 seconds
    assert receiver.answers == []
    time.sleep(0.5)
    assert receiver.types == ["checkout.session.expired"]


def test_kill_9_loses_neither_state_nor_deliveries(sandbox: SandboxProcess, receiver: Receiver) -> None:
    receiver.answers = [500] * 5
    paid = sandbox.paid()
    wait_until(lambda: not receiver.answers, "each event was refused once")
    sandbox.kill()
    assert receiver.events == []
    sandbox.start()
    wait_until(lambda: len(receiver.events) >= 5, "all five are sent again")
    assert sorted(receiver.types) == [
        "charge.succeeded",
        "charge.updated",
        "checkout.session.completed",
        "payment_intent.created",
        "payment_intent.succeeded",
    ]
    session = sandbox.client().v1.checkout.sessions.retrieve(paid["session"])
    assert (session.payment_status, session.payment_intent) == ("paid", paid["payment_intent"])


def test_held_webhooks_survive_kill_9_and_go_out_in_reverse(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.control("webhooks", {"mode": "hold"})
    sandbox.paid()
    sandbox.kill()
    sandbox.start()
    time.sleep(0.5)
    assert receiver.events == []
    assert sandbox.state_now()["webhooks"]["held"] == 5
    assert sandbox.control("webhooks/release", {"order": "reverse"}) == {"released": 5}
    receiver.wait_for("payment_intent.created")
    assert receiver.types[0] == "checkout.session.completed"
    assert receiver.types[-1] == "payment_intent.created"


def test_dropped_webhooks_are_found_in_the_list_of_events(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.control("webhooks", {"mode": "drop", "types": ["checkout.session.completed"]})
    paid = sandbox.paid()
    receiver.wait_for("charge.updated")
    events = sandbox.client().v1.events.list({"types": ["checkout.session.completed"]})
    assert [event.data.object["id"] for event in events.data] == [paid["session"]]
    assert "checkout.session.completed" not in receiver.types
    sandbox.control("webhooks", {"mode": "normal"})
    assert sandbox.control("webhooks/redeliver", {"event": events.data[0].id}) == {"queued": 1}
    assert receiver.wait_for("checkout.session.completed").id == events.data[0].id


def test_duplicates(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.control("webhooks", {"mode": "duplicate", "times": 3})
    sandbox.paid()
    receiver.wait_for("checkout.session.completed", 3)
    assert len(receiver.events) == 15
    assert len({event.id for event in receiver.events}) == 5


def test_one_event_many_times_at_once(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.paid()
    event = receiver.wait_for("checkout.session.completed")
    sandbox.control("webhooks/redeliver", {"event": event.id, "times": 50})
    receiver.wait_for("checkout.session.completed", 51)
    assert receiver.open_at_most > 3


def test_reordered(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.control("webhooks", {"mode": "reorder", "seconds": 1})
    sandbox.paid()
    receiver.wait_for("payment_intent.created")
    assert receiver.types == [
        "checkout.session.completed",
        "charge.updated",
        "payment_intent.succeeded",
        "charge.succeeded",
        "payment_intent.created",
    ]


def test_delayed(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.control("webhooks", {"mode": "delay", "seconds": 1})
    sandbox.paid()
    time.sleep(0.6)
    assert receiver.events == []
    receiver.wait_for("checkout.session.completed")


def test_a_mode_for_the_next_two_events(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.control("webhooks", {"mode": "drop", "next": 2})
    sandbox.paid()
    receiver.wait_for("checkout.session.completed")
    assert receiver.types == ["payment_intent.succeeded", "charge.updated", "checkout.session.completed"]
    webhooks = sandbox.state_now()["webhooks"]
    assert (webhooks["mode"], webhooks["dropped"]) == ("normal", 2)


def test_chaos_is_the_same_for_the_same_seed(sandbox: SandboxProcess, receiver: Receiver) -> None:
    def fates() -> list[tuple[str, int]]:
        sandbox.control("webhooks", {"mode": "chaos", "seed": 7, "seconds": 0})
        before = len(receiver.events)
        sandbox.paid()
        sandbox.paid()
        sandbox.control("webhooks", {"mode": "normal"})
        wait_until(lambda: not sandbox.state_now()["webhooks"]["pending"], "all is sent")
        came = [event.type for event in receiver.events[before:]]
        return sorted((kind, came.count(kind)) for kind in set(came))

    first = fates()
    assert first == fates()
    assert {count for _, count in first} != {2}  # something was dropped or doubled


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("webhooks", {"mode": "sideways"}),
        ("webhooks", {"mode": "delay", "seconds": "soon"}),
        ("webhooks", {"mode": "duplicate", "times": 0}),
        ("webhooks", {"mod": "hold"}),
        ("webhooks", {"mode": "drop", "next": -1}),
        ("faults", {"kind": "sideways"}),
        ("faults", {"kind": "500", "often": 3}),
        ("debit", {"session": "cs_test_none"}),
        ("dispute/win", {"dispute": "du_none"}),
        ("refund/fail", {"refund": "re_none"}),
        ("renew", {}),
        ("fail_renewals", {"times": 0}),
        ("bill", {"subscription": "sub_none"}),
        ("webhooks/redeliver", {"event": "evt_none"}),
        ("webhooks/release", {"order": "random"}),
        ("time", {"advance_seconds": -1}),
        ("time", {}),
        ("refund", {"payment_intent": "pi_none"}),
        ("pay", {"session": "cs_test_none"}),
        ("faults", {"next": [{"kind": "fire"}]}),
        ("import", {"gifts": [{}]}),
    ],
)
def test_controls_refuse_what_they_do_not_understand(shared: SandboxProcess, path: str, body: dict[str, Any]) -> None:
    answer = requests.post(f"{shared.url}/_sandbox/{path}", json=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
