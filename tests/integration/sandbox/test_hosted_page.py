"""The hosted page as a browser without JavaScript uses it."""

import threading

import pytest
import stripe

from tests.integration.sandbox.process import CANCEL, Receiver, SandboxProcess, line


def test_the_page_says_what_is_paid_and_that_it_is_a_sandbox(shared: SandboxProcess) -> None:
    session = shared.session(line_items=[line(1000, name="<b>Gift</b> & more", description="To the fund")])
    page = shared.http.get(session.url or "")
    assert page.status_code == 200
    for words in ("Sandbox: no real money", "&lt;b&gt;Gift&lt;/b&gt; &amp; more", "To the fund", "£10.00"):
        assert words in page.text
    for name in ("email", "card_number", "card_expiry", "card_cvc", "card_name"):
        assert f'name="{name}"' in page.text
    assert 'value="ada@example.org"' in page.text
    assert f'href="{CANCEL}"' in page.text
    assert "4242 4242 4242 4242" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text


def test_headers(shared: SandboxProcess) -> None:
    page = shared.http.get(shared.session().url or "")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:9" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers


def test_paying_leads_back(sandbox: SandboxProcess, receiver: Receiver) -> None:
    session = sandbox.session()
    answer = sandbox.pay_page(session.id)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://127.0.0.1:9/done?session={session.id}"
    event = receiver.wait_for("checkout.session.completed")
    assert event.data.object["id"] == session.id
    assert event.data.object["payment_status"] == "paid"
    assert receiver.types == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
        "checkout.session.completed",
    ]


def test_declined_then_paid(sandbox: SandboxProcess, receiver: Receiver) -> None:
    session = sandbox.session()
    declined = sandbox.pay_page(session.id, card_number="4000000000000002")
    assert declined.status_code == 402
    assert "Your card was declined." in declined.text
    assert "Ada Lovelace" in declined.text
    assert "4000000000000002" not in declined.text
    failed = receiver.wait_for("payment_intent.payment_failed").data.object
    assert failed["last_payment_error"]["decline_code"] == "generic_decline"
    assert failed["status"] == "requires_payment_method"
    assert sandbox.client().v1.checkout.sessions.retrieve(session.id).status == "open"

    assert sandbox.pay_page(session.id).status_code == 303
    receiver.wait_for("checkout.session.completed")
    assert receiver.types.count("payment_intent.created") == 1
    assert receiver.types.count("charge.failed") == 1
    assert sandbox.state_now()["sums"]["gbp"] == {
        "charges": 1,
        "gross": 1000,
        "refunded": 0,
        "disputed": 0,
        "fees": 35,
        "net": 965,
    }


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("4000 0000 0000 9995", "insufficient funds"),
        ("4000-0000-0000-0069", "has expired"),
        ("4111 1111 1111 1111", "not use a test card|non test card"),
    ],
)
def test_other_cards_are_declined(shared: SandboxProcess, number: str, message: str) -> None:
    answer = shared.pay_page(shared.session().id, card_number=number)
    assert answer.status_code == 402
    assert any(words in answer.text for words in message.split("|"))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("card_number", "4242424242424241", "Check the card number"),
        ("card_number", "", "Enter a card number"),
        ("card_number", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", "Check the card number"),
        ("card_expiry", "13/34", "Enter the expiry date"),
        ("card_expiry", "01/20", "This card has expired"),
        ("card_cvc", "12", "Enter the 3 or 4 digits"),
        ("card_name", " ", "Enter the name on the card"),
        ("email", "nobody", "Enter an email address"),
    ],
)
def test_mistakes_are_told_at_their_field(shared: SandboxProcess, field: str, value: str, words: str) -> None:
    session = shared.session()
    answer = shared.pay_page(session.id, **{field: value})
    assert answer.status_code == 422
    assert answer.text.count(words) == 2  # in the summary and at the field
    assert f'href="#{field}"' in answer.text
    assert "<title>Error: " in answer.text
    assert shared.client().v1.checkout.sessions.retrieve(session.id).payment_intent is None


def authenticate(sandbox: SandboxProcess, session_id: str, outcome: str) -> int:
    """Answer for the bank; the status."""
    page = f"{sandbox.url}/c/pay/{session_id}/authenticate"
    return sandbox.http.post(page, data={"outcome": outcome}, allow_redirects=False).status_code


def test_authentication(sandbox: SandboxProcess, receiver: Receiver) -> None:
    session = sandbox.session()
    asked = sandbox.pay_page(session.id, card_number="4000002500003155")
    assert (asked.status_code, asked.headers["Location"]) == (303, f"/c/pay/{session.id}")
    page = sandbox.http.get(session.url or "").text
    assert 'value="complete"' in page
    assert 'value="fail"' in page
    open_session = sandbox.client().v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert isinstance(open_session.payment_intent, stripe.PaymentIntent)
    assert open_session.payment_intent.status == "requires_action"

    assert authenticate(sandbox, session.id, "fail") == 402
    failed = receiver.wait_for("payment_intent.payment_failed").data.object
    assert failed["last_payment_error"]["code"] == "payment_intent_authentication_failure"

    sandbox.pay_page(session.id, card_number="4000002500003155")
    assert authenticate(sandbox, session.id, "complete") == 303
    receiver.wait_for("checkout.session.completed")
    assert sandbox.state_now()["sums"]["gbp"]["charges"] == 1


def test_authenticating_what_was_not_asked_pays_nothing(shared: SandboxProcess) -> None:
    session = shared.session()
    assert authenticate(shared, session.id, "complete") == 303
    assert shared.client().v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"


def test_the_card_that_is_disputed(sandbox: SandboxProcess, receiver: Receiver) -> None:
    assert sandbox.pay_page(sandbox.session().id, card_number="4000000000000259").status_code == 303
    event = receiver.wait_for("charge.dispute.created").data.object
    assert "checkout.session.completed" in receiver.types
    dispute = sandbox.client().v1.disputes.retrieve(event["id"], {"expand": ["charge"]})
    assert (dispute.status, dispute.amount, dispute.currency) == ("needs_response", 1000, "gbp")
    assert isinstance(dispute.charge, stripe.Charge)
    assert dispute.charge.disputed


def test_a_second_press_pays_once(sandbox: SandboxProcess, receiver: Receiver) -> None:
    session = sandbox.session()
    answers: list[str] = []

    def press() -> None:
        answers.append(sandbox.pay_page(session.id).headers["Location"])

    presses = [threading.Thread(target=press) for _ in range(10)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    assert answers == [f"http://127.0.0.1:9/done?session={session.id}"] * 10
    receiver.wait_for("checkout.session.completed")
    assert sandbox.state_now()["counts"]["charge"] == 1


def test_pages_of_sessions_that_are_over(shared: SandboxProcess) -> None:
    paid = shared.paid()["session"]
    page = shared.http.get(f"{shared.url}/c/pay/{paid}")
    assert page.status_code == 200
    assert "This has been paid" in page.text
    assert f"/done?session={paid}" in page.text

    expired = shared.session().id
    shared.client().v1.checkout.sessions.expire(expired)
    page = shared.http.get(f"{shared.url}/c/pay/{expired}")
    assert page.status_code == 410
    assert "has expired" in page.text
    assert CANCEL in page.text

    assert shared.http.get(f"{shared.url}/c/pay/cs_test_none").status_code == 404


def test_other_sites_cannot_press_the_button(shared: SandboxProcess) -> None:
    session = shared.session()
    page = f"{shared.url}/c/pay/{session.id}"
    answer = shared.http.post(page, data={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
