"""The pictures of a campaign: upload, describe, choose what must not be cut off, choose where they stand, remove."""

from dataclasses import replace
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from PIL import Image

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.forms import read_edition
from campaign.admin.picture_forms import TYPES, PictureForm, refused_sentence
from campaign.campaigns import pictures as room
from campaign.campaigns.models import Picture
from campaign.campaigns.pictures import Cuts, PictureFields, cuts_folder, original_path
from campaign.campaigns.updates import list_all_updates
from campaign.core import clock, pictures
from campaign.core.database import db, transaction
from campaign.core.errors import ChangedMeanwhile
from campaign.core.files import write_file
from campaign.core.http.uploads import takes_file
from campaign.core.identifiers import new_public_id
from campaign.core.pictures import PictureRefused
from campaign.settings import current_settings

LONGEST_SIDE = 2400
PRESSED_WIDTH = 240
"""How wide the picture is on which the point is pressed: in those pixels a browser says where."""
MOST_UPDATES = 50


@bp.route("/campaigns/<slug>/pictures", methods=["GET", "POST"], endpoint="pictures")
@takes_file(pictures.LARGEST_FILE)
def pictures_page(slug: str) -> ResponseReturnValue:
    """The campaign's pictures, and the form for another."""
    form = PictureForm(needs_file=True)
    if request.method == "GET":
        return _list_page(form)
    if not form.validate():
        return _list_page(form), 422
    found, now, public_id = current_campaign(), clock.now(), new_public_id()
    try:
        clean = pictures.reencode(form.file.data.stream, LONGEST_SIDE)
        cuts = _cut(clean, form.to_fields())
    except PictureRefused as refused:
        form.file.errors = [refused_sentence(refused.why)]
        return _list_page(form), 422
    write_file(original_path(current_settings().storage, public_id), clean)
    with transaction() as session:
        room.add_picture(session, found.id, public_id, form.to_fields(), cuts, actor=actor(), now=now)
        if form.leads.data:
            room.show_on_page(session, found.id, public_id, actor=actor(), now=now)
    flash(_("Stored, without the place, time and device that the camera had noted."), "success")
    return redirect(url_for("admin.pictures_one", slug=slug, picture=public_id), 303)


def _list_page(form: PictureForm) -> str:
    found, session = current_campaign(), db.session()
    listed = room.list_pictures(session, found.id)
    if request.method == "GET":
        form.leads.data = not any(picture.is_leading for picture in listed)
    return render_template(
        "admin/pictures.html", form=form, pictures=listed, uses=room.list_uses(session, found.id), types=TYPES,
        unused_days=room.UNUSED_LIFE.days,
    )  # fmt: skip


def _cut(clean: bytes, fields: PictureFields) -> Cuts:
    """Make the cuts where readers' pictures are. Raises PictureRefused."""
    return Cuts(*pictures.cut(clean, cuts_folder(current_settings().storage), focus=fields.focus))


@bp.route("/campaigns/<slug>/pictures/<picture>", methods=["GET", "POST"])
def pictures_one(slug: str, picture: str) -> ResponseReturnValue:
    """One picture: what is said of it, and where it stands."""
    found = room.get_picture(db.session(), current_campaign().id, picture)
    form = PictureForm(needs_file=False, data=_stored(found))
    if request.method == "GET":
        return _one_page(form, found)
    if not form.validate():
        return _one_page(form, found), 422
    return _save(form, found, form.to_fields())


