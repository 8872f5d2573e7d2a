"""The donor's own page, behind a mailed link: receipts, a year on one page, and monthly gifts to change or end."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, StringField, ValidationError

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import Closed, NotFound
from campaign.core.http.headers import cacheable
from campaign.core.http.limits import limiter
from campaign.core.http.public_forms import AddressField, PublicForm
from campaign.core.money import AmountRefused, minimum_minor, parse_amount
from campaign.core.paper import Style
from campaign.core.tokens import Purpose, Token, TokenExpired, Tokens
from campaign.donations import changing, giver, receipts
from campaign.donations.gateway import GatewayError
from campaign.donations.models import ChangeKind, Donation, MonthlyGift
from campaign.donations.receipt_paper import print_receipt, print_statement
from campaign.public.blueprint import bp
from campaign.public.campaigns import page_language, page_links
from campaign.public.giving_forms import money_words
from campaign.public.payments import stripe_gateway
from campaign.reports.organisation import organisation_facts
from campaign.reports.printing import print_style
from campaign.settings import current_settings

log = logging.getLogger(__name__)

ASKING = "20 per 10 minutes"
PORTAL_LIMIT = "10 per 10 minutes"  # each asks Stripe
DONOR = "donor"
_KINDS = {kind.value: kind for kind in ChangeKind}


class AskForm(PublicForm):
    """The address with which somebody gave."""

    email = AddressField()


class AmountForm(PublicForm):
    """A new monthly amount, in the gift's currency."""

    amount = StringField()

    def __init__(self, currency: str) -> None:
        super().__init__()
        self._currency = currency
        self.amount_minor = 0

    def validate_amount(self, field: Field) -> None:
        """An amount that a card can be charged."""
        try:
            self.amount_minor = parse_amount(field.data or "", self._currency)
        except AmountRefused:
            raise ValidationError(_("Enter an amount in figures, like 25 or 12.50.")) from None
        if self.amount_minor < minimum_minor(self._currency):
            smallest = money_words(minimum_minor(self._currency), self._currency)
            raise ValidationError(_("The smallest donation is %(amount)s.", amount=smallest))


@bp.get("/giving")
@cacheable
def giving() -> ResponseReturnValue:
    """Ask for the address."""
    return render_template("public/giving_ask.html", form=AskForm(formdata=None), link_days=giver.LINK_LIFE.days)


@bp.post("/giving")
@limiter.limit(ASKING)
def ask_giving() -> ResponseReturnValue:
    """Mail the link; the answer is the same whether the address ever gave."""
    form = AskForm()
    if not form.validate():
        return render_template("public/giving_ask.html", form=form, link_days=giver.LINK_LIFE.days), 422
    with transaction() as session:
        giver.ask_link(
            session,
            form.email.data,
            hash_key=current_settings().hash_key,
            language=page_language(),
            now=clock.now(),
        )
    return redirect(url_for("public.giving_asked"), 303)


@bp.get("/giving/check-your-inbox")
@cacheable
def giving_asked() -> ResponseReturnValue:
    """What to look for."""
    return render_template(
        "public/giving_asked.html", sender=current_settings().organisation_name, link_days=giver.LINK_LIFE.days
    )


def _read(token: str) -> Token:
    """The token of a giving link. Raises TokenError or TokenExpired."""
    return Tokens(current_settings().secret_key).read(Purpose.GIVING, token, giver.LINK_LIFE)


def _donor(token: str) -> Donation:
    return giver.find_donor(db.session(), _read(token))


def _expired() -> ResponseReturnValue:
    form = AskForm(formdata=None)
    return render_template("public/giving_ask.html", form=form, link_days=giver.LINK_LIFE.days, expired=True), 410


@bp.get("/giving/<token>")
def own_giving(token: str) -> ResponseReturnValue:
    """Everything that the donor gave, and what can be changed about it."""
    try:
        donor = _donor(token)
    except TokenExpired:
        return _expired()
    return _page(token, donor)


def _page(token: str, donor: Donation, **more: Any) -> str:
    session, zone = db.session(), current_settings().zone
    gifts = giver.list_monthly_gifts(session, donor.email_key)
    ids = [gift.id for gift, _title in gifts]
    facts = receipts.list_donors_facts(session, donor.email_key)
    return render_template(
        "public/giving.html",
        token=token,
        gifts=gifts,
        wanted=giver.wanted_changes(session, ids),
        failures=giver.open_failures(session, ids),
        receipts=facts,
        years=sorted({one.paid_at.astimezone(zone).year for one in facts}, reverse=True),
        **more,
    )


