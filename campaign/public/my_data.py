"""My data: a link asked for by address and mailed, and the page behind it, where each may do what is theirs to do.

What is named in a form (a signature by its campaign, a gift by its id) is looked up among what belongs to the mailbox;
what names nothing is meant for all of it. Each act leads back to the page, which says what was done.
"""

import json

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.headers import cacheable
from campaign.core.http.limits import limiter
from campaign.core.tokens import Purpose, TokenExpired, Tokens
from campaign.donations import forgetting as gifts
from campaign.petitions.signing import CONSENT_VERSION
from campaign.privacy import access, acting, dossier
from campaign.privacy.acting import Person
from campaign.privacy.models import DataAccess
from campaign.public.blueprint import bp
from campaign.public.campaigns import page_language
from campaign.public.my_data_forms import AskDataForm, CorrectGiftForm, CorrectSignatureForm
from campaign.settings import current_settings

ASKING = "20 per 10 minutes"
DOWNLOADS = "30 per 10 minutes"


class DataLinkExpired(Exception):
    """The link to one's own data was good once."""


@bp.get("/my-data")
@cacheable
def my_data() -> ResponseReturnValue:
    """Ask for the address."""
    return _ask_page(AskDataForm(formdata=None))


@bp.post("/my-data")
@limiter.limit(ASKING)
def ask_data() -> ResponseReturnValue:
    """Mail the link; the answer is the same whether anything is kept about the address."""
    form = AskDataForm()
    if not form.validate():
        return _ask_page(form), 422
    with transaction() as session:
        access.ask_link(
            session,
            form.email.data,
            hash_key=current_settings().hash_key,
            language=page_language(),
            now=clock.now(),
        )
    return redirect(url_for("public.data_asked"), 303)


@bp.get("/my-data/check-your-inbox")
@cacheable
def data_asked() -> ResponseReturnValue:
    """What to look for."""
    return render_template(
        "public/my_data_asked.html", sender=current_settings().organisation_name, link_days=access.LINK_LIFE.days
    )


def _ask_page(form: AskDataForm, *, expired: bool = False) -> str:
    return render_template("public/my_data_ask.html", form=form, link_days=access.LINK_LIFE.days, expired=expired)


def _access(session: Session, token: str) -> DataAccess:
    """The mailbox that the link opens. Raises TokenError, DataLinkExpired or NotFound."""
    try:
        read = Tokens(current_settings().secret_key).read(Purpose.MY_DATA, token, access.LINK_LIFE)
    except TokenExpired as expired:
        raise DataLinkExpired from expired
    return access.find_access(session, read)


def _person(session: Session, token: str) -> Person:
    return Person(_access(session, token).email_key, clock.now())


@bp.errorhandler(DataLinkExpired)
def data_link_expired(_expired: DataLinkExpired) -> ResponseReturnValue:
    """Offer a new link."""
    return _ask_page(AskDataForm(formdata=None), expired=True), 410


@bp.get("/my-data/<token>")
def own_data(token: str) -> ResponseReturnValue:
    """Everything that is kept about the mailbox, and what can be done about it."""
    return _page(token)


def _page(token: str, *, wrong: CorrectSignatureForm | CorrectGiftForm | None = None, about: str = "") -> str:
    session = db.session()
    person = _person(session, token)
    found = dossier.gather(session, person.key)
    language = page_language()
    campaigns, subscribed = acting.news_choices(session, person.key)
    forms: dict[str, CorrectSignatureForm | CorrectGiftForm] = {
        found.campaigns[one.campaign_id].slug: CorrectSignatureForm(
            found.campaigns[one.campaign_id].slug, one, language
        )
        for one in found.signatures
        if one.state in acting.STANDING
    }
    forms |= {gift.public_id: CorrectGiftForm(gift) for gift in found.gifts}
    if wrong is not None:
        forms[about] = wrong
    return render_template(
        "public/my_data.html",
        token=token,
        found=found,
        forms=forms,
        wrong=wrong,
        news=campaigns,
        subscribed=subscribed,
        link_days=access.LINK_LIFE.days,
    )


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for("public.own_data", token=token), 303)


