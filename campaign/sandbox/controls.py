"""The controls under ``/_sandbox/``: what at Stripe is the dashboard, the calendar and bad luck.

Each takes JSON and answers JSON; the page at ``/_sandbox/`` posts the same as plain forms.
"""

from collections.abc import Callable

from flask import Blueprint, Flask, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException

from campaign.sandbox import (
    billing_controls,
    deliveries,
    disputes,
    faults,
    happenings,
    imports,
    money_controls,
    overview,
    report,
)
from campaign.sandbox.control_input import Given, choice, number, only
from campaign.sandbox.errors import ApiError, ControlError
from campaign.sandbox.money import format_amount
from campaign.sandbox.recording import Recording, traffic
from campaign.sandbox.world import World

_NUMBERS = ("advance_seconds", "amount", "next", "seconds", "seed", "times")


def register(app: Flask, world: World, recording: Recording) -> None:
    """Add the controls to the application."""
    controls = Blueprint("controls", __name__, url_prefix="/_sandbox")
    actions: dict[str, Callable[[World, Given], Given]] = {
        "time": billing_controls.time,
        "renew": billing_controls.renew,
        "fail_renewals": billing_controls.fail_renewals,
        "bill": billing_controls.bill,
        "pay": money_controls.pay,
        "debit": money_controls.debit,
        "refund": money_controls.refund,
        "refund/fail": money_controls.fail_refund,
        "dispute": money_controls.dispute,
        "dispute/win": money_controls.win,
        "dispute/lose": money_controls.lose,
        "fraud_warning": money_controls.warn,
        "webhooks": _webhooks,
        "webhooks/release": _release,
        "webhooks/redeliver": _redeliver,
        "faults": _faults,
        "import": _import,
    }
    for path, action in actions.items():
        controls.add_url_rule(f"/{path}", endpoint=path, methods=["POST"], view_func=_view(world, action))

    if world.config.record:
        controls.add_url_rule("/traffic", endpoint="traffic", view_func=_traffic_view(world, recording))
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


def _traffic_view(world: World, recording: Recording) -> Callable[[], Response]:
    def view() -> Response:
        with world.transaction():
            return jsonify(traffic(world, recording, request.args.get("since", 0, int)))

    return view


def _page_view(world: World) -> Callable[[], Response]:
    def view() -> Response:
        with world.transaction():
            happenings.catch_up(world)
            html = render_template(
                "controls.html",
                state=report.state(world),
                deliveries=report.recent(world),
                payments=overview.payments(world),
                monthly_gifts=overview.monthly_gifts(world),
                next_renewal=overview.next_renewal(world),
                modes=deliveries.MODES,
                kinds=faults.KINDS,
                reasons=disputes.REASONS,
                money=format_amount,
                moment=overview.moment,
            )
        return _page(html)

    return view


def _page(html: str, status: int = 200) -> Response:
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
    return response


def _view(world: World, action: Callable[[World, Given], Given]) -> Callable[[], Response]:
    def view() -> Response:
        given = _read()
        with world.transaction():
            happenings.catch_up(world)
            answer = action(world, given)
        if _is_form():
            return make_response(redirect("/_sandbox/", 303))
        return jsonify(answer)

    return view


def _read() -> Given:
    """The posted JSON object; or a form from the control page, with its numbers as numbers."""
    if _is_form():
        filled = {name: value.strip() for name, value in request.form.items() if value.strip()}
        return {name: int(v) if name in _NUMBERS and v.isdecimal() else v for name, v in filled.items()}
    given = request.get_json(force=True, silent=True) if request.content_length else {}
    if not isinstance(given, dict):
        raise ControlError("the body must be a JSON object")
    return given


def _refusal(error: ControlError | ApiError) -> Response:
    """JSON for scripts, a page for those who pressed a button."""
    if _is_form():
        return _page(render_template("refused.html", message=str(error)), 400)
    return make_response(jsonify({"error": {"message": str(error)}}), 400)


def _is_form() -> bool:
    return request.mimetype == "application/x-www-form-urlencoded"


def _http_refusal(error: HTTPException) -> tuple[Response, int]:
    return jsonify({"error": {"message": error.description}}), error.code or 500


def _webhooks(world: World, given: Given) -> Given:
    """``{"mode": …, "times": n, "seconds": n, "types": […]}``, see ``deliveries.set_mode``."""
    return deliveries.set_mode(world, given)


def _release(world: World, given: Given) -> Given:
    """``{"order": "as_held" or "reverse"}``: send what was held."""
    only(given, "order")
    order = choice(given, "order", ("as_held", "reverse"), "as_held")
    return {"released": deliveries.release(world, reverse=order == "reverse")}


def _redeliver(world: World, given: Given) -> Given:
    """``{"event": id, "times": n}``: send an event again, n times at once."""
    only(given, "event", "times")
    times = number(given, "times", 1, 200, default=1)
    return {"queued": deliveries.redeliver(world, str(given.get("event")), times)}


def _faults(world: World, given: Given) -> Given:
    """``{"next": [{"match", "kind", "times", "seconds"}]}``, or one fault alone, adds; ``{"clear": true}`` forgets."""
    if given.get("clear"):
        faults.clear(world)
    if "kind" in given:
        only(given, "match", "kind", "times", "seconds")
        return {"queued": faults.order(world, given)}
    only(given, "next", "clear")
    return {"queued": faults.order(world, given.get("next", []))}


def _import(world: World, given: Given) -> Given:
    """``{"gifts": […]}``, see ``imports.import_gifts``."""
    only(given, "gifts")
    return {**imports.import_gifts(world, given.get("gifts"))}
