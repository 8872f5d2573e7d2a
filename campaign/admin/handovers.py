"""Hand-overs: ask for the pack that is carried to who is asked, and record that it was."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, FileField, HiddenField, SelectField, ValidationError

from campaign.admin.access import actor, current_campaign, may
from campaign.admin.blueprint import bp
from campaign.admin.fields import PastDayField, WholeNumberField
from campaign.admin.forms import StaffForm, read_edition
from campaign.admin.picture_forms import refused_sentence
from campaign.campaigns import handovers as room
from campaign.campaigns.edits import EditedMeanwhile
from campaign.campaigns.handovers import HandoverFields
from campaign.campaigns.models import Handover
from campaign.core import clock, pictures
from campaign.core.database import db, transaction
from campaign.core.http.fields import BlockField, LineField
from campaign.core.http.uploads import takes_file
from campaign.core.paging import parse_cursor
from campaign.core.pictures import PictureRefused
from campaign.petitions import export_jobs, tally
from campaign.petitions.export.selection import Selection
from campaign.petitions.models import ExportFormat, SignatureState
from campaign.petitions.queries import list_public_comments
from campaign.reports.summary import campaign_count
from campaign.settings import current_settings

MOST_COMMENTS = 60
_CHOSEN = 24
_ONCE_CONFIRMED = (SignatureState.CONFIRMED, SignatureState.INVALIDATED, SignatureState.WITHDRAWN)


class PackForm(StaffForm):
    """What the pack is for, and which comments it shows."""

    reason = LineField(longest=500)

    def validate_reason(self, field: Field) -> None:
        """A word at least that somebody else understands."""
        if len(field.data) < export_jobs.SHORTEST_REASON:
            raise ValidationError(_("Write what the pack is for, like “Hand over on 12 March”."))


class SignedField(WholeNumberField):
    """How many had signed: no more than ever signed, which the page sets as `most`."""

    most: int

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse more; what is corrected later must not make a true number wrong, so those removed since are in it."""
        super().post_validate(form, validation_stopped)
        if self.number > self.most:
            raise ValidationError(
                _("Only %(most)s have ever signed. Enter how many had by then.", most=f"{self.most:,}")
            )


class HandoverForm(StaffForm):
    """What is told of a hand-over."""

    handed_on = PastDayField(needed=lazy_gettext("Enter the day."))
    recipient = LineField(longest=200, needed=lazy_gettext("Write who took it."))
    signatures = SignedField()
    pack = SelectField(validate_choice=False, default="")
    body = BlockField(longest=20_000)
    answer = BlockField(longest=30_000)
    photo = FileField()
    photo_alt = LineField(longest=500)
    photo_credit = LineField(longest=200)
    photo_agreed = BooleanField()
    photo_remove = BooleanField()
    is_public = BooleanField()
    edition = HiddenField(default="0")
    picture: bytes | None = None

    def validate_photo(self, field: Field) -> None:
        """A picture that can be shown, of people who agreed to it."""
        file = field.data
        if not isinstance(file, FileStorage) or not file.filename:
            return
        if not self.photo_agreed.data:
            raise ValidationError(_("Ask the people in the photograph first, and say that they agree."))
        try:
            self.picture = pictures.reencode(file.stream)  # type: ignore[arg-type]
        except PictureRefused as refused:
            raise ValidationError(refused_sentence(refused.why)) from None

    def validate_photo_alt(self, field: Field) -> None:
        """Words for who cannot see it."""
        file = self.photo.data
        if isinstance(file, FileStorage) and file.filename and not field.data:
            raise ValidationError(_("Say in words what the photograph shows."))

    def validate_pack(self, field: Field) -> None:
        """Only packs that there are."""
        if field.data not in dict(field.choices):
            raise ValidationError(_("Choose a pack from the list."))

    def to_fields(self) -> HandoverFields:
        """What the room takes; only after the form was found good."""
        return HandoverFields(
            handed_on=self.handed_on.data,
            recipient=self.recipient.data,
            signatures=self.signatures.number,
            body=self.body.data,
            answer=self.answer.data,
            photo_alt=self.photo_alt.data,
            photo_credit=self.photo_credit.data,
            pack_sha256=self.pack.data or None,
            is_public=self.is_public.data,
        )


@bp.get("/campaigns/<slug>/handovers")
def handovers(slug: str) -> ResponseReturnValue:
    """What was handed over, and the form for a pack."""
    return _page(PackForm())


def _page(form: PackForm, chosen: list[int] | None = None) -> str:
    found, session = current_campaign(), db.session()
    makes_packs = may("admin.handovers_pack", found, "POST")
    comments = list_public_comments(session, found.id, limit=MOST_COMMENTS) if makes_packs else []
    if chosen is None:
        chosen = [comment.id for comment in comments[:_CHOSEN]]
    return render_template(
        "admin/handovers.html", form=form, handovers=room.list_handovers(session, found.id), comments=comments,
        chosen=chosen, makes_packs=makes_packs,
    )  # fmt: skip


