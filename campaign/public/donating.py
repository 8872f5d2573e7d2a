"""Giving: the form, the way to the hosted checkout, and the page that says where a donation stands."""

import logging
from http import HTTPStatus
from math import ceil

from babel.numbers import get_currency_symbol
from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import NotFound
from campaign.core.http.headers import allow_script
from campaign.core.http.limits import limiter
from campaign.core.http.public_forms import clean_source
from campaign.core.money import AmountRefused, parse_amount, plain_amount, with_fee_covered
from campaign.core.puzzles import make_puzzle
from campaign.donations import card_testing, gift_aid, giving, queries
from campaign.donations.card_testing import Guard, Level
from campaign.donations.gateway import (
    AmountTooSmall,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
)
from campaign.donations.models import Donation, DonationState, Frequency
from campaign.donations.offers import currencies, offer
from campaign.donations.settling import Overtaken, settle
from campaign.public.blueprint import bp
from campaign.public.campaigns import get_campaign, page_language, page_links
from campaign.public.giving_forms import DonateForm
from campaign.public.guarding import GivingPaused, PuzzleWanted, let_through, read_sent, stamp
from campaign.public.payments import stripe_gateway
from campaign.reports.organisation import organisation_facts
from campaign.settings import current_settings

log = logging.getLogger(__name__)

STATUS_LIMIT = "30 per minute"
RETRY_SECONDS = "10"


def _get_campaign(slug: str) -> Campaign:
    """The campaign, if it ever took donations. Raises NotFound, and Closed where it was withdrawn."""
    found = get_campaign(slug)
    if not found.takes_donations:
        raise NotFound(slug)
    return found


def _claims_gift_aid() -> bool:
    return bool(organisation_facts(db.session(), current_settings())["gift_aid"])


def _form_page(campaign: Campaign, form: DonateForm, status: int = 200, *, puzzle: bool = False) -> Response:
    """The form; with a puzzle where it is wanted of this one, or of everybody."""
    settings, now = current_settings(), clock.now()
    guard = card_testing.guard_of(db.session(), campaign.id, now=now)
    asks = puzzle or guard.level is not Level.OPEN
    if asks:
        allow_script()
    form.opened.data = form.opened.data or stamp(settings, campaign)
    currency = form.offer.currency
    example = form.offer.once[0] if form.offer.once else None
    page = render_template(
        "public/donate.html",
        campaign=campaign,
        form=form,
        puzzle=make_puzzle(settings.secret_key, now=now) if asks else None,
        puzzle_until=guard.until if guard.level is Level.PUZZLE else None,
        unit=get_currency_symbol(currency, get_locale()),
        other_currencies=[
            (code, url_for("public.donate", slug=campaign.slug, currency=code, source=form.source.data or None))
            for code in currencies(campaign)
            if code != currency
        ],
        fee_example=example
        and {
            "amount_minor": example,
            "fee_minor": with_fee_covered(example, currency) - example,
            "with_gift_aid_minor": example + gift_aid.tax_minor(example),
        },
    )
    return make_response(page, status)


def _empty_form(campaign: Campaign) -> DonateForm:
    """The form with a fresh key, with what the link named: amount, currency, how often, article."""
    asked = request.args
    offered = offer(campaign, asked["currency"] if asked.get("currency") in currencies(campaign) else campaign.currency)
    monthly = asked.get("frequency") == Frequency.MONTHLY and bool(offered.monthly)
    data = {
        "source": clean_source(asked.get("source")),
        "currency": offered.currency,
        "frequency": (Frequency.MONTHLY if monthly else Frequency.ONCE).value,
    }
    try:
        amount = parse_amount(asked.get("amount", ""), offered.currency)
    except AmountRefused:
        pass
    else:
        known = amount in (offered.monthly if monthly else offered.once)
        data["amount" if known else "other_amount"] = plain_amount(amount, offered.currency)
    return DonateForm(campaign, gift_aid=_claims_gift_aid(), formdata=None, data=data)


@bp.get("/campaigns/<slug>/donate")
def donate(slug: str) -> ResponseReturnValue:
    """The donation form. Never cached: each has a key of its own."""
    campaign = _get_campaign(slug)
    if not campaign.takes_gifts(clock.now()):
        return render_template("public/closed.html", campaign=campaign, giving=True), HTTPStatus.GONE
    guard = card_testing.guard_of(db.session(), campaign.id, now=clock.now())
    if guard.level is Level.PAUSE:
        page = render_template(
            "public/giving_paused.html", campaign=campaign, until=guard.until, signs=campaign.is_open(clock.now())
        )
        return _until(guard, make_response(page, HTTPStatus.SERVICE_UNAVAILABLE))
    return _form_page(campaign, _empty_form(campaign))


def _until(guard: Guard, response: Response) -> Response:
    response.headers["Retry-After"] = str(max(1, ceil((guard.until - clock.now()).total_seconds())))
    return response


