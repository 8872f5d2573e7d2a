"""Mailings to the campaign's supporters: written, looked at, tried, planned, watched, paused, cancelled."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.forms import read_edition
from campaign.admin.mailing_forms import DeedForm, MailingForm, mailing_form
from campaign.admin.update_mail import as_page, render_mail
from campaign.audit.trail import record
from campaign.campaigns.models import UpdateState
from campaign.campaigns.updates import get_update
from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.core.errors import ChangedMeanwhile
from campaign.core.links import links_for
from campaign.reports.audience import Audience, count_audience, sample_audience
from campaign.reports.mailing_mail import Withdrawn, mailing_words
from campaign.settings import current_settings
from campaign.supporters import mailings as room
from campaign.supporters.mailings import MOVES, MailingFields, NotNow, Words
from campaign.supporters.models import Mailing, MailingState

TEST = "test"


@bp.get("/campaigns/<slug>/mailings")
def mailings(slug: str) -> ResponseReturnValue:
    """All mailings, whatever their state."""
    found = room.list_mailings(db.session(), current_campaign().id)
    leavers = room.count_leavers(db.session(), [mailing.id for mailing in found])
    return render_template("admin/mailings.html", mailings=found, leavers=leavers)


@bp.route("/campaigns/<slug>/mailings/new", methods=["GET", "POST"])
def mailings_new(slug: str) -> ResponseReturnValue:
    """Write a mailing."""
    form = mailing_form(current_settings().languages)
    if request.method == "GET":
        return _form_page(form, None)
    if not form.validate():
        return _form_page(form, None), 422
    with transaction() as session:
        mailing = room.add_mailing(
            session, current_campaign().id, form.to_fields(update_id=None), actor=actor(), now=clock.now()
        )
    return _to_page(mailing, _("Stored as a draft. Look at it below, and send a test to yourself."))


@bp.post("/campaigns/<slug>/updates/<update>/mail")
def updates_mail(slug: str, update: str) -> ResponseReturnValue:
    """Start a mailing from an update that readers can see."""
    told = get_update(db.session(), current_campaign().id, update)
    if told.state is not UpdateState.PUBLISHED:
        abort(409, _("Publish the update first: the mail links to it."))
    words = Words(language=current_settings().languages[0], subject=told.title, body=told.body)
    with transaction() as session:
        mailing = room.add_mailing(
            session, current_campaign().id, MailingFields(texts=[words], update_id=told.id), actor=actor(),
            now=clock.now(),
        )  # fmt: skip
    return _to_page(mailing, _("A draft with the update’s text. Look at it below, and send a test to yourself."))


@bp.route("/campaigns/<slug>/mailings/<public_id>/edit", methods=["GET", "POST"])
def mailings_edit(slug: str, public_id: str) -> ResponseReturnValue:
    """Change a draft."""
    mailing = _get(public_id)
    form = mailing_form(current_settings().languages, mailing)
    if request.method == "GET":
        return _form_page(form, mailing)
    if not form.validate():
        return _form_page(form, mailing), 422
    try:
        with transaction() as session:
            room.change_mailing(
                session, mailing, form.to_fields(update_id=mailing.update_id), was=read_edition(form.was),
                actor=actor(), now=clock.now(),
            )  # fmt: skip
    except (ChangedMeanwhile, NotNow):
        stored = _get(public_id)
        form.was.data = str(stored.edition)
        form.form_errors = [_("Somebody else has changed this mailing meanwhile. What it says now stands below.")]
        return _form_page(form, stored, theirs=stored), 409
    return _to_page(mailing, _("Stored."))


@bp.get("/campaigns/<slug>/mailings/<public_id>/preview")
def mailings_preview(slug: str, public_id: str) -> ResponseReturnValue:
    """The mail as it looks, in one language of the site."""
    settings, mailing = current_settings(), _get(public_id)
    language = request.args.get("language", settings.languages[0])
    if language not in settings.languages:
        abort(404)
    links = links_for(settings.address, settings.languages, language)
    try:
        template, context = mailing_words(db.session(), mailing, links, language)
    except Withdrawn:
        abort(409, _("The update that this mailing tells of was withdrawn."))
    dots = {"unsubscribe_url": f"{links.home()}unsubscribe/…", "preferences_url": f"{links.home()}preferences/…"}
    return as_page(render_mail(settings, template, language, context | dots))


@bp.route("/campaigns/<slug>/mailings/<public_id>", methods=["GET", "POST"])
def mailings_one(slug: str, public_id: str) -> ResponseReturnValue:
    """One mailing: to whom it goes, how far it has come, and what can be done with it."""
    mailing, form = _get(public_id), DeedForm()
    if request.method == "GET":
        return _page(mailing, form, with_sample=bool(request.args.get("sample")))
    deed = request.form.get("action", "")
    if deed != TEST and deed not in MOVES:
        abort(422, _("Use one of the buttons on the page."))
    if not form.validate():
        return _page(mailing, form), 422
    try:
        _do(mailing, deed, form)
    except NotNow:
        abort(409, _("This cannot be done any more: the mailing has changed since the page was loaded."))
    return _to_page(mailing, _done_words(deed))


def _do(mailing: Mailing, deed: str, form: DeedForm) -> None:
    with transaction() as session:
        if deed == TEST:
            key = address_key(current_settings().hash_key, actor())
            room.send_test(session, mailing, recipient_key=key, actor=actor(), now=clock.now())
            return
        room.move_mailing(
            session, mailing, deed, was=read_edition(form.was), actor=actor(), now=clock.now(),
            send_at=form.send_at.data if deed == "schedule" else None,
        )  # fmt: skip


def _done_words(deed: str) -> str:
    words: dict[str, str] = {
        TEST: _("A test is on its way to your own address."),
        "schedule": _("Planned. It can be paused and cancelled until the last mail has gone."),
        "draft": _("Back to a draft. Nothing was sent."),
        "pause": _("Paused. Mails that are just being sent may still go."),
        "resume": _("It goes on."),
        "cancel": _("Cancelled. Mails that are just being sent may still go."),
    }
    return words[deed]


def _get(public_id: str) -> Mailing:
    return room.get_mailing(db.session(), current_campaign().id, public_id)


def _to_page(mailing: Mailing, words: str) -> ResponseReturnValue:
    flash(words, "success")
    slug = current_campaign().slug
    return redirect(url_for("admin.mailings_one", slug=slug, public_id=mailing.public_id), 303)


def _form_page(form: MailingForm, mailing: Mailing | None, **more: Any) -> str:
    return render_template("admin/mailing_edit.html", form=form, mailing=mailing, **more)


def _page(mailing: Mailing, form: DeedForm, *, with_sample: bool = False) -> str:
    """A look at recipients is in the trail, though their addresses are covered."""
    if with_sample:
        with transaction() as session:
            record(
                session, actor=actor(), action="mailing.audience_viewed", object_type="mailing",
                object_id=mailing.public_id, now=clock.now(), campaign_id=mailing.campaign_id,
            )  # fmt: skip
        mailing = _get(mailing.public_id)
    session, audience = db.session(), Audience.of(mailing)
    waits = mailing.state in (MailingState.DRAFT, MailingState.SCHEDULED)
    form.was.data = str(mailing.edition)
    return render_template(
        "admin/mailing.html",
        mailing=mailing,
        form=form,
        size=count_audience(session, audience) if waits else None,
        sample=sample_audience(session, audience) if with_sample and waits else None,
        leavers=room.count_leavers(session, [mailing.id])[mailing.id],
        moves=[deed for deed, states in MOVES.items() if mailing.state in states],
        rate=current_settings().mailings_per_minute,
    )
