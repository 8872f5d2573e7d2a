"""What is done with a person's data, by the person or by staff for them: the same functions, each noted as a deed.

Each looks the row up by the mailbox's key, so that nobody reaches what belongs to another. Signatures are named by
their campaign, of which a mailbox has signed at most one, and gifts by their public id.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.audit.data_deeds import BY_SELF, note
from campaign.audit.models import DeedKind
from campaign.campaigns.models import Campaign
from campaign.core.errors import Closed, NotFound
from campaign.donations import forgetting as gifts
from campaign.donations.models import Donation, OfflineGift
from campaign.petitions import correcting, forgetting
from campaign.petitions.correcting import Correction
from campaign.petitions.export_jobs import expire_now
from campaign.petitions.models import Signature, SignatureState
from campaign.privacy.dossier import list_signatures
from campaign.supporters import leaving
from campaign.supporters.subscribing import subscribe, unsubscribe

_S = SignatureState
STANDING = frozenset({_S.PENDING, _S.HELD, _S.CONFIRMED})


@dataclass(frozen=True)
class Person:
    """The owner of a mailbox, and who acts: the person, or somebody of the staff for one of their requests."""

    key: str
    now: datetime
    done_by: str = BY_SELF
    request_id: str | None = None

    def note(self, session: Session, kind: DeedKind, *, campaign_id: int | None = None, subject: str = "") -> None:
        """Write the deed down, in the transaction that does it."""
        note(
            session, kind, person_key=self.key, now=self.now, campaign_id=campaign_id, subject=subject,
            done_by=self.done_by, request_id=self.request_id,
        )  # fmt: skip


def get_signature(session: Session, person: Person, slug: str) -> Signature:
    """The person's signature under one campaign, locked. Raises NotFound."""
    campaign_id = session.scalar(select(Campaign.id).where(Campaign.slug == slug))
    query = select(Signature).where(
        Signature.campaign_id == campaign_id, Signature.email_key == person.key, Signature.email.is_not(None)
    )
    found = session.scalar(query.with_for_update())
    if found is None:
        raise NotFound("There is no such signature.")
    return found


def get_gift(session: Session, person: Person, public_id: str) -> Donation:
    """One of the person's gifts, locked. Raises NotFound."""
    query = select(Donation).where(
        Donation.public_id == public_id, Donation.email_key == person.key, Donation.email != ""
    )
    found = session.scalar(query.with_for_update())
    if found is None:
        raise NotFound("There is no such gift.")
    return found


def get_offline_gift(session: Session, person: Person, public_id: str) -> OfflineGift:
    """One of the person's gifts without card, locked. Raises NotFound."""
    query = select(OfflineGift).where(OfflineGift.public_id == public_id, OfflineGift.email_key == person.key)
    found = session.scalar(query.with_for_update())
    if found is None:
        raise NotFound("There is no such gift.")
    return found


def correct_signature(session: Session, person: Person, slug: str, correction: Correction) -> None:
    """Put a signature's details right. Raises NotFound, and Closed for one that was withdrawn or taken out."""
    signature = get_signature(session, person, slug)
    if signature.state not in STANDING:
        raise Closed("This signature has been taken out, so it can no longer be corrected.")
    if correcting.correct(session, signature, correction, now=person.now):
        person.note(session, DeedKind.CORRECTED, campaign_id=signature.campaign_id)


def correct_gift(session: Session, person: Person, public_id: str, name: str) -> None:
    """Put the name on a gift and its receipt right."""
    gift = get_gift(session, person, public_id)
    if gift.name != name:
        gifts.rename(session, gift, name)
        person.note(session, DeedKind.CORRECTED, campaign_id=gift.campaign_id, subject=gift.public_id)


def hide_signature(session: Session, person: Person, signature: Signature) -> None:
    """Show the name and the comment no more; neither counts for less."""
    if correcting.hide(session, signature):
        person.note(session, DeedKind.NAME_HIDDEN, campaign_id=signature.campaign_id)


def hide_gift(session: Session, person: Person, gift: Donation) -> None:
    """Show the name, the message and the dedication of a gift no more."""
    if gifts.hide(session, gift):
        person.note(session, DeedKind.NAME_HIDDEN, campaign_id=gift.campaign_id, subject=gift.public_id)


def withdraw(session: Session, person: Person, signature: Signature) -> bool:
    """Take the signature back: the count falls by one, where it counted. Gives whether it stood until now."""
    moved = correcting.take_back(session, signature, now=person.now)
    if moved:
        person.note(session, DeedKind.WITHDRAWN, campaign_id=signature.campaign_id)
    return moved