@bp.post("/campaigns/<slug>/handovers/pack")
def handovers_pack(slug: str) -> ResponseReturnValue:
    """Ask for the pack: an export like any other."""
    found, form = current_campaign(), PackForm()
    # `chooses` is sent by the page, so that no comment at all can be chosen; without it, the latest are shown.
    chosen = [number for typed in request.form.getlist("comments") if (number := parse_cursor(typed)) is not None]
    comment_ids = chosen[:MOST_COMMENTS] if "chooses" in request.form or chosen else None
    if not form.validate():
        return _page(form, comment_ids), 422
    with transaction() as session:
        export_jobs.request_export(
            session, Selection(campaign_id=found.id), export_format=ExportFormat.PACK, reason=form.reason.data,
            actor=actor(), now=clock.now(), comment_ids=comment_ids,
        )  # fmt: skip
    flash(_("The pack is being made. It stands in the list of exports."), "success")
    return redirect(url_for("admin.exports", slug=slug), 303)


@bp.route("/campaigns/<slug>/handovers/new", methods=["GET", "POST"])
@takes_file(pictures.LARGEST_FILE)
def handovers_new(slug: str) -> ResponseReturnValue:
    """Record a hand-over."""
    return _write(None)


@bp.route("/campaigns/<slug>/handovers/<handover>/edit", methods=["GET", "POST"])
@takes_file(pictures.LARGEST_FILE)
def handovers_edit(slug: str, handover: str) -> ResponseReturnValue:
    """Change what is told of one."""
    return _write(room.get_handover(db.session(), current_campaign().id, handover))


def _write(told: Handover | None) -> ResponseReturnValue:
    form = HandoverForm(data=_stored(told))
    form.signatures.most = _most_signatures(told)
    packs = export_jobs.list_packs(db.session(), current_campaign().id)
    form.pack.choices = [("", _("None of these"))]
    form.pack.choices += [(pack.sha256, f"{_moment(pack)}: {(pack.sha256 or '')[:12]}…") for pack in packs]
    if told and told.pack_sha256 and told.pack_sha256 not in dict(form.pack.choices):
        form.pack.choices.append((told.pack_sha256, f"{told.pack_sha256[:12]}…"))
    if request.method == "GET":
        return render_template("admin/handover_edit.html", form=form, handover=told)
    if not form.validate():
        return render_template("admin/handover_edit.html", form=form, handover=told), 422
    return _save(form, told)


def _most_signatures(told: Handover | None) -> int:
    """How many signatures there can have been; what was stored before is not refused."""
    session, found = db.session(), current_campaign()
    states = tally.counts(session, found.id)
    elsewhere = sum(part.count for part in tally.collected(session, [found.id])[found.id])
    ever = sum(states[state] for state in _ONCE_CONFIRMED) + elsewhere
    return max(ever, told.signatures if told else 0)


def _moment(pack: Any) -> str:
    zone = current_settings().zone
    return str((pack.as_of or pack.created_at).astimezone(zone).strftime("%Y-%m-%d %H:%M"))


def _save(form: HandoverForm, told: Handover | None) -> ResponseReturnValue:
    found, folder = current_campaign(), current_settings().storage / "pictures"
    before = told.photo if told else None
    photo = None if form.photo_remove.data else before
    if form.picture:  # the file first: a row never names one that is not there
        photo = pictures.store_picture(folder, form.picture)
    common: dict[str, Any] = {"photo": photo, "actor": actor(), "now": clock.now()}
    try:
        with transaction() as session:
            if told is None:
                room.record_handover(session, found.id, form.to_fields(), **common)
            else:
                edition = read_edition(form.edition)
                room.edit_handover(session, found.id, told.public_id, form.to_fields(), edition=edition, **common)
    except EditedMeanwhile:
        form.form_errors.append(_("Somebody else has changed this. Load the page again, then make your change."))
        return render_template("admin/handover_edit.html", form=form, handover=told), 409
    if before and before != photo:
        (folder / before).unlink(missing_ok=True)
    flash(_("Stored."), "success")
    return redirect(url_for("admin.handovers", slug=found.slug), 303)


def _stored(told: Handover | None) -> dict[str, Any]:
    if told is None:
        found, now = current_campaign(), clock.now()
        return {
            "handed_on": now.astimezone(current_settings().zone).date(),
            "recipient": found.target,
            "signatures": campaign_count(db.session(), found, now=now).total,
        }
    names = "handed_on recipient signatures body answer photo_alt photo_credit is_public edition"
    return {name: getattr(told, name) for name in names.split()} | {"pack": told.pack_sha256 or ""}
