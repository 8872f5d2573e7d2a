"""The pages of the customer portal under ``/p/session/``. No script, no cookie: the link is the key."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, g, make_response, redirect, render_template, request

from campaign.sandbox import cards, happenings, portal
from campaign.sandbox.cardform import CardForm
from campaign.sandbox.money import format_amount
from campaign.sandbox.pages import protect
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

_BASE = "/p/session/<token>"


def register(app: Flask, world: World) -> None:
    """Add the portal to the application."""
    pages = Blueprint("portal", __name__)

    def within(act: Callable[..., Response]) -> Callable[..., Response]:
        """Run an action with the session of the link, or say that there is none."""

        def view(token: str, **ids: str) -> Response:
            with world.transaction():
                happenings.catch_up(world)
                session = portal.find(world, token)
                if session is None:
                    return make_response(render_template("portal_closed.html"), 404)
                g.form_targets = [session["return_url"]]
                return act(world, session, **ids)

        return view

    for method, path, act in (
        ("GET", _BASE, _home),
        ("GET", f"{_BASE}/card", _card),
        ("POST", f"{_BASE}/card", _set_card),
        ("GET", f"{_BASE}/cancel/<subscription_id>", _ask_to_cancel),
        ("POST", f"{_BASE}/cancel/<subscription_id>", _cancel),
        ("POST", f"{_BASE}/keep/<subscription_id>", _keep),
    ):
        name = act.__name__.strip("_")
        pages.add_url_rule(path, endpoint=name, methods=[method], view_func=within(act))
    pages.after_request(protect)
    app.register_blueprint(pages)


def _home(world: World, session: Obj) -> Response:
    flow, visited = session["flow"], request.args.get("done")
    if flow and not visited:
        wanted = flow["subscription_cancel"]
        return _go(session, f"/cancel/{wanted['subscription']}" if wanted else "/card")
    return _page(
        "portal.html",
        session,
        customer=world.store.find(session["customer"], "customer"),
        subscriptions=[_shown(world, each) for each in portal.subscriptions_of(world, session)],
        invoices=portal.invoices_of(world, session),
    )


def _shown(world: World, subscription: Obj) -> Obj:
    """What the page says of a subscription."""
    items = subscription["items"]["data"]
    each_time = sum(item["price"]["unit_amount"] * item["quantity"] for item in items)
    product = world.store.find(items[0]["price"]["product"], "product") or {}
    return {
        "id": subscription["id"],
        "name": product.get("name", subscription["id"]),
        "amount": format_amount(each_time, subscription["currency"]),
        "interval": items[0]["price"]["recurring"]["interval"],
        "until": items[0]["current_period_end"],
        "status": subscription["status"],
        "ends": subscription["cancel_at_period_end"],
        "paused": subscription["pause_collection"] is not None,
        "card": portal.card_of(world, subscription),
    }


def _card(world: World, session: Obj) -> Response:
    customer = world.store.find(session["customer"], "customer") or {}
    form = CardForm(email=customer["email"] or "", name=customer["name"] or "")
    return _page("portal_card.html", session, form=form, errors={}, message="")


def _set_card(world: World, session: Obj) -> Response:
    customer = world.store.find(session["customer"], "customer") or {}
    # The address is the customer's own and not asked for again.
    form = CardForm.read({**request.form, "email": customer["email"] or "payer@example.com"})
    errors, message, status = form.errors(world.now()), "", 422
    if not errors:
        attaches = cards.digits_of(form.number) == cards.ATTACHES_ONLY
        message, status = portal.set_card(world, session, *form.payer(), attaches=attaches), 402
    if not errors and not message:
        return _go(session, "?done=card")
    return _page("portal_card.html", session, status, form=form.without_card(), errors=errors, message=message)


def _ask_to_cancel(world: World, session: Obj, subscription_id: str) -> Response:
    subscription = portal.own_subscription(world, session, subscription_id)
    if subscription is None:
        return _go(session, "?done=none")
    return _page("portal_cancel.html", session, subscription=_shown(world, subscription))


def _cancel(world: World, session: Obj, subscription_id: str) -> Response:
    portal.set_cancelled(world, session, subscription_id, wanted=True)
    return _go(session, "?done=cancelled")


def _keep(world: World, session: Obj, subscription_id: str) -> Response:
    portal.set_cancelled(world, session, subscription_id, wanted=False)
    return _go(session, "?done=kept")


def _go(session: Obj, path: str) -> Response:
    return make_response(redirect(f"/p/session/{session['_token']}{path}", 303))


def _page(template: str, session: Obj, status: int = 200, **shown: object) -> Response:
    html = render_template(template, session=session, token=session["_token"], day=_day, money=format_amount, **shown)
    return make_response(html, status)


def _day(moment: int) -> str:
    """A moment as a day, in UTC."""
    return f"{datetime.fromtimestamp(moment, UTC):%-d %B %Y}"