def erase_signature(session: Session, person: Person, signature: Signature) -> None:
    """Forget who signed. One that counts goes on counting, as an anonymous one; one never confirmed is withdrawn.

    Lists that were made before it expire now, so that no file goes on telling.
    """
    if signature.state is _S.PENDING:
        withdraw(session, person, signature)
    forgetting.forget(session, signature, now=person.now)
    expire_now(session, signature.campaign_id, now=person.now)
    person.note(session, DeedKind.SIGNATURE_ERASED, campaign_id=signature.campaign_id)


def erase_gift(session: Session, person: Person, gift: Donation) -> None:
    """Forget who gave; what was given stays in the accounts. A monthly gift ends."""
    gifts.forget(session, gift, now=person.now, asked_by="donor" if person.done_by == BY_SELF else person.done_by)
    expire_now(session, gift.campaign_id, now=person.now)
    person.note(session, DeedKind.GIFT_ERASED, campaign_id=gift.campaign_id, subject=gift.public_id)


def erase_offline_gift(session: Session, person: Person, gift: OfflineGift) -> None:
    """Forget who gave in cash, by cheque or by transfer."""
    gifts.forget_offline(session, gift)
    person.note(session, DeedKind.OFFLINE_GIFT_ERASED, campaign_id=gift.campaign_id, subject=gift.public_id)


def erase_supporter(session: Session, person: Person) -> None:
    """Delete what is kept to send news: address, subscriptions and consents."""
    if leaving.erase(session, person.key, not_after=person.now):
        person.note(session, DeedKind.SUPPORTER_ERASED)


def erase_everything(session: Session, person: Person) -> None:
    """Forget all who used this mailbox, as far as the law lets us."""
    for signature in list_signatures(session, person.key):
        erase_signature(session, person, signature)
    for gift in gifts.list_gifts(session, person.key):
        erase_gift(session, person, gift)
    for offline in gifts.list_offline_gifts(session, person.key):
        erase_offline_gift(session, person, offline)
    erase_supporter(session, person)


def choose_news(session: Session, person: Person, wanted: set[str], *, language: str, wording_version: str) -> None:
    """Be mailed the news of these campaigns (slugs) and of no other; only those on the person's page can be chosen."""
    known, subscribed = news_choices(session, person.key)
    address = _latest_address(session, person.key)
    for campaign in known:
        if campaign.slug in wanted and campaign.id not in subscribed and address:
            subscribe(
                session, campaign_id=campaign.id, email=address, email_key=person.key, language=language,
                wording_version=wording_version, channel="my data", now=person.now,
            )  # fmt: skip
            person.note(session, DeedKind.SUBSCRIBED, campaign_id=campaign.id)
        elif campaign.slug not in wanted and campaign.id in subscribed:
            unsubscribe(session, campaign_id=campaign.id, email_key=person.key, now=person.now)
            person.note(session, DeedKind.UNSUBSCRIBED, campaign_id=campaign.id)


def news_choices(session: Session, key: str) -> tuple[list[Campaign], set[int]]:
    """The campaigns that the person signed, gave to or asked for news of; and the ids of those subscribed to."""
    supporter = leaving.find_supporter(session, key)
    subscriptions = leaving.list_subscriptions(session, supporter.id) if supporter else []
    confirmed = [one for one in list_signatures(session, key) if one.confirmed_at is not None]
    ids = {one.campaign_id for one in confirmed} | {one.campaign_id for one in subscriptions}
    ids |= {one.campaign_id for one in gifts.list_gifts(session, key)}
    known = session.scalars(select(Campaign).where(Campaign.id.in_(ids)).order_by(func.lower(Campaign.title))).all()
    return list(known), {one.campaign_id for one in subscriptions if one.ended_at is None}


def _latest_address(session: Session, key: str) -> str:
    supporter = leaving.find_supporter(session, key)
    if supporter:
        return supporter.email
    signed = next((one.email for one in list_signatures(session, key) if one.email), "")
    return signed or next((one.email for one in gifts.list_gifts(session, key)), "")


def list_slugs(session: Session, person: Person) -> list[str]:
    """The campaigns that the person signed and still tells so."""
    ids = [one.campaign_id for one in list_signatures(session, person.key)]
    return list(session.scalars(select(Campaign.slug).where(Campaign.id.in_(ids)))) if ids else []
