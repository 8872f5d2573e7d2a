"""The organisation's page: who it is, and what the pages about privacy, access, money and contact need to know."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, DateField, Field, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from campaign.admin.access import actor
from campaign.admin.blueprint import bp
from campaign.admin.fields import MailAddressField, WebAddressField, web_address
from campaign.admin.forms import StaffForm, read_edition
from campaign.campaigns.edits import EditedMeanwhile
from campaign.campaigns.organisation import OrganisationFields, find_organisation, set_organisation
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.fields import BlockField, LineField
from campaign.core.text import clean_line
from campaign.reports.organisation import organisation_facts
from campaign.settings import current_settings

MOST_LINKS = 6
MOST_YEARS = 30


class OrganisationForm(StaffForm):
    """All that the pages say of the organisation."""

    name = LineField(longest=100, needed=lazy_gettext("Enter the name that readers know."))
    legal_name = LineField(longest=200, needed=lazy_gettext("Enter who answers for the data by law."))
    legal_form = LineField(longest=100)
    charity_number = LineField(longest=60)
    address = BlockField(longest=500)
    contact_email = MailAddressField(needed=True)
    phone = LineField(longest=60)
    contact_note = BlockField(longest=3000)
    gift_aid = BooleanField()
    footer_links = TextAreaField()
    privacy_email = MailAddressField()
    authority = LineField(longest=200)
    authority_url = WebAddressField()
    payment_years = StringField()
    money_note = BlockField(longest=5000)
    accessibility_checked_on = DateField(
        validators=[Optional()], invalid_value_message=lazy_gettext("Enter a day, like 2026-03-12.")
    )
    accessibility_note = BlockField(longest=5000)
    edition = HiddenField()

    def validate_footer_links(self, field: Field) -> None:
        """Words, a bar and an address on each line."""
        self.links = [self._read_link(line) for line in (field.data or "").splitlines() if line.strip()]
        if len(self.links) > MOST_LINKS:
            raise ValidationError(_("Write at most %(num)s lines.", num=MOST_LINKS))

    def _read_link(self, typed: str) -> dict[str, str]:
        words, _bar, address = typed.partition("|")
        label, url = clean_line(words), web_address(address)
        if not 0 < len(label) <= 60 or url is None:
            raise ValidationError(_("Write words, a bar and an address on each line: Our paper | https://example.org"))
        return {"label": label, "url": url}

    def validate_payment_years(self, field: Field) -> None:
        """A number of years, or nothing."""
        typed = (str(field.data) if field.data is not None else "").strip()
        fine = typed.isascii() and typed.isdigit() and len(typed) < 3
        if typed and not (fine and 1 <= int(typed) <= MOST_YEARS):
            raise ValidationError(_("Enter a number of years from 1 to %(num)s.", num=MOST_YEARS))
        self.years = int(typed) if typed else None

    def validate_accessibility_checked_on(self, field: Field) -> None:
        """Not a day that is still to come where the site is."""
        if field.data and field.data > clock.now().astimezone(self.meta.zone).date():
            raise ValidationError(_("Enter a day that has been."))

    def to_fields(self) -> OrganisationFields:
        """What the room takes; only after the form was found good."""
        read = {"footer_links": self.links, "payment_years": self.years}
        plain = [name for name in OrganisationFields.__dataclass_fields__ if name not in read]
        return OrganisationFields(**read, **{name: self[name].data for name in plain})  # type: ignore[arg-type]


def _form(*, sent: bool = True) -> OrganisationForm:
    """The form with what was sent, or with what holds now."""
    stored = find_organisation(db.session())
    facts = organisation_facts(db.session(), current_settings())
    facts["footer_links"] = "\n".join(f"{link['label']} | {link['url']}" for link in facts["footer_links"])
    data = facts | {"edition": stored.edition if stored else 0}
    return OrganisationForm(data=data) if sent else OrganisationForm(formdata=None, data=data)


@bp.route("/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """Show and store what is said of the organisation."""
    form = _form()
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form), 422
    try:
        with transaction() as session:
            set_organisation(
                session, form.to_fields(), edition=read_edition(form.edition), actor=actor(), now=clock.now()
            )
    except EditedMeanwhile:
        db.session.rollback()  # leave the snapshot in which the page began
        theirs = _form(sent=False)
        form.edition.data = theirs.edition.data
        return _page(form, theirs=theirs), 409
    flash(_("Stored. Pages say it within a few seconds, mails from now on."), "success")
    return redirect(url_for("admin.settings"), 303)


def _page(form: OrganisationForm, **more: Any) -> str:
    return render_template("admin/settings.html", form=form, sender=current_settings().sender, **more)
