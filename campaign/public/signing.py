"""Signing and confirming: form, inbox page, the mailed link's page with its button, thanks."""

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from campaign.campaigns.consents import shown_versions
from campaign.campaigns.models import Campaign, Demand, ShareWay
from campaign.campaigns.queries import current_demand
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.headers import cacheable
from campaign.core.http.limits import signing_flood
from campaign.core.http.public_forms import SignForm
from campaign.core.networks import network_hash
from campaign.core.tokens import Purpose, Token, TokenError, TokenExpired, Tokens
from campaign.petitions import confirmation, signing
from campaign.petitions.confirmation import LINK_LIFE
from campaign.petitions.models import Signature, SignatureState
from campaign.petitions.retention import UNCONFIRMED_LIFE
from campaign.public.blueprint import bp
from campaign.public.campaigns import get_campaign, page_language, page_links, share_words, sign_form, suggested_amounts
from campaign.public.sharing import share_links
from campaign.reports.summary import campaign_count
from campaign.settings import current_settings


@bp.get("/campaigns/<slug>/sign")
@cacheable
def sign(slug: str) -> ResponseReturnValue:
    """The sign form alone."""
    found = get_campaign(slug)
    if not found.is_open(clock.now()):
        return render_template("public/closed.html", campaign=found), 410
    demand = current_demand(db.session(), found.id)
    return render_template("public/sign.html", campaign=found, demand=demand, form=sign_form(found, demand))


@bp.post("/campaigns/<slug>/sign")
@signing_flood
def send_signature(slug: str) -> ResponseReturnValue:
    """Take the form; the answer is the same for a new, a repeated, a held and a blocked address.

    A form that was opened beside other words of the demand, or another word about names, comes back with the new ones.
    """
    settings, now = current_settings(), clock.now()
    found = get_campaign(slug)
    if not found.is_open(now):
        return render_template("public/closed.html", campaign=found), 410
    demand = current_demand(db.session(), found.id)
    form = SignForm(
        language=page_language(),
        demand=demand.version,
        names_to_target=found.names_to_target,
        consents=shown_versions(found, signing.CONSENT_VERSION),
    )
    if not form.validate():
        return render_template("public/sign.html", campaign=found, demand=demand, form=form), 422
    with transaction() as session:
        signing.sign(
            session,
            found,
            signing.SignatureForm(**form.values()),
            hash_key=settings.hash_key,
            network_hash=network_hash(settings.hash_key, request.remote_addr),
            language=page_language(),
            now=now,
        )
    return redirect(url_for("public.check_inbox", slug=slug), 303)


@bp.get("/campaigns/<slug>/check-your-inbox")
@cacheable
def check_inbox(slug: str) -> ResponseReturnValue:
    """What to look for in the inbox. The same page whoever signed."""
    found = get_campaign(slug)
    return render_template(
        "public/check_inbox.html",
        campaign=found,
        sender=current_settings().organisation_name,
        subject=_("Confirm your signature: %(title)s", title=found.title),
    )


def _read(token: str, *, even_expired: bool = False) -> Token:
    """The token of a confirmation link. Raises TokenError or TokenExpired."""
    tokens = Tokens(current_settings().secret_key)
    return tokens.read(Purpose.CONFIRM_SIGNATURE, token, None if even_expired else LINK_LIFE)


def _campaign_of(session: Session, signature: Signature) -> Campaign:
    return session.get_one(Campaign, signature.campaign_id)


def _expired_page(token: str, expired: TokenExpired) -> ResponseReturnValue:
    signature = confirmation.find_by_token(db.session(), expired.token)
    campaign = _campaign_of(db.session(), signature)
    return render_template("public/link_expired.html", campaign=campaign, token=token, link_days=LINK_LIFE.days), 410


def _confirm_page(token: str, signature: Signature, *, error: bool = False) -> Response:
    session = db.session()
    waiting = signature.state is SignatureState.PENDING
    page = render_template(
        "public/confirm.html",
        campaign=_campaign_of(session, signature),
        demand=session.get_one(Demand, signature.demand_id) if waiting else None,
        signature_name=signature.name,
        token=token,
        error=error,
        pending_days=UNCONFIRMED_LIFE.days,
    )
    return make_response(page, 422 if error else 200)


@bp.get("/confirm/<token>")
def confirm(token: str) -> ResponseReturnValue:
    """Ask "is this you?". Changes nothing: mail scanners fetch links."""
    try:
        read = _read(token)
    except TokenExpired as expired:
        return _expired_page(token, expired)
    return _confirm_page(token, confirmation.find_by_token(db.session(), read))


@bp.post("/confirm/<token>")
def press_confirm(token: str) -> ResponseReturnValue:
    """Confirm, once a person has pressed the button."""
    try:
        read = _read(token)
    except TokenExpired as expired:
        return _expired_page(token, expired)
    if request.form.get("confirm") != "yes":
        return _confirm_page(token, confirmation.find_by_token(db.session(), read), error=True)
    pressed_from = network_hash(current_settings().hash_key, request.remote_addr)
    with transaction() as session:
        signature = confirmation.confirm(session, read, now=clock.now(), network_hash=pressed_from)
        slug = _campaign_of(session, signature).slug
    return redirect(url_for("public.signed", slug=slug), 303)


@bp.post("/confirm/<token>/resend")
@signing_flood
def resend(token: str) -> ResponseReturnValue:
    """Mail a new link for an expired one."""
    read = _read(token, even_expired=True)
    with transaction() as session:
        signature = confirmation.find_by_token(session, read)
        slug = _campaign_of(session, signature).slug
        signing.resend_confirmation(session, signature.id, now=clock.now())
    return redirect(url_for("public.check_inbox", slug=slug), 303)


@bp.post("/confirm/<token>/not-me")
def not_me(token: str) -> ResponseReturnValue:
    """ "This wasn't me": removes the signature, however old the link is."""
    read = _read(token, even_expired=True)
    with transaction() as session:
        campaign = confirmation.disown(session, read, now=clock.now())
    return render_template("public/not_me.html", campaign=campaign)


@bp.app_errorhandler(TokenError)
def unknown_link(_error: TokenError) -> ResponseReturnValue:
    """A link that is not one of ours, or was cut on its way."""
    return render_template("errors/error.html", code=404, message=None), 404


@bp.get("/campaigns/<slug>/signed")
@cacheable
def signed(slug: str) -> ResponseReturnValue:
    """Thanks, without knowing whom."""
    found = get_campaign(slug)
    url, words = page_links().campaign(slug), share_words(found)
    return render_template(
        "public/signed.html",
        campaign=found,
        count=campaign_count(db.session(), found, now=clock.now()),
        share=share_links(url, words),
        share_text=f"{words[ShareWay.COPY]} {url}",
        amounts=suggested_amounts(found),
    )
