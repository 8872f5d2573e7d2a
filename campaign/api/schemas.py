"""What the API sends, field by field; nothing else of a row ever leaves."""

from typing import Any

from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from campaign.core.http.hygiene import is_broken

MOST = 100


class PageQuery(Schema):
    """How to walk a list: the `next` of one answer is the `cursor` of the following one."""

    cursor = fields.Integer(load_default=None, validate=validate.Range(min=1, max=2**53))
    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=MOST))


class SignatureNumbers(Schema):
    """`confirmed` equals the confirmed rows."""

    confirmed = fields.Integer(required=True)
    goal = fields.Integer(required=True)


class Gifts(Schema):
    """What was given in one currency, in its minor units; never added to another currency."""

    currency = fields.String(required=True)
    amount_minor = fields.Integer(required=True)
    goal_minor = fields.Integer(required=True, allow_none=True)
    donors = fields.Integer(required=True)


class CampaignSchema(Schema):
    """A campaign and its numbers."""

    slug = fields.String(required=True)
    title = fields.String(required=True)
    url = fields.Url(required=True)
    state = fields.String(required=True)
    signatures = fields.Nested(SignatureNumbers, required=True)
    donations = fields.List(fields.Nested(Gifts), required=True)
    updated_at = fields.DateTime(required=True)


class DayNumber(Schema):
    """Signatures confirmed on a day that count now."""

    date = fields.Date(required=True)
    confirmed = fields.Integer(required=True)


class CountryNumber(Schema):
    """Signatures from a country (ISO 3166-1 alpha-2) that count now."""

    country = fields.String(required=True)
    confirmed = fields.Integer(required=True)


class StatisticsSchema(Schema):
    """Days and countries each add up to `confirmed`, with `earlier` and with `other_countries`.

    A country below `smallest_cell` is not told apart, nor is one from which such a number would follow. Days are those
    of `time_zone`; of more than two years, the last two are told, and what was `earlier` in one number.
    """

    slug = fields.String(required=True)
    confirmed = fields.Integer(required=True)
    time_zone = fields.String(required=True)
    smallest_cell = fields.Integer(required=True)
    earlier = fields.Integer(required=True)
    per_day = fields.List(fields.Nested(DayNumber), required=True)
    per_country = fields.List(fields.Nested(CountryNumber), required=True)
    other_countries = fields.Integer(required=True)


class AidItemSchema(Schema):
    """So many of this."""

    item = fields.String(required=True)
    quantity = fields.Integer(required=True)


class DeliverySchema(Schema):
    """What an aid delivery holds and how far it has come; the cost is in minor units, the region never exact."""

    stage = fields.String(required=True)
    items = fields.List(fields.Nested(AidItemSchema), required=True)
    cost_minor = fields.Integer(required=True, allow_none=True)
    currency = fields.String(required=True)
    receiver = fields.String(required=True)
    region = fields.String(required=True)
    delivered_on = fields.Date(required=True, allow_none=True)
    evidence_url = fields.String(required=True, allow_none=True)


class CorrectionSchema(Schema):
    """What was corrected after readers had seen an update: the changed `parts`, and the editor's `note` if any."""

    corrected_at = fields.DateTime(required=True)
    parts = fields.List(fields.String(), required=True)
    note = fields.String(required=True)


class UpdateSchema(Schema):
    """A published update; `body` is Markdown. Only an update of the kind `aid_delivery` has a `delivery`."""

    id = fields.String(required=True, attribute="public_id")
    kind = fields.String(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    url = fields.Url(required=True)
    link = fields.String(required=True, allow_none=True)
    published_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    delivery = fields.Nested(DeliverySchema, required=True, allow_none=True)
    corrections = fields.List(fields.Nested(CorrectionSchema), required=True)


class CampaignList(Schema):
    """A page of campaigns."""

    items = fields.List(fields.Nested(CampaignSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


class UpdateList(Schema):
    """A page of updates."""

    items = fields.List(fields.Nested(UpdateSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


class _Text(fields.String):
    """Text that can be kept."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if is_broken(text):
            raise ValidationError(gettext("This has characters that cannot be read."))
        return text


class _Tick(fields.Boolean):
    """true or false, and nothing that resembles them: consent is never guessed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class SignatureRequest(Schema):
    """The sign form. `country` is an ISO 3166-1 alpha-2 code, by default the campaign's; other fields are ignored.

    `demand` is the version of the demand that the signer was shown, by default the current one.
    """

    class Meta:
        unknown = EXCLUDE

    name = _Text(required=True)
    email = _Text(required=True)
    country = _Text(load_default="")
    postcode = _Text(load_default="")
    comment = _Text(load_default="")
    show_name = _Tick(load_default=False)
    updates = _Tick(load_default=False)
    source = _Text(load_default="")
    demand = fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(min=1, max=2**31))


class SignatureAccepted(Schema):
    """A mail is on its way; the signature counts once its link was pressed."""

    status = fields.String(required=True)
