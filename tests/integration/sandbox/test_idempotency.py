"""Idempotency keys and the faults that make them needed."""

import threading
import time
from typing import Any

import pytest
import stripe

from tests.integration.sandbox.process import SandboxProcess, session_params

CREATE = "POST /v1/checkout/sessions"


def create(sandbox: SandboxProcess, key: str, **more: Any) -> stripe.checkout.Session:
    """Create a session under a key."""
    params: Any = {**session_params(), "expires_at": int(time.time()) // 100 * 100 + 7200, **more}
    return sandbox.client().v1.checkout.sessions.create(params, {"idempotency_key": key})


def count(sandbox: SandboxProcess) -> int:
    """How many sessions there are."""
    return int(sandbox.state_now()["counts"].get("checkout.session", 0))


def test_same_key_same_answer(sandbox: SandboxProcess) -> None:
    first, again = create(sandbox, "a"), create(sandbox, "a")
    assert first.to_dict() == again.to_dict()
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert create(sandbox, "b").id != first.id
    assert count(sandbox) == 2


def test_the_stored_answer_is_the_old_one(sandbox: SandboxProcess) -> None:
    first = create(sandbox, "a")
    sandbox.control("pay", {"session": first.id})
    assert create(sandbox, "a").status == "open"


def test_same_key_other_parameters(sandbox: SandboxProcess) -> None:
    create(sandbox, "a")
    with pytest.raises(stripe.IdempotencyError) as refusal:
        create(sandbox, "a", client_reference_id="another")
    assert refusal.value.http_status == 400
    assert count(sandbox) == 1


def test_a_refused_call_leaves_its_key_free(sandbox: SandboxProcess) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        create(sandbox, "a", customer_email="nobody")
    assert create(sandbox, "a").status == "open"


def test_same_key_twenty_times_at_once(sandbox: SandboxProcess) -> None:
    found: list[str] = []
    calls = [threading.Thread(target=lambda: found.append(create(sandbox, "a").id)) for _ in range(20)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert len(found) == 20
    assert len(set(found)) == 1
    assert count(sandbox) == 1


def test_keys_survive_kill_9_and_lapse_after_a_day(sandbox: SandboxProcess) -> None:
    first = create(sandbox, "a")
    sandbox.kill()
    sandbox.start()
    assert create(sandbox, "a").id == first.id
    sandbox.control("time", {"advance_seconds": 86400 + 60})
    assert create(sandbox, "a").id != first.id


def test_acted_then_silent(sandbox: SandboxProcess) -> None:
    sandbox.control("faults", {"next": [{"match": CREATE, "kind": "act_then_timeout", "seconds": 0.2}]})
    with pytest.raises(stripe.APIConnectionError):
        create(sandbox, "a")
    assert count(sandbox) == 1
    again = create(sandbox, "a")
    assert count(sandbox) == 1
    assert sandbox.client().v1.checkout.sessions.list().data[0].id == again.id


@pytest.mark.parametrize(("kind", "made"), [("500", 0), ("act_then_500", 1)])
def test_a_500_is_the_answer_to_its_key(sandbox: SandboxProcess, kind: str, made: int) -> None:
    """Whether it acted or not, as Stripe says of its first version (docs.stripe.com/api/idempotent_requests)."""
    sandbox.control("faults", {"next": [{"match": CREATE, "kind": kind}]})
    for replayed in (None, "true", "true"):
        with pytest.raises(stripe.APIError) as failure:
            create(sandbox, "a")
        assert failure.value.http_status == 500
        headers = failure.value.headers or {}
        assert (headers.get("Idempotent-Replayed"), headers.get("Stripe-Should-Retry")) == (replayed, "false")
    assert count(sandbox) == made
    create(sandbox, "b")
    assert count(sandbox) == made + 1


def test_a_503_leaves_its_key_free(sandbox: SandboxProcess) -> None:
    sandbox.control("faults", {"next": [{"match": CREATE, "kind": "503"}]})
    with pytest.raises(stripe.APIError):
        create(sandbox, "a")
    create(sandbox, "a")
    assert count(sandbox) == 1


def test_silent_without_acting(sandbox: SandboxProcess) -> None:
    sandbox.control("faults", {"match": CREATE, "kind": "timeout", "seconds": 0.1})
    with pytest.raises(stripe.APIConnectionError):
        create(sandbox, "a")
    assert count(sandbox) == 0


def test_the_third_call_is_the_one_that_fails(sandbox: SandboxProcess) -> None:
    sandbox.control(
        "faults", {"next": [{"match": CREATE, "kind": "pass", "times": 2}, {"match": CREATE, "kind": "503"}]}
    )
    create(sandbox, "a")
    sandbox.client().v1.events.list()
    create(sandbox, "b")
    with pytest.raises(stripe.APIError):
        create(sandbox, "c")
    create(sandbox, "c")


def test_a_key_that_is_in_use(sandbox: SandboxProcess) -> None:
    sandbox.control("faults", {"match": CREATE, "kind": "409"})
    with pytest.raises(stripe.APIError) as refusal:
        create(sandbox, "a")
    assert refusal.value.http_status == 409
    assert '"code": "idempotency_key_in_use"' in str(refusal.value.http_body).replace('":"', '": "')


def test_too_many_requests(sandbox: SandboxProcess) -> None:
    sandbox.control("faults", {"next": [{"match": "GET /v1/events*", "kind": "429"}]})
    with pytest.raises(stripe.RateLimitError):
        sandbox.client().v1.events.list()
    sandbox.client().v1.events.list()


def test_slowness_holds_up_nobody_else(sandbox: SandboxProcess) -> None:
    sandbox.control("faults", {"next": [{"match": CREATE, "kind": "slow", "seconds": 1.5}]})
    slow = threading.Thread(target=create, args=(sandbox, "a"))
    start = time.monotonic()
    slow.start()
    while sandbox.state_now()["faults"]:
        time.sleep(0.01)
    create(sandbox, "b")
    assert time.monotonic() - start < 1.4
    slow.join()
    assert time.monotonic() - start >= 1.5
    assert count(sandbox) == 2


def test_faults_can_be_forgotten(sandbox: SandboxProcess) -> None:
    assert sandbox.control("faults", {"next": [{"match": CREATE, "kind": "500", "times": 9}]}) == {"queued": 9}
    sandbox.control("faults", {"clear": True})
    create(sandbox, "a")