@bp.post("/campaigns/<slug>/pictures/<picture>/focus")
def pictures_focus(slug: str, picture: str) -> ResponseReturnValue:
    """The point that was pressed on the picture (fields `focus.x` and `focus.y`, in pixels of what was shown)."""
    found = room.get_picture(db.session(), current_campaign().id, picture)
    form = PictureForm(needs_file=False, formdata=None, data=_stored(found))
    form.edition.data = request.form.get("edition", "")
    typed = [request.form.get(name, "") for name in ("focus.x", "focus.y")]
    if not all(part.isascii() and part.isdigit() and len(part) < 6 for part in typed):
        abort(422, _("Press on the picture, or enter the point in percent."))
    x, y = (int(part) for part in typed)
    if (x, y) == (0, 0):  # what a keyboard sends, which points at nothing
        flash(_("Press on the picture, or enter the point in percent."))
        return redirect(url_for("admin.pictures_one", slug=slug, picture=picture), 303)
    width, height = _pressed_size(found)
    fields = replace(_fields(found), focus_x=min(100, 100 * x // width), focus_y=min(100, 100 * y // height))
    return _save(form, found, fields)


def _save(form: PictureForm, found: Picture, fields: PictureFields) -> ResponseReturnValue:
    storage, before = current_settings().storage, found.digest
    cuts = Cuts(found.digest, found.width)
    if fields.focus != (found.focus_x, found.focus_y):
        try:
            cuts = _cut(original_path(storage, found.public_id).read_bytes(), fields)
        except (FileNotFoundError, PictureRefused):
            form.form_errors.append(_("The file of this picture is gone. Remove the picture and add it again."))
            return _one_page(form, found), 422
    try:
        with transaction() as session:
            room.edit_picture(
                session, found.campaign_id, found.public_id, fields, cuts, edition=read_edition(form.edition),
                actor=actor(), now=clock.now(),
            )  # fmt: skip
    except ChangedMeanwhile:
        form.form_errors.append(_("Somebody else has changed this. Load the page again, then make your change."))
        return _one_page(form, room.get_picture(db.session(), found.campaign_id, found.public_id)), 409
    if cuts.digest != before and (cuts_folder(storage) / before).exists():
        (cuts_folder(storage) / before).touch()  # pages kept by caches lead there for a while yet
    flash(_("Stored."), "success")
    return redirect(url_for("admin.pictures_one", slug=current_campaign().slug, picture=found.public_id), 303)


def _one_page(form: PictureForm, found: Picture) -> str:
    session = db.session()
    told = list_all_updates(session, found.campaign_id, MOST_UPDATES)
    return render_template(
        "admin/picture.html", form=form, picture=found, updates=told, pressed_size=_pressed_size(found),
    )  # fmt: skip


def _pressed_size(found: Picture) -> tuple[int, int]:
    try:
        with Image.open(original_path(current_settings().storage, found.public_id)) as whole:  # a file of our own
            return PRESSED_WIDTH, max(1, PRESSED_WIDTH * whole.height // whole.width)
    except OSError:
        return PRESSED_WIDTH, PRESSED_WIDTH * 9 // 16


def _fields(found: Picture) -> PictureFields:
    return PictureFields(
        alt=found.alt, credit=found.credit, people=found.people, agreement=found.agreement,
        focus_x=found.focus_x, focus_y=found.focus_y,
    )  # fmt: skip


def _stored(found: Picture) -> dict[str, Any]:
    names = "alt credit agreement focus_x focus_y edition"
    return {name: getattr(found, name) for name in names.split()} | {"people": found.people.value}


@bp.post("/campaigns/<slug>/pictures/<picture>/show")
def pictures_show(slug: str, picture: str) -> ResponseReturnValue:
    """Choose where the picture stands: at the head of the campaign's page (`page`), in updates (`updates`)."""
    campaign_id, now = current_campaign().id, clock.now()
    found = room.get_picture(db.session(), campaign_id, picture)
    leads = bool(request.form.get("page"))
    with transaction() as session:
        if leads != found.is_leading:
            room.show_on_page(session, campaign_id, picture if leads else None, actor=actor(), now=now)
        room.show_in_updates(
            session, campaign_id, picture, set(request.form.getlist("updates")), actor=actor(), now=now
        )
    flash(_("Stored."), "success")
    return redirect(url_for("admin.pictures_one", slug=slug, picture=picture), 303)


@bp.post("/campaigns/<slug>/pictures/<picture>/remove")
def pictures_remove(slug: str, picture: str) -> ResponseReturnValue:
    """Take the picture off every page and delete its files at once: somebody may have taken back their consent."""
    storage = current_settings().storage
    with transaction() as session:
        gone = room.remove_picture(session, current_campaign().id, picture, actor=actor(), now=clock.now())
    room.delete_files(storage, gone, still_wanted=room.wanted_files(db.session(), [gone.digest]))
    flash(_("Removed, and its files are deleted."), "success")
    return redirect(url_for("admin.pictures", slug=slug), 303)


@bp.get("/campaigns/<slug>/pictures/<picture>/whole")
def pictures_whole(slug: str, picture: str) -> Response:
    """The picture as it was uploaded, uncut, for the page on which the point is pressed."""
    found = room.get_picture(db.session(), current_campaign().id, picture)
    if not original_path(current_settings().storage, found.public_id).exists():
        abort(404)
    response = send_file(original_path(current_settings().storage, found.public_id), mimetype="image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response
