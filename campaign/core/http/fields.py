"""Form fields that the public's and the staff's forms share: lines and blocks of cleaned text, countries."""

from typing import Any

from flask_babel import gettext as _
from wtforms import Field, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import StopValidation

from campaign.core import text


def _one_line(typed: str | None) -> str:
    try:
        return text.clean_line(typed or "")
    except text.TextRefused:
        raise ValueError(_("Write this on one line.")) from None


def _several_lines(typed: str | None) -> str:
    return text.clean_block(typed or "")


class _Bounded(Field):
    """Holds the length of cleaned text, and that it is there where it is needed.

    Not WTForms' own Length: that also makes the browser cut what is pasted, without a word.
    """

    data: str

    def __init__(self, *args: Any, longest: int, needed: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.longest = longest
        self.needed = needed

    def pre_validate(self, form: Any) -> None:
        """Refuse what is empty but needed, and what is too long."""
        if self.needed and not self.data:
            raise StopValidation(str(self.needed))
        if len(self.data) > self.longest:
            raise ValidationError(_("Shorten this to %(num)s characters.", num=self.longest))


class LineField(_Bounded, StringField):
    """A line of text, in `data` cleaned; `needed` is the sentence for an empty one, else it is optional."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, filters=[_one_line], **kwargs)


class BlockField(_Bounded, TextAreaField):
    """Text of several lines, in `data` cleaned; optional unless `needed` says otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, filters=[_several_lines], **kwargs)


class CountryField(SelectField):
    """One of the codes that its form offers as `choices`, with a message that helps (WTForms' own does not)."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not in the list."""
        if self.data not in dict(self.choices):
            raise ValidationError(_("Choose a country from the list."))
