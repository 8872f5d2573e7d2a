"""The hosted checkout pages under ``/c/pay/``: what the payer sees. No script, no cookie."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, g, make_response, redirect, render_template, request

from campaign.sandbox import cardform, checkout, happenings
from campaign.sandbox.cardform import CardForm
from campaign.sandbox.checkout import Outcome
from campaign.sandbox.money import format_amount
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World


@dataclass
class PageView:
    """What a template shows of a session."""

    session: Obj
    form: CardForm
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def amount(self) -> str:
        """The total, for people."""
        return format_amount(self.session["amount_total"], self.session["currency"])

    @property
    def takes_debits(self) -> bool:
        """Whether the payer may choose a bank debit, which takes days."""
        return len(self.session["payment_method_types"]) > 1

    @property
    def rhythm(self) -> str:
        """How often it is paid, such as ``every month``; empty for once."""
        recurring = self.session["_line_items"][0]["price"]["recurring"]
        return f"every {recurring['interval']}" if recurring else ""

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What is paid for: name, details, amount."""
        return [
            {
                "name": item["description"],
                "details": item["_details"],
                "amount": format_amount(item["amount_total"], item["currency"]),
            }
            for item in self.session["_line_items"]
        ]


def register(app: Flask, world: World) -> None:
    """Add the hosted pages to the application."""
    pages = Blueprint("pages", __name__)

    @pages.get("/c/pay/<session_id>")
    def show(session_id: str) -> Response:
        return _show(world, session_id)

    @pages.post("/c/pay/<session_id>")
    def pay(session_id: str) -> Response:
        form = CardForm.read(request.form)
        with world.transaction():
            session = _find(world, session_id)
            if session is None:
                return _not_found()
            later = "later" in request.form
            errors = form.debit_errors() if later else form.errors(world.now())
            if session["status"] == "open" and errors:
                return _page("pay.html", PageView(session, form, errors=errors), 422)
            if errors:
                return _after(session, form, Outcome("closed"))
            if later:
                outcome = checkout.pay_later(world, session, form.debit_payer(session["currency"]))
            else:
                outcome = checkout.pay(world, session, *form.payer())
        return _after(session, form, outcome)

    @pages.post("/c/pay/<session_id>/authenticate")
    def authenticate(session_id: str) -> Response:
        passed = request.form.get("outcome") == "complete"
        with world.transaction():
            session = _find(world, session_id)
            if session is None:
                return _not_found()
            outcome = checkout.authenticate(world, session, passed=passed)
        return _after(session, CardForm.empty(session), outcome)

    pages.after_request(protect)
    app.register_blueprint(pages)


def _show(world: World, session_id: str) -> Response:
    with world.transaction():
        session = _find(world, session_id)
        waiting = session is not None and _waits_for_bank(world, session)
    if session is None:
        return _not_found()
    if session["status"] != "open":
        return _closed(session)
    view = PageView(session, CardForm.empty(session))
    return _page("authenticate.html" if waiting else "pay.html", view)


def _find(world: World, session_id: str) -> Obj | None:
    happenings.catch_up(world)
    session = world.store.find(session_id, "checkout.session")
    if session:
        g.form_targets = [session["success_url"], session["cancel_url"]]
    return session


def _waits_for_bank(world: World, session: Obj) -> bool:
    intent = checkout.intent_of(world, session)
    return intent is not None and intent["status"] == "requires_action"


def _after(session: Obj, form: CardForm, outcome: Outcome) -> Response:
    """The answer to an attempt to pay; a second press of the button ends where the first did."""
    if outcome.state in ("paid", "processing") or session["status"] == "complete":
        return _go(checkout.success_address(session))
    if session["status"] == "open" and outcome.state in ("authenticate", "closed"):
        return _go(f"/c/pay/{session['id']}")
    if outcome.state == "declined":
        view = PageView(session, form.without_card(), message=outcome.message)
        return _page("pay.html", view, 402)
    return _closed(session)


def _go(address: str) -> Response:
    return make_response(redirect(address, 303))


def _page(template: str, view: PageView, status: int = 200) -> Response:
    html = render_template(template, view=view, test_cards=cardform.HINTS)
    return make_response(html, status)


def _closed(session: Obj) -> Response:
    view = PageView(session, CardForm.empty(session))
    paid = session["status"] == "complete"
    way_on = checkout.success_address(session) if paid else session["cancel_url"]
    html = render_template("closed.html", view=view, paid=paid, way_on=way_on)
    return make_response(html, 200 if paid else 410)


def _not_found() -> Response:
    return make_response(render_template("not_found.html"), 404)


def protect(response: Response) -> Response:
    """A policy without scripts. Browsers hold ``form-action`` against redirects too, so the
    places to which paying leads must be in it."""
    places = {_origin(address) for address in g.get("form_targets", []) if address}
    form_action = " ".join(["'self'", *sorted(places)])
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action {form_action}"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
