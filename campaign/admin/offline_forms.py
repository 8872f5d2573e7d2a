"""The forms for a gift in cash, by cheque or by bank transfer. They check shape; the room keeps what holds."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import Field, HiddenField, SelectField, StringField, ValidationError

from campaign.admin.access import current_campaign
from campaign.admin.fields import PastDayField, read_amount, shown_amount
from campaign.admin.forms import StaffForm
from campaign.core.addresses import AddressRefused, check_address
from campaign.core.http.fields import BlockField, LineField
from campaign.core.identifiers import new_public_id
from campaign.core.text import LONGEST_NAME
from campaign.donations.models import OfflineGift, OfflineMethod
from campaign.donations.offers import currencies
from campaign.donations.offline import FIRST_YEAR, LONGEST_NOTE, OfflineFields

METHODS = tuple(method.value for method in OfflineMethod)


class OfflineForm(StaffForm):
    """What came, how, when, and from whom if that is known."""

    method = SelectField(validate_choice=False, default=METHODS[0])
    amount = StringField()
    currency = SelectField(validate_choice=False)
    given_on = PastDayField(needed=lazy_gettext("Enter the day on which it was given."))
    name = LineField(longest=LONGEST_NAME)
    email = StringField()
    note = BlockField(longest=LONGEST_NOTE)
    key = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.amount_minor = 0
        self.key.data = (self.key.data or new_public_id())[:64]
        self.currency.choices = [(code, code) for code in currencies(current_campaign())]
        self.currency.data = self.currency.data or current_campaign().currency

    def validate_method(self, field: Field) -> None:
        """One of the list."""
        if field.data not in METHODS:
            raise ValidationError(_("Choose how it was given from the list."))

    def validate_currency(self, field: Field) -> None:
        """One that the campaign takes."""
        if field.data not in dict(field.choices):
            raise ValidationError(_("Choose a currency from the list."))

    def validate_amount(self, field: Field) -> None:
        """An amount above zero."""
        known = self.currency.data in dict(self.currency.choices)
        amount_minor = read_amount(field.data, self.currency.data if known else current_campaign().currency)
        if amount_minor is None:
            raise ValidationError(_("Enter an amount with digits, like 25 or 12.50."))
        self.amount_minor = amount_minor

    def validate_given_on(self, field: Field) -> None:
        """No slip of the pen."""
        if isinstance(field.data, date) and field.data.year < FIRST_YEAR:
            raise ValidationError(_("Enter a day of this century."))

    def validate_email(self, field: Field) -> None:
        """An address, or nothing."""
        typed = (field.data or "").strip()
        try:
            field.data = check_address(typed) if typed else ""
        except AddressRefused:
            raise ValidationError(_("Enter an email address, like name@example.org, or none.")) from None

    def to_fields(self) -> OfflineFields:
        """What the room takes; only after the form was found good."""
        return OfflineFields(
            method=OfflineMethod(self.method.data),
            amount_minor=self.amount_minor,
            currency=self.currency.data,
            given_on=self.given_on.data,
            name=self.name.data,
            email=self.email.data,
            note=self.note.data,
        )


class OfflineCorrectionForm(OfflineForm):
    """What is right, and why it was not."""

    reason = LineField(longest=500, needed=lazy_gettext("Write what was wrong."))
    was = HiddenField()


def stored_values(gift: OfflineGift) -> dict[str, Any]:
    """What the correction form shows of a stored gift."""
    names = ("currency", "given_on", "name", "email", "note")
    values = {name: getattr(gift, name) for name in names}
    amount = shown_amount(gift.amount_minor, gift.currency)
    return values | {"method": gift.method.value, "amount": amount, "was": gift.edition}