def _form_key() -> str:
    """A puzzle's answer is no part of the wish: the form that was sent again with one is the same form."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "puzzle"]
    return giving.form_key(request.form.get("idempotency_key", ""), fields)


@bp.post("/campaigns/<slug>/donate")
def send_donation(slug: str) -> ResponseReturnValue:
    """Store the donation, open its checkout at Stripe, and lead there."""
    campaign = _get_campaign(slug)
    if not campaign.takes_gifts(clock.now()):
        return render_template("public/closed.html", campaign=campaign, giving=True), HTTPStatus.GONE
    form = DonateForm(campaign, gift_aid=_claims_gift_aid())
    is_valid = form.validate()
    if form.is_trapped() or not is_valid:
        return _form_page(campaign, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        donation = _store(campaign, form)
    except PuzzleWanted:
        form.form_errors = [
            _(
                "Your browser has a puzzle to solve first, which keeps out robots with stolen cards. Press the button "
                "once more. If you come back here again, read what stands above the button."
            )
        ]
        return _form_page(campaign, form, HTTPStatus.UNPROCESSABLE_ENTITY, puzzle=True)
    except GivingPaused as paused:
        return _until(paused.guard, _come_back(campaign, form, _paused_words(paused.guard)))
    return _lead_on(donation, campaign, form)


def _store(campaign: Campaign, form: DonateForm) -> Donation:
    """Store the donation, once for each form. Raises GivingPaused, PuzzleWanted and TooManyRequests."""
    settings, now = current_settings(), clock.now()
    sent = read_sent(settings, opened=form.opened.data or "", puzzle=form.puzzle.data or "", now=now)
    with transaction() as session:
        donation, is_new = giving.give(
            session,
            campaign,
            form.gift(),
            key=_form_key(),
            hash_key=settings.hash_key,
            language=page_language(),
            now=now,
        )
        if is_new:
            # Only here is it known that no other click of this form came first; a refusal takes the row back.
            let_through(session, donation, sent, settings=settings, now=now)
            if form.declares_gift_aid:
                house, postcode = form.gift_aid_house.data, form.gift_aid_postcode.data
                gift_aid.declare(session, donation, house=house, postcode=postcode, now=now)
    return donation


def _paused_words(guard: Guard) -> str:
    return str(
        _(
            "Somebody is trying out stolen cards here, so we take no payments until about %(time)s. "
            "No money has moved. Leave this page open and send it again then.",
            time=current_app.jinja_env.filters["time"](guard.until),
        )
    )


def _lead_on(donation: Donation, campaign: Campaign, form: DonateForm) -> ResponseReturnValue:
    """To the checkout; the form again where Stripe does not open one."""
    try:
        return redirect(_way_on(donation, campaign), HTTPStatus.SEE_OTHER)
    except AmountTooSmall:
        form.refuse_amount(_("This amount is too small to be paid by card. Please choose a larger one."))
    except GatewayRefused as refused:
        if refused.param != "customer_email":
            log.error("checkout of donation %s refused: %s %s", donation.public_id, refused, refused.param)
            return _come_back(
                campaign,
                form,
                _("Our payment provider could not open the checkout. No money has moved. Try again later."),
            )
        form.email.errors = [_("Our payment provider cannot use this email address. Please enter another one.")]
    except GatewayUnavailable:
        return _come_back(
            campaign,
            form,
            _("Our payment provider is not answering. No money has moved. Wait a moment and press the button again."),
        )
    return _form_page(campaign, form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _come_back(campaign: Campaign, form: DonateForm, words: str) -> Response:
    """The form as it was sent: sending it again asks for the same checkout, whatever became of the first try."""
    form.form_errors = [words]
    response = _form_page(campaign, form, HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _way_on(donation: Donation, campaign: Campaign) -> str:
    """Where the donor goes: to the checkout or, once that is past, to the donation's page. Raises GatewayError."""
    status_page = page_links().donation(donation.public_id)
    if donation.state is DonationState.OPEN and donation.checkout_url:
        return donation.checkout_url
    if donation.state is not DonationState.CREATED:
        return status_page
    title = (
        _("Monthly donation to %(campaign)s", campaign=campaign.short_name)
        if donation.frequency is Frequency.MONTHLY
        else _("Donation to %(campaign)s", campaign=campaign.short_name)
    )
    db.session.rollback()  # no transaction stays open while Stripe is asked
    opened = stripe_gateway().open_checkout(donation, title=title, return_url=status_page)
    try:
        with transaction() as session:
            settle(session, opened, cause="form", now=clock.now())
    except Overtaken:
        pass  # a second click came first and has stored the same checkout
    return opened.checkout_url or status_page


@bp.get("/donations/<public_id>")
@limiter.limit(STATUS_LIMIT)  # each look at an open donation asks Stripe
def donation(public_id: str) -> ResponseReturnValue:
    """Where a donation stands. Coming back from the checkout proves nothing: Stripe is asked."""
    found = queries.get_donation(db.session(), public_id)
    if found.state in (DonationState.OPEN, DonationState.PROCESSING) and found.checkout_session:
        _ask(found.checkout_session)
        found = queries.get_donation(db.session(), public_id)
    campaign = db.session().get_one(Campaign, found.campaign_id)
    return render_template("public/donation.html", campaign=campaign, donation=found)


def _ask(checkout_session: str) -> None:
    """Ask Stripe and apply the answer; without one, what is stored stays."""
    db.session.rollback()  # no transaction stays open while Stripe is asked
    try:
        standing = stripe_gateway().standing(checkout_session)
        if standing is not None:
            with transaction() as session:
                settle(session, standing, cause="page", now=clock.now())
    except Overtaken:
        pass
    except GatewayError as error:
        log.warning("checkout could not be looked up: %s", error)
