"""What the staff's forms share."""

from typing import Any

from flask_babel import get_locale
from flask_wtf import FlaskForm
from wtforms import Field

from campaign.settings import current_settings


class StaffForm(FlaskForm):
    """A form with Flask-WTF's token, whose times are in the site's zone."""

    class Meta(FlaskForm.Meta):
        @property
        def zone(self) -> Any:
            return current_settings().zone


def read_edition(field: Field) -> int:
    """The edition that an edit started from, as its hidden field has it; 0 for what is none."""
    typed = str(field.data)
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def language() -> str:
    """The language of the page, as CLDR writes it."""
    return str(get_locale()).replace("_", "-")
