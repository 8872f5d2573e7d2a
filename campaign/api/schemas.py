"""What the API sends, field by field; nothing else of a row ever leaves."""

from marshmallow import Schema, fields, validate

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


class UpdateSchema(Schema):
    """A published update; `body` is Markdown."""

    id = fields.String(required=True, attribute="public_id")
    kind = fields.String(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    url = fields.Url(required=True)
    published_at = fields.DateTime(required=True)


class CampaignList(Schema):
    """A page of campaigns."""

    items = fields.List(fields.Nested(CampaignSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


class UpdateList(Schema):
    """A page of updates."""

    items = fields.List(fields.Nested(UpdateSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)
