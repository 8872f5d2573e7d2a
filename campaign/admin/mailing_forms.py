"""The forms for mailings: texts with an audience, and what is to be done with one that is written."""

from typing import Any

from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _
from wtforms import BooleanField, Field, HiddenField, SelectField, ValidationError

from campaign.admin.fields import MomentField
from campaign.admin.forms import StaffForm
from campaign.core import clock
from campaign.core.formatting import countries
from campaign.core.http.fields import BlockField, CountryField, LineField
from campaign.core.http.public_forms import clean_source
from campaign.supporters.mailings import MailingFields, Words
from campaign.supporters.models import Donors, Mailing


class MailingForm(StaffForm):
    """To whom a mailing goes; its texts are added for the languages of the site, see `mailing_form`."""

    languages: tuple[str, ...]

    country = CountryField()
    source = LineField(longest=200)
    donors = SelectField(validate_choice=False, default=Donors.ANY.value)
    was = HiddenField()

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        named = countries(str(get_locale()).replace("_", "-"))
        self.country.choices = [("", _("All countries")), *named]

    def text_fields(self) -> list[tuple[str, Field, Field]]:
        """Each language with its subject and its text."""
        return [(code, self[f"subject-{code}"], self[f"body-{code}"]) for code in self.languages]

    def validate_donors(self, field: Field) -> None:
        """One of the three."""
        if field.data not in set(Donors):
            raise ValidationError(_("Choose from the list."))

    def validate_source(self, field: Field) -> None:
        """A slug or an address, as links carry it."""
        if field.data and clean_source(field.data) != field.data:
            raise ValidationError(_("Write the article as its link names it, like front-page."))

    def validate(self, *args: Any, **more: Any) -> bool:
        """A further language is written whole or not at all."""
        fine = super().validate(*args, **more)
        for _code, subject, body in self.text_fields()[1:]:
            for one, other in ((subject, body), (body, subject)):
                if other.data and not one.data:
                    one.errors = [_("Write subject and text in this language, or neither.")]
                    fine = False
        return bool(fine)

    def to_fields(self, *, update_id: int | None) -> MailingFields:
        """What the room takes; only after the form was found good."""
        texts = [
            Words(language=code, subject=subject.data, body=body.data)
            for code, subject, body in self.text_fields()
            if subject.data
        ]
        return MailingFields(
            texts=texts, country=self.country.data, source=self.source.data, donors=Donors(self.donors.data),
            update_id=update_id,
        )  # fmt: skip


def mailing_form(languages: tuple[str, ...], mailing: Mailing | None = None) -> MailingForm:
    """The form with what was sent, else with what is stored."""
    fields: dict[str, Any] = {"languages": languages}
    for number, code in enumerate(languages):
        needed = (lazy_gettext("Enter a subject."), lazy_gettext("Write the text.")) if number == 0 else (None, None)
        fields[f"subject-{code}"] = LineField(longest=200, needed=needed[0])
        fields[f"body-{code}"] = BlockField(longest=20_000, needed=needed[1])
    made: type[MailingForm] = type("MailingForm", (MailingForm,), fields)
    return made(data=_stored(mailing) if mailing else None)


def _stored(mailing: Mailing) -> dict[str, Any]:
    values = {
        "country": mailing.country,
        "source": mailing.source,
        "donors": mailing.donors.value,
        "was": str(mailing.edition),
    }
    for text in mailing.texts:
        values |= {f"subject-{text.language}": text.subject, f"body-{text.language}": text.body}
    return values


class DeedForm(StaffForm):
    """What is to be done with a mailing, as it was shown."""

    send_at = MomentField()
    was = HiddenField()

    def validate_send_at(self, field: Field) -> None:
        """Empty, or still to come."""
        if field.data and field.data <= clock.now():
            raise ValidationError(_("Choose a time that is still to come."))


class SupporterListForm(StaffForm):
    """Why a list of supporters leaves, and whether it has their addresses."""

    include_addresses = BooleanField()
    reason = LineField(longest=500, needed=lazy_gettext("Write why, so that it can be understood later."))
