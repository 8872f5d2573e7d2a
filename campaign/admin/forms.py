"""What the staff's forms share, and the form for updates. They check shape; what may be changed when is the room's."""

import re
from typing import Any

from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Optional

from campaign.admin.fields import MomentField, WebAddressField, read_amount
from campaign.campaigns.models import DeliveryStage, UpdateKind
from campaign.campaigns.updates import DeliveryFields, UpdateFields
from campaign.core import clock
from campaign.core.http.fields import BlockField, LineField
from campaign.settings import current_settings

_ITEM = re.compile(r"([0-9][0-9,]{0,11})\s+(\S.*)", re.ASCII)
MOST_ITEMS = 50


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


class UpdateForm(StaffForm):
    """An update, and, for an aid delivery, what was delivered."""

    title = LineField(longest=200, needed=lazy_gettext("Enter a title."))
    body = BlockField(longest=20_000)
    kind = SelectField(validate_choice=False, default=UpdateKind.NEWS.value)
    link = WebAddressField()
    publish_at = MomentField()
    stage = SelectField(validate_choice=False, default=DeliveryStage.BOUGHT.value)
    contents = TextAreaField()
    cost = StringField()
    receiver = LineField(longest=200)
    region = LineField(longest=200)
    delivered_on = DateField(
        validators=[Optional()], invalid_value_message=lazy_gettext("Enter a day, like 2026-03-12.")
    )
    evidence_url = WebAddressField()

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.money = currency
        self.items: list[tuple[int, str]] = []
        self.cost_minor: int | None = None

    def is_empty(self) -> bool:
        """True where there is a title and nothing more to read."""
        return not (self.body.data or self.link.data or self.items)

    def validate_kind(self, field: Field) -> None:
        """Only kinds that there are."""
        if field.data not in set(UpdateKind):
            raise ValidationError(_("Choose a kind from the list."))

    def validate_stage(self, field: Field) -> None:
        """Only stages that there are."""
        if field.data not in set(DeliveryStage):
            raise ValidationError(_("Choose a stage from the list."))

    def validate_contents(self, field: Field) -> None:
        """A number and what it counts on every line."""
        for typed in (field.data or "").splitlines()[: MOST_ITEMS + 1]:
            if not typed.strip():
                continue
            match = _ITEM.fullmatch(typed.strip())
            quantity = int(match[1].replace(",", "")) if match else 0
            if match is None or not 0 < quantity < 2**31 or len(match[2]) > 200:
                raise ValidationError(_("Write a number and what it counts on each line, like “60 satellite kits”."))
            self.items.append((quantity, match[2]))
        if len(self.items) > MOST_ITEMS:
            raise ValidationError(_("Write at most %(num)s lines.", num=MOST_ITEMS))

    def validate_cost(self, field: Field) -> None:
        """An amount or nothing."""
        self.cost_minor = read_amount(field.data, self.money)

    def validate_delivered_on(self, field: Field) -> None:
        """Not a day that is still to come where the site is."""
        if field.data and field.data > clock.now().astimezone(self.meta.zone).date():
            raise ValidationError(_("Enter a day that has been."))

    def to_fields(self) -> UpdateFields:
        """What the room takes; only after the form was found good."""
        kind = UpdateKind(self.kind.data)
        delivery = None
        if kind is UpdateKind.AID_DELIVERY:
            delivery = DeliveryFields(
                stage=DeliveryStage(self.stage.data),
                currency=self.money,
                items=tuple(self.items),
                cost_minor=self.cost_minor,
                receiver=self.receiver.data,
                region=self.region.data,
                delivered_on=self.delivered_on.data,
                evidence_url=self.evidence_url.data,
            )
        return UpdateFields(
            kind=kind, title=self.title.data, body=self.body.data, link=self.link.data, delivery=delivery
        )
