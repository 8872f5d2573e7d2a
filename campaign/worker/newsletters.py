"""What a mailing says to one supporter, and whether it may still go to them; its test, and the link to one's choices.

A mailing's consent is asked again here, in the moment before it goes: its reader may have left since the list was made.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.links import Links
from campaign.core.tokens import Tokens
from campaign.mail.models import OutboxMessage
from campaign.reports.mailing_mail import Withdrawn, mailing_words
from campaign.staff.models import StaffUser
from campaign.supporters.models import Mailing, MailingState, Subscription, Supporter
from campaign.supporters.preferences import LINK_LIFE, preferences_token
from campaign.supporters.unsubscribing import unsubscribe_token


class NotYet(Exception):
    """The mail may go later: its mailing was paused after a worker had taken it."""


@dataclass(frozen=True)
class BulkLetter:
    """To whom, by which template, what it needs, and how mail programs offer a way out (RFC 8058)."""

    to: str
    template: str
    context: dict[str, Any]
    headers: tuple[tuple[str, str], ...] = ()


def mailing_letter(session: Session, message: OutboxMessage, links: Links, tokens: Tokens) -> BulkLetter | None:
    """None for somebody who has left or was forgotten, and for what is cancelled or withdrawn. Raises NotYet."""
    mailing = session.get(Mailing, message.mailing_id)
    if mailing is None or mailing.state is MailingState.CANCELLED:
        return None
    if mailing.state is MailingState.PAUSED:
        raise NotYet
    row = session.execute(
        select(Supporter, Subscription)
        .join(Subscription, Subscription.supporter_id == Supporter.id)
        .where(
            Supporter.id == message.object_id,
            Supporter.email_key == message.recipient_key,
            Subscription.campaign_id == mailing.campaign_id,
            Subscription.ended_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    try:
        template, context = mailing_words(session, mailing, links, message.language)
    except Withdrawn:
        return None
    way_out = links.unsubscribe(unsubscribe_token(tokens, row.Subscription.id, mailing.id))
    own = {
        "unsubscribe_url": way_out,
        "preferences_url": links.preferences(preferences_token(tokens, row.Supporter)),
    }
    headers = (("List-Unsubscribe", f"<{way_out}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return BulkLetter(row.Supporter.email, template, context | own, headers)


def mailing_test(session: Session, message: OutboxMessage, links: Links, *, hash_key: str) -> BulkLetter | None:
    """The same words to the one of the staff who asked; the links to leave lead to the campaign."""
    mailing = session.get(Mailing, message.object_id)
    staff = session.scalars(select(StaffUser.email).where(StaffUser.active.is_(True)))
    to = next((email for email in staff if address_key(hash_key, email) == message.recipient_key), None)
    if mailing is None or to is None:
        return None
    try:
        template, context = mailing_words(session, mailing, links, message.language)
    except Withdrawn:
        return None
    nowhere = dict.fromkeys(("unsubscribe_url", "preferences_url"), context["campaign_url"])
    return BulkLetter(to, template, context | nowhere)


def preferences_link(
    session: Session, supporter_id: int, links: Links, tokens: Tokens
) -> tuple[str, dict[str, Any]] | None:
    """The address and the template's context; None where the person was forgotten."""
    supporter = session.get(Supporter, supporter_id)
    if supporter is None:
        return None
    url = links.preferences(preferences_token(tokens, supporter))
    return supporter.email, {"preferences_url": url, "expires_at": clock.now() + LINK_LIFE}
