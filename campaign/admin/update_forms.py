"""The form for an update. It checks shape; what may be changed when is the room's business."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import DateField, Field, HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from campaign.admin.fields import MomentField, WebAddressField, read_amount, shown_amount
from campaign.admin.forms import StaffForm
from campaign.campaigns.models import DeliveryStage, Update, UpdateKind
from campaign.campaigns.updates import DeliveryFields, UpdateFields
from campaign.core import clock
from campaign.core.http.fields import BlockField, LineField

_ITEM = re.compile(r"([0-9][0-9,]{0,11})\s+(\S.*)", re.ASCII)
MOST_ITEMS = 50


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
    correction = LineField(longest=500)
    edition = HiddenField()

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


class WithdrawForm(StaffForm):
    """Why an update is taken from readers."""

    note = LineField(longest=500, needed=lazy_gettext("Say why, for readers who come back to it."))


def update_values(told: Update) -> dict[str, Any]:
    """What the form shows of a stored update."""
    values: dict[str, Any] = {
        "title": told.title,
        "body": told.body,
        "kind": told.kind.value,
        "link": told.link,
        "publish_at": told.publish_at,
        "edition": told.edition,
    }
    delivery = told.delivery
    if delivery is not None:
        values |= {
            "stage": delivery.stage.value,
            "contents": "\n".join(f"{line.quantity} {line.item}" for line in delivery.items),
            "cost": shown_amount(delivery.cost_minor, delivery.currency),
            "receiver": delivery.receiver,
            "region": delivery.region,
            "delivered_on": delivery.delivered_on,
            "evidence_url": delivery.evidence_url,
        }
    return values
