"""A campaign's screening: what each signal does, the words to look for, and who is blocked or allowed."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.screening_forms import EntryForm, RulesForm, language_name, make_rules_form
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import Closed, NotFound
from campaign.core.paging import parse_cursor
from campaign.petitions.models import Listing, ListSubject, Signature
from campaign.petitions.screening import listing
from campaign.petitions.screening.listing import EntryRefused
from campaign.petitions.screening.rules import RulesChangedMeanwhile, rules_of, set_rules
from campaign.settings import current_settings


@bp.route("/campaigns/<slug>/screening", methods=["GET", "POST"])
def screening(slug: str) -> ResponseReturnValue:
    """Show the rules and lists; store the rules."""
    found = current_campaign()
    before = rules_of(db.session(), found.id)
    form = make_rules_form(before)
    if request.method == "GET":
        return _page(form, EntryForm(formdata=None, signature=request.args.get("signature")))
    if not form.validate():
        return _page(form), 422
    try:
        with transaction() as session:
            changed = set_rules(session, found.id, form.to_rules(before), actor=actor(), now=clock.now())
    except RulesChangedMeanwhile:
        return _page(make_rules_form(rules_of(db.session(), found.id), formdata=None), changed_meanwhile=True), 409
    flash(_("Stored.") if changed else _("Nothing had changed."), "success")
    return redirect(url_for("admin.screening", slug=slug), 303)


@bp.post("/campaigns/<slug>/screening/lists")
def screening_list(slug: str) -> ResponseReturnValue:
    """Put a line on one of the lists."""
    found, form = current_campaign(), EntryForm()
    if form.validate():
        try:
            with transaction() as session:
                _add(session, found.id, form)
        except EntryRefused as refused:
            form.refuse(refused.problem)
        else:
            flash(_("Stored. It holds for signatures that are confirmed from now on."), "success")
            return redirect(url_for("admin.screening", slug=slug, _anchor="lists"), 303)
    return _page(make_rules_form(rules_of(db.session(), found.id), formdata=None), form), 422


def _add(session: Session, campaign_id: int, form: EntryForm) -> None:
    chosen = Listing(form.listing.data)
    hash_key, by, now = current_settings().hash_key, actor(), clock.now()
    if form.signature.data:
        hashed = _signature(session, campaign_id, form.signature.data).network_hash
        if hashed is None:
            raise Closed(_("Its network is forgotten: networks are kept for 30 days."))
        listing.list_network(
            session, campaign_id, chosen, hashed, note=form.note.data, hash_key=hash_key, actor=by, now=now
        )
        return
    subject = ListSubject(form.subject.data)
    listing.add_entry(
        session, campaign_id, chosen, subject, form.value.data or "",
        note=form.note.data, hash_key=hash_key, actor=by, now=now,
    )  # fmt: skip


@bp.post("/campaigns/<slug>/screening/lists/<int:entry_id>/remove")
def screening_unlist(slug: str, entry_id: int) -> ResponseReturnValue:
    """Take a line off its list."""
    with transaction() as session:
        listing.remove_entry(session, current_campaign().id, entry_id, actor=actor(), now=clock.now())
    flash(_("Taken off the list."), "success")
    return redirect(url_for("admin.screening", slug=slug, _anchor="lists"), 303)


def _signature(session: Session, campaign_id: int, number: str) -> Signature:
    row_id = parse_cursor(number)
    signature = session.get(Signature, row_id) if row_id is not None else None
    if signature is None or signature.campaign_id != campaign_id:
        raise NotFound("There is no such signature.")
    return signature


def _page(rules: RulesForm, entry: EntryForm | None = None, *, changed_meanwhile: bool = False) -> str:
    campaign = current_campaign()
    entry = entry or EntryForm(formdata=None)
    return render_template(
        "admin/screening.html",
        rules=rules,
        entry=entry,
        of_signature=_signature(db.session(), campaign.id, entry.signature.data) if entry.signature.data else None,
        entries=listing.list_entries(db.session(), campaign.id),
        language_name=language_name,
        changed_meanwhile=changed_meanwhile,
    )