@bp.post("/my-data/<token>/correct")
def correct_own_data(token: str) -> ResponseReturnValue:
    """Put the details of one signature, or the name on one gift, right."""
    donation = request.form.get("donation", "")
    with transaction() as session:
        person = _person(session, token)
        form: CorrectSignatureForm | CorrectGiftForm
        if donation:
            gift = acting.get_gift(session, person, donation)
            about, form = donation, CorrectGiftForm(gift, request.form)
            if form.validate():
                acting.correct_gift(session, person, donation, form.name.data)
                return _back(token)
        else:
            about = _slug(session, person)
            form = CorrectSignatureForm(
                about, acting.get_signature(session, person, about), page_language(), request.form
            )
            if form.validate():
                acting.correct_signature(session, person, about, form.correction())
                return _back(token)
    return _page(token, wrong=form, about=about), 422


def _slug(session: Session, person: Person) -> str:
    """The campaign that the form names; where it names none, that of the only signature there is."""
    named = request.form.get("signature", "")
    if named:
        return named
    found = acting.list_slugs(session, person)
    return found[0] if len(found) == 1 else ""


@bp.post("/my-data/<token>/hide")
def hide_own_name(token: str) -> ResponseReturnValue:
    """Show the name, and what was written, no more."""
    with transaction() as session:
        person = _person(session, token)
        slug, donation = request.form.get("signature", ""), request.form.get("donation", "")
        if slug:
            acting.hide_signature(session, person, acting.get_signature(session, person, slug))
        elif donation:
            acting.hide_gift(session, person, acting.get_gift(session, person, donation))
        else:
            for signature in dossier.list_signatures(session, person.key):
                acting.hide_signature(session, person, signature)
            for gift in gifts.list_gifts(session, person.key):
                acting.hide_gift(session, person, gift)
    return _back(token)


@bp.post("/my-data/<token>/withdraw")
def withdraw_own_signature(token: str) -> ResponseReturnValue:
    """Take a signature back."""
    slug = request.form.get("signature", "")
    with transaction() as session:
        person = _person(session, token)
        chosen = [acting.get_signature(session, person, slug)] if slug else dossier.list_signatures(session, person.key)
        for signature in chosen:
            acting.withdraw(session, person, signature)
    return _back(token)


@bp.post("/my-data/<token>/erase")
def erase_own_data(token: str) -> ResponseReturnValue:
    """Forget one signature, one gift, the address for news, or all of it."""
    named = {name: request.form.get(name, "") for name in ("signature", "donation", "offline", "news")}
    with transaction() as session:
        person = _person(session, token)
        if named["signature"]:
            acting.erase_signature(session, person, acting.get_signature(session, person, named["signature"]))
        elif named["donation"]:
            acting.erase_gift(session, person, acting.get_gift(session, person, named["donation"]))
        elif named["offline"]:
            acting.erase_offline_gift(session, person, acting.get_offline_gift(session, person, named["offline"]))
        elif named["news"]:
            acting.erase_supporter(session, person)
        else:
            acting.erase_everything(session, person)
    return _back(token)


@bp.post("/my-data/<token>/preferences")
def choose_own_news(token: str) -> ResponseReturnValue:
    """Choose the campaigns whose news is mailed."""
    with transaction() as session:
        acting.choose_news(
            session,
            _person(session, token),
            set(request.form.getlist("news")),
            language=page_language(),
            wording_version=CONSENT_VERSION,
        )
    return _back(token)


@bp.post("/my-data/<token>/void")
def void_own_links(token: str) -> ResponseReturnValue:
    """Let no link work any more that was mailed so far: for a mail that somebody else may have seen."""
    with transaction() as session:
        access.void_links(session, _access(session, token))
    return redirect(url_for("public.my_data"), 303)


@bp.get("/my-data/<token>/download")
@limiter.limit(DOWNLOADS)
def download_own_data(token: str) -> ResponseReturnValue:
    """Everything as a file in JSON, to keep or to take elsewhere."""
    session = db.session()
    found = dossier.gather(session, _person(session, token).key)
    body = json.dumps(dossier.as_file(found, now=clock.now()), ensure_ascii=False, indent=2) + "\n"
    return Response(
        body, mimetype="application/json", headers={"Content-Disposition": 'attachment; filename="my-data.json"'}
    )
