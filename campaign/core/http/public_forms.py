"""The forms that anybody may send, to the pages or to the API. They check shape; the rest is the rooms' business.

They carry no token, because their pages are cached for everybody: where a post comes from is checked instead.
"""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, StringField, ValidationError

from campaign.core import text
from campaign.core.addresses import AddressRefused, check_address
from campaign.core.formatting import countries
from campaign.core.http.fields import BlockField, CountryField, LineField

LONGEST_SOURCE = 200


class PublicForm(FlaskForm):
    """A form without token."""

    class Meta:
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Form fields only: Flask-WTF by itself takes a JSON body for a form as well, whatever its shape."""
            return formdata if formdata is None or isinstance(formdata, MultiDict) else request.form


class TickBox(BooleanField):
    """Ticked by any non-empty value."""

    false_values = (False, "")


class NameField(StringField):
    """A person's name, in any script, in `data` cleaned."""

    data: str

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Clean the name and refuse what is none."""
        try:
            self.data = text.check_name(self.data or "")
        except text.NameRefused as refused:
            raise ValidationError(_name_sentence(refused.problem)) from None


def _name_sentence(problem: text.NameProblem) -> str:
    sentences: dict[text.NameProblem, str] = {
        text.NameProblem.LINES: _("Write your name on one line."),
        text.NameProblem.EMPTY: _("Enter your name."),
        text.NameProblem.LONG: _("Shorten your name to %(num)s characters.", num=text.LONGEST_NAME),
        text.NameProblem.SIGNS: _("Enter your name without links or signs."),
    }
    return sentences[problem]


class AddressField(StringField):
    """A mail address, in `data` as typed but for surrounding space."""

    data: str

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse what cannot be written to."""
        try:
            self.data = check_address(self.data or "")
        except AddressRefused:
            raise ValidationError(_("Enter an email address with an @, like name@example.com.")) from None


class SourceField(HiddenField):
    """The article that brought the reader: a slug or an address; anything else is dropped without a word."""

    data: str

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Keep only what a link of an article may carry."""
        self.data = clean_source(self.data)


def clean_source(typed: str | None) -> str:
    """The source as kept: printable, without spaces, of bounded length; otherwise empty."""
    source = (typed or "").strip()
    fine = len(source) <= LONGEST_SOURCE and source.isprintable() and not any(char.isspace() for char in source)
    return source if fine and not text.starts_formula(source) else ""


def _country_choices(language: str) -> list[tuple[str, str]]:
    return list(countries(language))


class SignForm(PublicForm):
    """The sign form, with the fields that outsiders rely on and a trap that people do not see."""

    name = NameField()
    email = AddressField()
    country = CountryField()
    postcode = LineField(longest=text.LONGEST_POSTCODE)
    comment = BlockField(longest=text.LONGEST_COMMENT)
    show_name = TickBox()
    updates = TickBox()
    source = SourceField()
    website = StringField()

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = _country_choices(language)

    def values(self) -> dict[str, Any]:
        """What was sent, as the petition's room names it."""
        return {
            "name": self.name.data,
            "email": self.email.data,
            "country": self.country.data,
            "postcode": self.postcode.data.upper(),
            "comment": self.comment.data,
            "show_name": self.show_name.data,
            "wants_updates": self.updates.data,
            "source": self.source.data,
            "honeypot": bool(self.website.data),
        }
