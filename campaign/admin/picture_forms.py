"""The form for a picture: the file, what it shows in words, who is in it, and what must not be cut off."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, FileField, HiddenField, RadioField, ValidationError

from campaign.admin.fields import BoundedNumberField
from campaign.admin.forms import StaffForm
from campaign.campaigns.models import People
from campaign.campaigns.pictures import PictureFields
from campaign.core.http.fields import LineField
from campaign.core.pictures import LARGEST_FILE, Why

TYPES = "image/jpeg,image/png,image/webp"


def refused_sentence(why: Why) -> str:
    """What is wrong with a file, and what to do."""
    sentences: dict[Why, str] = {
        Why.NO_PICTURE: _(
            "This file cannot be read as a picture. Choose a photograph saved as JPEG, PNG or WebP. SVG drawings are "
            "not taken, because they can hold programs."
        ),
        Why.TOO_LARGE: _(
            "This picture is too large. Save it as a JPEG of at most %(megabytes)s MB and 6,000 by 4,000 pixels.",
            megabytes=LARGEST_FILE // 1024 // 1024,
        ),
        Why.TOO_SMALL: _("This picture is too small. Choose one that is at least 480 pixels wide, better 1,600."),
    }
    return sentences[why]


class PictureForm(StaffForm):
    """A picture. Of people who did not agree there is none: the form has no way to say so."""

    file = FileField()
    alt = LineField(longest=500, needed=lazy_gettext("Say in words what the picture shows."))
    credit = LineField(longest=200)
    people = RadioField(validate_choice=False)
    agreement = LineField(longest=500)
    focus_x = BoundedNumberField(least=0, most=100, default="50")
    focus_y = BoundedNumberField(least=0, most=100, default="50")
    leads = BooleanField()
    edition = HiddenField(default="0")

    def __init__(self, *, needs_file: bool, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.needs_file = needs_file
        self.people.choices = [
            (People.NONE.value, _("Nobody can be recognised in it")),
            (People.AGREED.value, _("Everybody who can be recognised agreed to be shown")),
        ]

    def validate_file(self, field: Field) -> None:
        """There is one."""
        if self.needs_file and not (isinstance(field.data, FileStorage) and field.data.filename):
            raise ValidationError(_("Choose a picture."))

    def validate_people(self, field: Field) -> None:
        """Said by the editor, never beforehand."""
        if field.data not in set(People):
            raise ValidationError(_("Say whether somebody can be recognised. Without their consent, do not upload it."))

    def validate_agreement(self, field: Field) -> None:
        """Whoever is shown was asked, and it can be told later."""
        if self.people.data == People.AGREED and not field.data:
            raise ValidationError(_("Note who agreed, when and how, so that it can be shown later."))

    def to_fields(self) -> PictureFields:
        """What the room takes; only after the form was found good."""
        people = People(self.people.data)
        return PictureFields(
            alt=self.alt.data,
            credit=self.credit.data,
            people=people,
            agreement=self.agreement.data if people is People.AGREED else "",
            focus_x=self.focus_x.number,
            focus_y=self.focus_y.number,
        )
