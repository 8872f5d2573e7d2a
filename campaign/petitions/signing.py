"""Signing: one row for one person and petition, and the mail that asks to confirm it.

Uniqueness is the database's: an insert that conflicts does nothing, and then the signer has signed before. What the
caller learns is the same in every case; only the mail differs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, Demand
from campaign.core.addresses import address_key, mailbox_key
from campaign.core.database import insert_into
from campaign.core.errors import Closed
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue, free_at, is_waiting
from campaign.petitions import deltas
from campaign.petitions.models import CommentState, Signature, SignatureState

CONSENT_VERSION = "2026-11"
MAILS_A_DAY = 3
LIMITED_MAILS = (MailKind.CONFIRM_SIGNATURE, MailKind.ALREADY_SIGNED)
# A button pressed twice is one wish: the mail waits this long, and a repeat that finds it waiting adds none.
SETTLING_TIME = timedelta(seconds=3)


@dataclass(frozen=True)
class SignatureForm:
    """What a signer sent, already cleaned and checked in shape.

    `email` is as typed; `demand` is the version of the demand that the signer was shown, `consent_version` that of the
    words beside the boxes.
    """

    name: str
    email: str
    country: str
    demand: int
    postcode: str = ""
    comment: str = ""
    show_name: bool = False
    wants_updates: bool = False
    source: str = ""
    honeypot: bool = False
    consent_version: str = CONSENT_VERSION


def sign(
    session: Session,
    campaign: Campaign,
    form: SignatureForm,
    *,
    hash_key: str,
    network_hash: str,
    language: str,
    now: datetime,
) -> None:
    """Store the signature as pending and queue its mail; for a known address, queue what fits instead.

    Raises Closed where the campaign takes no signatures.
    """
    if not campaign.is_open(now):
        raise Closed("This petition is closed, so it can no longer be signed.")
    key = address_key(hash_key, form.email)
    stored = _insert(
        session,
        form,
        campaign_id=campaign.id,
        key=key,
        mailbox=mailbox_key(hash_key, form.email),
        network_hash=network_hash,
        language=language,
        now=now,
    )
    if stored is None:
        _answer_repeat(session, campaign.id, key, now)
        return
    came_in = deltas.delta(
        campaign_id=campaign.id, demand_id=stored.demand_id, left=None, reached=SignatureState.PENDING,
        country=form.country, source=form.source, signed_at=now, confirmed_at=None, now=now, email=form.email,
        network_hash=network_hash,
    )  # fmt: skip
    deltas.write(session, [came_in])
    enqueue(
        session,
        MailKind.CONFIRM_SIGNATURE,
        object_id=stored.id,
        recipient_key=key,
        language=language,
        now=now,
        # Somebody's fourth petition today still gets its mail, once the day is over.
        available_at=max(now + SETTLING_TIME, _free_at(session, key, now)),
    )


def _insert(
    session: Session,
    form: SignatureForm,
    *,
    campaign_id: int,
    key: str,
    mailbox: str,
    network_hash: str,
    language: str,
    now: datetime,
) -> Row[int, int] | None:
    """The new row's id and the wording it belongs to, or None where this address has signed this petition already."""
    # Not the latest: an editor may be publishing one at this moment.
    demand = select(Demand.id).where(Demand.campaign_id == campaign_id, Demand.version == form.demand)
    statement = insert_into(session, Signature).values(
        campaign_id=campaign_id,
        demand_id=demand.scalar_subquery(),
        state=SignatureState.PENDING,
        name=form.name,
        name_folded=form.name.casefold(),
        email=form.email,
        email_key=key,
        mailbox_key=mailbox,
        country=form.country,
        postcode=form.postcode,
        comment=form.comment,
        comment_state=CommentState.AWAITING if form.comment else None,
        show_name=form.show_name,
        wants_updates=form.wants_updates,
        consent_version=form.consent_version,
        language=language,
        source=form.source,
        network_hash=network_hash,
        honeypot=form.honeypot,
        token_version=1,
        created_at=now,
        state_changed_at=now,
    )
    statement = statement.on_conflict_do_nothing(index_elements=["campaign_id", "email_key"])
    return session.execute(statement.returning(Signature.id, Signature.demand_id)).one_or_none()


def _answer_repeat(session: Session, campaign_id: int, key: str, now: datetime) -> bool:
    """Mail what fits somebody who signed before; gives whether a mail was queued.

    Their first details stay: a stranger may be typing this address.
    """
    found = session.execute(
        select(Signature.id, Signature.state, Signature.language)
        .where(Signature.campaign_id == campaign_id, Signature.email_key == key)
        .with_for_update()  # repeats at once queue up here, so that they see each other's mail
    ).one_or_none()
    if found is None or found.state is SignatureState.WITHDRAWN:
        return False  # deleted meanwhile, or asked not to be written to again
    pending = found.state is SignatureState.PENDING
    kind = MailKind.CONFIRM_SIGNATURE if pending else MailKind.ALREADY_SIGNED
    if is_waiting(session, kind, found.id) or _free_at(session, key, now) > now:
        return False
    enqueue(
        session,
        kind,
        object_id=found.id,
        recipient_key=key,
        language=found.language,
        now=now,
        available_at=now + SETTLING_TIME,
    )
    return True


def resend_confirmation(session: Session, signature_id: int, *, now: datetime) -> bool:
    """Queue the confirmation mail of a pending signature again, within the day's limit; gives whether it was queued."""
    signature = session.get(Signature, signature_id)
    if signature is None or signature.state is not SignatureState.PENDING:
        return False
    return _answer_repeat(session, signature.campaign_id, signature.email_key, now)


def _free_at(session: Session, key: str, now: datetime) -> datetime:
    return free_at(session, key, kinds=LIMITED_MAILS, limit=MAILS_A_DAY, now=now)