@bp.get("/giving/<token>/receipts/<int:number>.pdf")
def own_receipt(token: str, number: int) -> ResponseReturnValue:
    """One of the donor's receipts, as it stands now."""
    donor = _donor(token)
    own = {facts.number: facts for facts in receipts.list_donors_facts(db.session(), donor.email_key)}
    if number not in own:
        raise NotFound("There is no such receipt.")
    body = print_receipt(own[number], _print_style(), now=clock.now())
    return _pdf(body, f"receipt-{number}.pdf")


@bp.get("/giving/<token>/statements/<int:year>.pdf")
def own_statement(token: str, year: int) -> ResponseReturnValue:
    """The donor's payments of a calendar year."""
    settings, donor = current_settings(), _donor(token)
    known = 2000 <= year <= clock.now().astimezone(settings.zone).year
    own = receipts.list_donors_facts(db.session(), donor.email_key)
    facts = receipts.in_year(own, year, settings.zone) if known else []
    if not facts:
        raise NotFound("There is nothing to state for this year.")
    body = print_statement(facts, year, _print_style(), now=clock.now())
    return _pdf(body, f"donations-{year}.pdf")


def _print_style() -> Style:
    settings = current_settings()
    return print_style(settings, page_language(), organisation=organisation_facts(db.session(), settings))


def _pdf(body: bytes, name: str) -> Response:
    return Response(body, mimetype="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@bp.get("/giving/<token>/monthly/<public_id>/<any(cancel, amount):what>")
def own_gift(token: str, public_id: str, what: str) -> ResponseReturnValue:
    """Ask before a monthly gift is ended, or for its new amount."""
    try:
        gift = giver.get_own_gift(db.session(), _donor(token).email_key, public_id)
    except TokenExpired:
        return _expired()
    return _gift_page(token, gift, what, AmountForm(gift.currency))


def _gift_page(token: str, gift: MonthlyGift, what: str, form: AmountForm) -> str:
    return render_template("public/giving_change.html", token=token, gift=gift, what=what, form=form)


@bp.post("/giving/<token>/monthly/<public_id>/<any(cancel, amount, pause, resume):what>")
def change_own_gift(token: str, public_id: str, what: str) -> ResponseReturnValue:
    """Note what the donor wants; from a cancellation on nothing may be charged. Stripe hears of it at once after."""
    try:
        gift = giver.get_own_gift(db.session(), _donor(token).email_key, public_id)
    except TokenExpired:
        return _expired()
    amount_minor = None
    if what == ChangeKind.AMOUNT:
        form = AmountForm(gift.currency)
        if not form.validate():
            return _gift_page(token, gift, what, form), 422
        amount_minor = form.amount_minor
    try:
        with transaction() as session:
            changing.ask_change(
                session, gift.id, _KINDS[what], asked_by=DONOR, now=clock.now(), amount_minor=amount_minor
            )
    except Closed:
        pass  # it has ended already, as the page says
    return redirect(url_for("public.own_giving", token=token), 303)


@bp.post("/giving/<token>/monthly/<public_id>/card")
@limiter.limit(PORTAL_LIMIT)
def own_card(token: str, public_id: str) -> ResponseReturnValue:
    """Lead to Stripe's portal, where the card is changed: card data never comes near us.

    The way back is the gift's page, which names nobody; the link to the donor's own page stays with the donor.
    """
    try:
        donor = _donor(token)
    except TokenExpired:
        return _expired()
    session = db.session()
    gift = giver.get_own_gift(session, donor.email_key, public_id)
    return_url = page_links().donation(session.get_one(Donation, gift.donation_id).public_id)
    db.session.rollback()  # no transaction stays open while Stripe is asked
    try:
        return redirect(stripe_gateway().open_portal(gift, return_url=return_url), HTTPStatus.SEE_OTHER)
    except GatewayError as error:
        log.error("portal of monthly gift %s not opened: %s", gift.public_id, error)
        words = _("Our payment provider’s page cannot be opened now. Your monthly gift is as it was; try again later.")
        return _page(token, _donor(token), problem=words), HTTPStatus.SERVICE_UNAVAILABLE
