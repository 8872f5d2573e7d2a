"""The forms that anybody may send, to the pages or to the API. They check shape; the rest is the rooms' business.

They carry no token, because their pages are cached for everybody: where a post comes from is checked instead.
"""

import re
from collections.abc import Sequence
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
_VERSION = re.compile("[1-9][0-9]{0,8}", re.ASCII)


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


class DemandField(HiddenField):
    """Which version of the demand the form was shown with. Forms that do not say so mean the current one.

    Afterwards `data` is the current version, because a form that comes back stands beside its words.
    """

    data: str

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse a version that is not the current one: nobody signs words that they were not shown."""
        sent, self.data = self.data, self.object_data
        if sent in ("", self.data):
            return
        if _VERSION.fullmatch(sent) and int(sent) < int(self.data):
            raise ValidationError(
                _("The words of the demand have changed since you opened this page. Read them and send the form again.")
            )
        raise ValidationError(_("The demand has no such version. Read its words and send the form again."))


class UnnamedField(HiddenField):
    """Sent by forms which said that names stay here. Afterwards `data` is what the form says that comes back."""

    data: str

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse a form that promised what is not so any more."""
        sent, self.data = self.data, self.object_data
        if sent and not self.data:
            raise ValidationError(
                _("Since you opened this page, we have decided to hand names over. Read how and send the form again.")
            )


class ConsentField(HiddenField):
    """Which version of the words beside the boxes the form was shown with. Forms that do not say so mean the present.

    `agreed` is what was agreed to; afterwards `data` is the present version, because a form that comes back shows that.
    """

    data: str
    agreed: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown: Sequence[str] = ()

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse a version that nobody was ever shown: what it says is not known."""
        self.agreed, self.data = self.data or self.shown[0], self.shown[0]
        if self.agreed not in self.shown:
            raise ValidationError(_("These boxes never had such words. Read them and send the form again."))


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
    demand = DemandField()
    unnamed = UnnamedField()
    consent = ConsentField()
    website = StringField()

    def __init__(
        self, *args: Any, language: str, demand: int, names_to_target: bool, consents: Sequence[str], **kwargs: Any
    ) -> None:
        """`demand` is the current version, `names_to_target` whether names are handed over now.

        `consents` are the versions of the words beside the boxes that forms show or have shown, the present one first.
        """
        shown = {"demand": str(demand), "unnamed": "" if names_to_target else "1", "consent": consents[0]}
        super().__init__(*args, data=kwargs.pop("data", {}) | shown, **kwargs)
        self.consent.shown = consents
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
            "demand": int(self.demand.data),
            "honeypot": bool(self.website.data),
            "consent_version": self.consent.agreed,
        }
