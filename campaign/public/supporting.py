"""What supporters do about the mails they get: begin, leave by the link in each, and choose behind a mailed link.

Leaving works for years, as one click of a mail program too (RFC 8058): no cookie, no Origin, no redirect.
"""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.core.http.headers import cacheable
from campaign.core.http.limits import limiter
from campaign.core.http.public_forms import AddressField, PublicForm
from campaign.core.tokens import Purpose, Token, TokenExpired, Tokens
from campaign.donations import following
from campaign.donations.models import Donation
from campaign.public.blueprint import bp, from_anywhere
from campaign.public.campaigns import page_language
from campaign.settings import current_settings
from campaign.supporters import preferences as room
from campaign.supporters import unsubscribing
from campaign.supporters.models import Supporter

ASKING = "20 per 10 minutes"


class AskForm(PublicForm):
    """The address that gets our news."""

    email = AddressField()


def _leaving(token: str) -> Token:
    """The token of an unsubscribe link, however old. Raises TokenError."""
    return Tokens(current_settings().secret_key).read(Purpose.UNSUBSCRIBE, token, None)


@bp.get("/unsubscribe/<token>")
def unsubscribe(token: str) -> ResponseReturnValue:
    """Ask. Changes nothing: mail scanners fetch links."""
    found = unsubscribing.find_subscription(db.session(), _leaving(token))
    gone = found is None or found[0].ended_at is not None
    return render_template("public/unsubscribe.html", token=token, campaign=found[1] if found else None, done=gone)


@bp.post("/unsubscribe/<token>")
@from_anywhere
def leave(token: str) -> ResponseReturnValue:
    """End this campaign's news, or all (field `all`); the same answer again."""
    read, everything = _leaving(token), bool(request.form.get("all"))
    with transaction() as session:
        unsubscribing.leave(session, read, everything=everything, now=clock.now())
    found = unsubscribing.find_subscription(db.session(), read)
    return render_template(
        "public/unsubscribe.html", token=token, campaign=found[1] if found else None, done=True, everything=everything
    )


@bp.get("/subscribe/<token>")
def subscribe(token: str) -> ResponseReturnValue:
    """Ask a donor who ticked the box for news. Changes nothing: mail scanners fetch links."""
    return _subscribe_page(token, _follower(token))


@bp.post("/subscribe/<token>")
def press_subscribe(token: str) -> ResponseReturnValue:
    """Begin the news, once a person has pressed the button (field `subscribe=yes`)."""
    donation = _follower(token)
    if request.form.get("subscribe") != "yes":
        return _subscribe_page(token, donation), 422
    with transaction() as session:
        following.follow(session, donation, now=clock.now())
    return _subscribe_page(token, donation, done=True)


def _follower(token: str) -> Donation:
    """Raises TokenError, also for a link that is too old, and NotFound."""
    read = Tokens(current_settings().secret_key).read(Purpose.SUBSCRIBE, token, following.LINK_LIFE)
    return following.find_follower(db.session(), read)


def _subscribe_page(token: str, donation: Donation, *, done: bool = False) -> str:
    campaign = db.session.get_one(Campaign, donation.campaign_id)
    return render_template("public/subscribe.html", token=token, campaign=campaign, done=done)


@bp.get("/preferences")
@cacheable
def preferences() -> ResponseReturnValue:
    """Ask for the address."""
    return render_template("public/preferences_ask.html", form=AskForm(formdata=None))


@bp.post("/preferences")
@limiter.limit(ASKING)
def ask_preferences() -> ResponseReturnValue:
    """Mail the link; the answer is the same whether the address is a supporter's."""
    form = AskForm()
    if not form.validate():
        return render_template("public/preferences_ask.html", form=form), 422
    key = address_key(current_settings().hash_key, form.email.data)
    with transaction() as session:
        room.ask_link(session, key, language=page_language(), now=clock.now())
    return redirect(url_for("public.preferences_asked"), 303)


@bp.get("/preferences/check-your-inbox")
@cacheable
def preferences_asked() -> ResponseReturnValue:
    """What to look for."""
    return render_template(
        "public/preferences_asked.html", sender=current_settings().organisation_name, link_days=room.LINK_LIFE.days
    )


def _supporter(token: str) -> Supporter:
    """Whose page the link opens. Raises TokenError, TokenExpired or NotFound."""
    read = Tokens(current_settings().secret_key).read(Purpose.PREFERENCES, token, room.LINK_LIFE)
    return room.find_supporter(db.session(), read)


def _expired() -> ResponseReturnValue:
    return render_template("public/preferences_ask.html", form=AskForm(formdata=None), expired=True), 410


@bp.get("/preferences/<token>")
def own_preferences(token: str) -> ResponseReturnValue:
    """What this supporter gets."""
    try:
        return _own_page(token, _supporter(token))
    except TokenExpired:
        return _expired()


@bp.post("/preferences/<token>")
def choose_preferences(token: str) -> ResponseReturnValue:
    """Store the choice (fields `campaigns`, repeated, and `language`), or end all news (field `stop`)."""
    settings = current_settings()
    try:
        supporter = _supporter(token)
    except TokenExpired:
        return _expired()
    language = request.form.get("language", supporter.language)
    wanted = set() if request.form.get("stop") else set(request.form.getlist("campaigns"))
    with transaction() as session:
        room.choose(
            session,
            supporter.id,
            wanted=wanted,
            language=language if language in settings.languages else supporter.language,
            now=clock.now(),
        )
    return _own_page(token, _supporter(token), stored=True)


def _own_page(token: str, supporter: Supporter, *, stored: bool = False) -> str:
    return render_template(
        "public/preferences.html",
        token=token,
        language=supporter.language,
        subscriptions=room.list_subscriptions(db.session(), supporter.id),
        stored=stored,
    )
