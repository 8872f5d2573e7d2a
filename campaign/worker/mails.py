"""Sending the outbox: lease, commit, write each mail, send it, note what became of it in a transaction of its own.

Whether a mail may still go is asked here, at the moment of sending: the signature may be gone, the gift refunded.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.addresses import wire_address
from campaign.core.database import db, transaction
from campaign.core.links import Links, links_for
from campaign.core.text import first_name
from campaign.core.tokens import Tokens
from campaign.donations.giver import LINK_LIFE as GIVING_LINK_LIFE
from campaign.donations.giver import giving_token
from campaign.donations.models import Donation
from campaign.donations.receipt_paper import print_receipt
from campaign.mail import bulk, delivery
from campaign.mail.models import FOR_STAFF, NEVER_DISCREET, MailKind, OutboxMessage
from campaign.mail.outbox import is_suppressed
from campaign.mail.rendering import make_renderer
from campaign.mail.transport import (
    Attachment,
    Letter,
    MailboxTransport,
    Outlet,
    Postponed,
    Refused,
    ServerAway,
    SmtpTransport,
)
from campaign.petitions.confirmation import LINK_LIFE, confirmation_token
from campaign.petitions.models import Signature, SignatureState
from campaign.privacy.access import LINK_LIFE as DATA_LINK_LIFE
from campaign.privacy.access import access_token, find_address
from campaign.privacy.models import DataAccess
from campaign.reports.organisation import organisation_facts
from campaign.reports.printing import print_style
from campaign.settings import Settings
from campaign.supporters.mailing_jobs import list_sending
from campaign.worker.newsletters import BulkLetter, NotYet, mailing_letter, mailing_test, preferences_link
from campaign.worker.notices import staff_notice
from campaign.worker.receipts import donation_receipt, renewal_failed

log = logging.getLogger(__name__)

Take = Callable[[Session, datetime], list[OutboxMessage]]


@dataclass(frozen=True)
class Draft:
    """To whom, and what the templates need."""

    to: str
    context: dict[str, Any]
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    template: str = ""  # where it is not that of its kind


class Postman:
    """Writes and sends what is due. One for each worker process."""

    def __init__(self, settings: Settings, transport: SmtpTransport | MailboxTransport) -> None:
        self._settings = settings
        self._transport = transport
        self._pause_until = clock.now()
        self._tokens = Tokens(settings.secret_key)
        self._domain = urlsplit(settings.address).hostname or "localhost"
        self._renderer = make_renderer(settings)
        self._composers: dict[MailKind, Callable[[Session, OutboxMessage, Links], Draft | None]] = {
            MailKind.CONFIRM_SIGNATURE: self._confirm_signature,
            MailKind.ALREADY_SIGNED: self._already_signed,
            MailKind.DONATION_RECEIPT: self._donation_receipt,
            MailKind.RENEWAL_FAILED: self._renewal_failed,
            MailKind.GIVING_LINK: self._giving_link,
            MailKind.MY_DATA_LINK: self._my_data_link,
            MailKind.MAILING: self._mailing,
            MailKind.MAILING_TEST: self._mailing_test,
            MailKind.PREFERENCES_LINK: self._preferences_link,
            **dict.fromkeys(FOR_STAFF, self._staff_notice),
        }

    def deliver(self) -> int:
        """Send one batch; gives how many mails were dealt with, zero when none is due or the server is away."""
        if not delivery.is_anything_due(db.session(), now=clock.now()):
            return 0
        return self._connect_and_send(lambda session, now: delivery.take(session, now=now))

    def deliver_bulk(self) -> int:
        """The same for mails to many, as many as their rate lets go now."""
        sending = list_sending(db.session())
        if not bulk.is_anything_due(db.session(), sending, now=clock.now()):
            return 0
        rate = self._settings.mailings_per_minute
        return self._connect_and_send(lambda session, now: bulk.take(session, sending, per_minute=rate, now=now))

    def _connect_and_send(self, take: Take) -> int:
        if clock.now() < self._pause_until:
            return 0
        try:
            # Connected first: a server that is away, or slow to greet, costs the mails neither attempts nor leases.
            with self._transport.connect() as outlet:
                return self._deliver_batch(outlet, take)
        except ServerAway as error:
            log.warning("mail server away: %s", error)
            self._pause_until = clock.now() + delivery.SERVER_AWAY_PAUSE
            return 0

    def _deliver_batch(self, outlet: Outlet, take: Take) -> int:
        started = clock.now()
        with transaction() as session:
            batch = take(session, started)
        done = 0
        try:
            for message in batch:
                if clock.now() - started > delivery.BATCH_TIME:
                    break
                done += 1
                self._deliver_one(message, outlet)
        except ServerAway as error:
            # It may be this very mail at which the server hangs up, so this one waits and the others do not.
            log.warning("mail server went away: %s", error)
            self._postpone(batch[done - 1], str(error))
        if batch[done:]:
            with transaction() as session:
                delivery.release(session, batch[done:], now=clock.now())
        return done

    def _postpone(self, message: OutboxMessage, error: str) -> None:
        with transaction() as session:
            delivery.note_postponed(session, message, error, now=clock.now())

    def _deliver_one(self, message: OutboxMessage, outlet: Outlet) -> None:
        """Send one mail and note the result. Raises ServerAway, and SQLAlchemyError, with the mail as it was."""
        try:
            letter = self._write(message)
        except SQLAlchemyError:
            raise  # the database is away, which says nothing about the mail
        except NotYet:
            with transaction() as session:
                delivery.release(session, [message], now=clock.now())
            return
        except Exception as error:  # whatever is wrong with one mail must not hold up the others
            log.exception("mail %s cannot be built", message.id)
            with transaction() as session:
                delivery.note_failed(session, message, f"cannot be built: {type(error).__name__}")
            return
        finally:
            db.session.rollback()
        if letter is not None:
            self._send(message, letter, outlet)
            return
        with transaction() as session:
            delivery.note_dropped(session, message)

    def _send(self, message: OutboxMessage, letter: Letter, outlet: Outlet) -> None:
        try:
            outlet.send(letter)
        except Postponed as error:
            self._postpone(message, str(error))
        except Refused as error:
            with transaction() as session:
                delivery.note_failed(session, message, str(error))
                if error.recipient:
                    delivery.suppress(session, message.recipient_key, "refused by its server", now=clock.now())
        except ServerAway:
            raise
        except Exception as error:  # nobody's fault that we know of: this mail waits, the others go on
            log.exception("mail %s could not be handed over", message.id)
            self._postpone(message, type(error).__name__)
        else:
            with transaction() as session:
                delivery.note_sent(session, message, now=clock.now())

    def _write(self, message: OutboxMessage) -> Letter | None:
        session = db.session()
        if is_suppressed(session, message.recipient_key):
            return None
        links = links_for(self._settings.address, self._settings.languages, message.language)
        draft = self._composers[message.kind](session, message, links)
        if draft is None:
            return None
        organisation = organisation_facts(session, self._settings)
        context = {"organisation": organisation, "privacy_url": links.privacy(), **draft.context}
        campaign = draft.context.get("campaign")
        discreet = message.kind not in NEVER_DISCREET and campaign is not None and campaign.discreet
        mail = self._renderer.render(draft.template or message.kind, message.language, context, discreet=discreet)
        return Letter(
            sender=self._settings.discreet_sender if discreet else "",
            to=wire_address(draft.to),
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            message_id=f"<{message.message_id}@{self._domain}>",
            attachments=draft.attachments,
            headers=draft.headers,
        )

    def _confirm_signature(self, session: Session, message: OutboxMessage, links: Links) -> Draft | None:
        signature = session.get(Signature, message.object_id)
        if signature is None or signature.state is not SignatureState.PENDING or not signature.email:
            return None
        campaign = session.get_one(Campaign, signature.campaign_id)
        if not campaign.is_open(clock.now()):
            return None  # the button behind the link could only say that it is too late
        return Draft(
            to=signature.email,
            context={
                "campaign": campaign,
                "first_name": first_name(signature.name or ""),
                "confirm_url": links.confirm(confirmation_token(self._tokens, signature)),
                "expires_at": clock.now() + LINK_LIFE,
                "wants_updates": signature.wants_updates,
            },
        )

    def _already_signed(self, session: Session, message: OutboxMessage, links: Links) -> Draft | None:
        signature = session.get(Signature, message.object_id)
        if signature is None or not signature.email or signature.state is SignatureState.WITHDRAWN:
            return None
        campaign = session.get_one(Campaign, signature.campaign_id)
        return Draft(
            to=signature.email,
            context={
                "campaign": campaign,
                "first_name": first_name(signature.name or ""),
                "campaign_url": links.campaign(campaign.slug),
            },
        )

    def _donation_receipt(self, session: Session, message: OutboxMessage, links: Links) -> Draft | None:
        found = donation_receipt(session, message.object_id, links, self._tokens)
        if found is None:
            return None
        to, context, facts = found
        owner = organisation_facts(session, self._settings)
        body = print_receipt(facts, print_style(self._settings, message.language, organisation=owner), now=clock.now())
        return Draft(to, context, (Attachment(f"receipt-{facts.number}.pdf", "application/pdf", body),))

    def _staff_notice(self, session: Session, message: OutboxMessage, links: Links) -> Draft | None:
        found = staff_notice(session, message, links, hash_key=self._settings.hash_key, now=clock.now())
        return Draft(*found) if found else None

    def _renewal_failed(self, session: Session, message: OutboxMessage, links: Links) -> Draft | None:
        found = renewal_failed(session, message.object_id, links, self._tokens)
        return Draft(*found) if found else None

    def _giving_link(self, session: Session, message: OutboxMessage, links: Links) -> Draft | None:
        donation = session.get(Donation, message.object_id)
        if donation is None or not donation.email:
            return None
        context = {
            "campaign": session.get_one(Campaign, donation.campaign_id),
            "giving_url": links.giving(giving_token(self._tokens, donation)),
            "expires_at": clock.now() + GIVING_LINK_LIFE,
        }
        return Draft(donation.email, context)

    def _my_data_link(self, session: Session, message: OutboxMessage, links: Links) -> Draft | None:
        access = session.get(DataAccess, message.object_id)
        to = find_address(session, access.email_key) if access else ""
        if access is None or not to:
            return None
        url = links.my_data(access_token(self._tokens, access))
        return Draft(to, {"my_data_url": url, "expires_at": clock.now() + DATA_LINK_LIFE})

    def _mailing(self, session: Session, message: OutboxMessage, links: Links) -> Draft | None:
        return _as_draft(mailing_letter(session, message, links, self._tokens))

    def _mailing_test(self, session: Session, message: OutboxMessage, links: Links) -> Draft | None:
        return _as_draft(mailing_test(session, message, links, hash_key=self._settings.hash_key))

    def _preferences_link(self, session: Session, message: OutboxMessage, links: Links) -> Draft | None:
        found = preferences_link(session, message.object_id, links, self._tokens)
        return Draft(*found) if found else None


def _as_draft(letter: BulkLetter | None) -> Draft | None:
    return Draft(letter.to, letter.context, headers=letter.headers, template=letter.template) if letter else None
