"""The columns of signatures that may leave the house; an allow-list."""

from sqlalchemy import Text, case, type_coerce

from campaign.campaigns.models import Demand
from campaign.core.lists.columns import Column, own_column, text_column, time_column, yes_no_column
from campaign.petitions.models import CommentState, Signature

_published_comment = case((Signature.comment_state == CommentState.PUBLISHED, Signature.comment))


# Who signed, from where, and when. `show_name` says who may be named in public.
USUAL = ("name", "country", "signed_at", "confirmed_at", "show_name")
# What some purposes need as well.
FURTHER = ("source", "origin", "demand_version", "comment")
# What finds a person, only where it was asked for with a tick of its own.
ADDRESSES = ("email", "postcode")

COLUMNS: dict[str, Column] = {
    "name": text_column(Signature.name),
    "country": text_column(Signature.country),
    "signed_at": time_column(Signature.created_at),
    "confirmed_at": time_column(Signature.confirmed_at),
    "show_name": yes_no_column(Signature.show_name),
    "source": text_column(Signature.source),
    "origin": own_column(type_coerce(Signature.origin, Text)),
    "demand_version": own_column(Demand.version.expression),
    "comment": text_column(_published_comment),
    "email": text_column(Signature.email),
    "postcode": text_column(Signature.postcode),
}
