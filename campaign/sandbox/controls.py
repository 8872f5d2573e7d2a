"""The controls under ``/_sandbox/``: what at Stripe is the dashboard, the calendar and bad luck.

Each takes JSON and answers JSON; the page at ``/_sandbox/`` posts the same as plain forms.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException

from campaign.sandbox import (
    agenda,
    checkout,
    collection,
    deliveries,
    faults,
    happenings,
    imports,
    invoices,
    refunds,
    report,
    subscriptions,
)
from campaign.sandbox.cardform import CardForm
from campaign.sandbox.errors import ApiError, ControlError
from campaign.sandbox.expand import public
from campaign.sandbox.money import format_amount
from campaign.sandbox.world import World

Given = dict[str, Any]
_LONGEST_STEP = 10 * 365 * 86400


def register(app: Flask, world: World) -> None:
    """Add the controls to the application."""
    controls = Blueprint("controls", __name__, url_prefix="/_sandbox")
    actions: dict[str, Callable[[World, Given], Given]] = {
        "time": _time,
        "renew": _renew,
        "fail_renewals": _fail_renewals,
        "bill": _bill,
        "refund": _refund,
        "pay": _pay,
        "webhooks": _webhooks,
        "webhooks/release": _release,
        "webhooks/redeliver": _redeliver,
        "faults": _faults,
        "import": _import,
    }
    for path, action in actions.items():
        controls.add_url_rule(f"/{path}", endpoint=path, methods=["POST"], view_func=_view(world, action))

    controls.add_url_rule("/state", endpoint="state", view_func=_state_view(world))
    controls.add_url_rule("/", endpoint="page", view_func=_page_view(world))
    controls.register_error_handler(ControlError, _refusal)
    controls.register_error_handler(ApiError, _refusal)
    controls.register_error_handler(HTTPException, _http_refusal)
    app.register_blueprint(controls)


def _state_view(world: World) -> Callable[[], Response]:
    def view() -> Response:
        with world.transaction():
            happenings.catch_up(world)
            return jsonify(report.state(world))

    return view


def _page_view(world: World) -> Callable[[], Response]:
    def view() -> Response:
        with world.transaction():
            happenings.catch_up(world)
            state, latest = report.state(world), report.recent(world)
        html = render_template(
            "controls.html", state=state, deliveries=latest, modes=deliveries.MODES, money=format_amount
        )
        response = make_response(html)
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
        )
        return response

    return view


def _view(world: World, action: Callable[[World, Given], Given]) -> Callable[[], Response]:
    def view() -> Response:
        given = _read()
        with world.transaction():
            happenings.catch_up(world)
            answer = action(world, given)
        if request.mimetype == "application/x-www-form-urlencoded":
            return make_response(redirect("/_sandbox/", 303))
        return jsonify(answer)

    return view


def _read() -> Given:
    """The posted JSON object; or a form from the control page, with its numbers as numbers."""
    if request.mimetype == "application/x-www-form-urlencoded":
        filled = {name: value.strip() for name, value in request.form.items() if value.strip()}
        return {name: int(v) if v.isdecimal() else v for name, v in filled.items()}
    given = request.get_json(force=True, silent=True) if request.content_length else {}
    if not isinstance(given, dict):
        raise ControlError("the body must be a JSON object")
    return given


def _refusal(error: ControlError | ApiError) -> tuple[Response, int]:
    return jsonify({"error": {"message": str(error)}}), 400


def _http_refusal(error: HTTPException) -> tuple[Response, int]:
    return jsonify({"error": {"message": error.description}}), error.code or 500


def _only(given: Given, *names: str) -> None:
    if unknown := set(given) - set(names):
        raise ControlError(f"unknown: {', '.join(sorted(unknown))}")


def _number(given: Given, name: str, least: int, most: int, default: int | None = None) -> int:
    number = given.get(name, default)
    if type(number) is not int or not least <= number <= most:
        raise ControlError(f"{name} must be a whole number from {least} to {most}")
    return number


def _time(world: World, given: Given) -> Given:
    """``{"advance_seconds": n}``: the clock goes on and what was due by then happens."""
    _only(given, "advance_seconds")
    world.advance(_number(given, "advance_seconds", 0, _LONGEST_STEP))
    happenings.catch_up(world)
    return {"now": world.now(), "clock_offset": world.offset()}


def _renew(world: World, given: Given) -> Given:
    """``{"subscription": id}``: the clock goes on until its next renewal is charged; without, the next of any."""
    _only(given, "subscription")
    about = str(given.get("subscription", ""))
    due = agenda.next_time(world, subscriptions.RENEW, about)
    if due is None:
        raise ControlError(f"nothing to renew: {about or 'there is no subscription'}")
    world.advance(max(0, due + invoices.DRAFT_FOR + 1 - world.now()))
    happenings.catch_up(world)
    return {"now": world.now(), "clock_offset": world.offset()}


def _fail_renewals(world: World, given: Given) -> Given:
    """``{"subscription": id, "times": n, "decline_code": …}``: the next charges of a subscription (of any) fail."""
    _only(given, "subscription", "times", "decline_code")
    times = _number(given, "times", 1, 10_000, default=1)
    code = str(given.get("decline_code", "generic_decline"))
    faults.order_declines(world, str(given.get("subscription", "*")), code, times)
    return {"times": times}


def _bill(world: World, given: Given) -> Given:
    """``{"subscription": id}``: charge it now, even one that was cancelled; the invoice."""
    _only(given, "subscription")
    subscription = world.store.find(str(given.get("subscription")), "subscription")
    if not subscription or not subscription["default_payment_method"]:
        raise ControlError(f"no such subscription with a card: {given.get('subscription')}")
    return public(collection.bill(world, subscription))


def _refund(world: World, given: Given) -> Given:
    """``{"payment_intent": id, "amount": minor units, absent for all that is left}``."""
    _only(given, "payment_intent", "charge", "amount")
    amount = _number(given, "amount", 1, 10**12) if "amount" in given else None
    paid = refunds.charge_to_refund(world.store, given.get("charge"), given.get("payment_intent"))
    refund = refunds.create(world, paid, amount=amount, reason=None, metadata={})
    return public(refund)


def _pay(world: World, given: Given) -> Given:
    """Pay a session without a browser; ``authenticate`` answers for the bank in the same step."""
    _only(given, "session", "card", "email", "name", "expiry", "cvc", "authenticate")
    session = world.store.find(str(given.get("session")), "checkout.session")
    if not session:
        raise ControlError(f"no such session: {given.get('session')}")
    form = CardForm(
        email=str(given.get("email") or session["customer_email"] or "payer@example.com"),
        number=str(given.get("card", "4242424242424242")),
        expiry=str(given.get("expiry", "12/99")),
        cvc=str(given.get("cvc", "123")),
        name=str(given.get("name", "Sandbox Payer")),
    )
    if errors := form.errors(world.now()):
        raise ControlError("; ".join(errors.values()))
    outcome = checkout.pay(world, session, *form.payer())
    if outcome.state == "authenticate" and given.get("authenticate") in ("complete", "fail"):
        passed = given["authenticate"] == "complete"
        outcome = checkout.authenticate(world, session, passed=passed)
    intent = checkout.intent_of(world, session) or {}
    return {
        "outcome": outcome.state,
        "message": outcome.message,
        "session": session["id"],
        "status": session["status"],
        "payment_status": session["payment_status"],
        "payment_intent": intent.get("id"),
        "subscription": session["subscription"],
        "invoice": session["invoice"],
        "charge": intent.get("latest_charge"),
        "redirect": checkout.success_address(session) if outcome.state == "paid" else None,
    }


def _webhooks(world: World, given: Given) -> Given:
    """``{"mode": …, "times": n, "seconds": n, "types": […]}``, see ``deliveries.set_mode``."""
    return deliveries.set_mode(world, given)


def _release(world: World, given: Given) -> Given:
    """``{"order": "as_held" or "reverse"}``: send what was held."""
    _only(given, "order")
    order = given.get("order", "as_held")
    if order not in ("as_held", "reverse"):
        raise ControlError("order must be one of: as_held, reverse")
    return {"released": deliveries.release(world, reverse=order == "reverse")}


def _redeliver(world: World, given: Given) -> Given:
    """``{"event": id, "times": n}``: send an event again, n times at once."""
    _only(given, "event", "times")
    times = _number(given, "times", 1, 200, default=1)
    return {"queued": deliveries.redeliver(world, str(given.get("event")), times)}


def _faults(world: World, given: Given) -> Given:
    """``{"next": [{"match", "kind", "times", "seconds"}]}`` adds; ``{"clear": true}`` forgets."""
    _only(given, "next", "clear")
    if given.get("clear"):
        faults.clear(world)
    return {"queued": faults.order(world, given.get("next", []))}


def _import(world: World, given: Given) -> Given:
    """``{"gifts": […]}``, see ``imports.import_gifts``."""
    _only(given, "gifts")
    return {**imports.import_gifts(world, given.get("gifts"))}
