"""What is kept about a mailbox, gathered from all rooms: for its owner's page, and as a file to take along.

The file is an allow-list written down here. It holds what the person gave us and what was done with it; what the staff
noted about fraud is not in it, because it would help those whom it is there to stop (and names nobody else either way).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audit.data_deeds import list_deeds
from campaign.audit.models import DataDeed
from campaign.campaigns.models import Campaign, Demand
from campaign.donations import forgetting, receipts
from campaign.donations.models import Donation, GiftAidDeclaration, OfflineGift
from campaign.donations.receipts import ReceiptFacts
from campaign.mail.models import OutboxMessage
from campaign.mail.outbox import is_suppressed, list_recent
from campaign.petitions.models import Signature
from campaign.supporters import leaving
from campaign.supporters.models import Consent, Subscription, Supporter

MAILS_SHOWN = 100


@dataclass(frozen=True)
class Dossier:
    """All that is kept about the owners of one mailbox. `campaigns` and `demands` are by id."""

    signatures: Sequence[Signature]
    gifts: Sequence[Donation]
    running: set[int]
    declarations: dict[int, GiftAidDeclaration]
    receipts: Sequence[ReceiptFacts]
    offline_gifts: Sequence[OfflineGift]
    supporter: Supporter | None
    subscriptions: Sequence[Subscription]
    consents: Sequence[Consent]
    mails: Sequence[OutboxMessage]
    suppressed: bool
    deeds: Sequence[DataDeed]
    campaigns: dict[int, Campaign]
    demands: dict[int, Demand]

    @property
    def is_empty(self) -> bool:
        """True where nothing tells any more who somebody was."""
        return not (self.signatures or self.gifts or self.offline_gifts or self.supporter)


def list_signatures(session: Session, email_key: str) -> Sequence[Signature]:
    """The signatures of a mailbox that still tell who signed, newest first: one for each petition at most."""
    campaigns = session.scalars(select(Campaign.id)).all()
    query = select(Signature).where(
        Signature.campaign_id.in_(campaigns), Signature.email_key == email_key, Signature.email.is_not(None)
    )
    return session.scalars(query.order_by(Signature.id.desc())).all()


def gather(session: Session, email_key: str) -> Dossier:
    """Everything about a mailbox. A fixed number of reads, each by an index."""
    signatures = list_signatures(session, email_key)
    gifts = forgetting.list_gifts(session, email_key)
    gift_ids = [gift.id for gift in gifts]
    offline = forgetting.list_offline_gifts(session, email_key)
    supporter = leaving.find_supporter(session, email_key)
    subscriptions = leaving.list_subscriptions(session, supporter.id) if supporter else []
    deeds = list_deeds(session, email_key)
    about: Sequence[Any] = [*signatures, *gifts, *offline, *subscriptions, *deeds]
    declared = select(GiftAidDeclaration).where(GiftAidDeclaration.donation_id.in_(gift_ids))
    return Dossier(
        signatures=signatures,
        gifts=gifts,
        running=forgetting.running_gifts(session, gift_ids),
        declarations={one.donation_id: one for one in session.scalars(declared)},
        receipts=receipts.list_donors_facts(session, email_key) if gifts else [],
        offline_gifts=offline,
        supporter=supporter,
        subscriptions=subscriptions,
        consents=leaving.list_consents(session, supporter.id) if supporter else [],
        mails=list_recent(session, email_key, limit=MAILS_SHOWN),
        suppressed=is_suppressed(session, email_key),
        deeds=deeds,
        campaigns=_by_id(session, Campaign, {one.campaign_id for one in about if one.campaign_id}),
        demands=_by_id(session, Demand, {one.demand_id for one in signatures}),
    )


def _by_id(session: Session, model: Any, ids: set[int]) -> dict[int, Any]:
    return {row.id: row for row in session.scalars(select(model).where(model.id.in_(ids)))} if ids else {}


def as_file(found: Dossier, *, now: datetime) -> dict[str, Any]:
    """The dossier in plain values, for a file in JSON. Money in minor units, times in UTC (RFC 3339)."""
    return {
        "made_at": _at(now),
        "signatures": [_signature(found, one) for one in found.signatures],
        "donations": [_gift(found, one) for one in found.gifts],
        "receipts": [_receipt(one) for one in found.receipts],
        "donations_without_card": [_offline(found, one) for one in found.offline_gifts],
        "news": _news(found),
        "mails": [{"kind": one.kind, "written_at": _at(one.created_at), "state": one.state,
                   "sent_at": _at(one.sent_at)} for one in found.mails],
        "address_is_not_written_to": found.suppressed,
        "what_was_done_for_you": [{"reference": one.public_id, "at": _at(one.at), "what": one.kind,
                                   "campaign": _title(found, one.campaign_id)} for one in found.deeds],
    }  # fmt: skip


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


def _title(found: Dossier, campaign_id: int | None) -> str | None:
    return found.campaigns[campaign_id].title if campaign_id in found.campaigns else None


def _signature(found: Dossier, one: Signature) -> dict[str, Any]:
    return {
        "campaign": _title(found, one.campaign_id),
        "demand_version": found.demands[one.demand_id].version,
        "demand": found.demands[one.demand_id].text,
        "state": one.state,
        "name": one.name,
        "email": one.email,
        "country": one.country,
        "postcode": one.postcode,
        "comment": one.comment,
        "comment_state": one.comment_state,
        "show_name": one.show_name,
        "wants_updates": one.wants_updates,
        "consent_wording": one.consent_version,
        "language": one.language,
        "where": one.origin,
        "source": one.source,
        "network_is_kept_as_keyed_hash": one.network_hash is not None,
        "signed_at": _at(one.created_at),
        "confirmed_at": _at(one.confirmed_at),
        "state_changed_at": _at(one.state_changed_at),
    }


def _gift(found: Dossier, one: Donation) -> dict[str, Any]:
    declaration = found.declarations.get(one.id)
    return {
        "campaign": _title(found, one.campaign_id),
        "reference": one.public_id,
        "state": one.state,
        "frequency": one.frequency,
        "amount_minor": one.amount_minor,
        "fee_cover_minor": one.fee_cover_minor,
        "currency": one.currency,
        "name": one.name,
        "email": one.email,
        "message": one.message,
        "in_memory_of": one.in_memory_of,
        "show_name": one.show_name,
        "wants_updates": one.wants_updates,
        "consent_wording": one.consent_version,
        "language": one.language,
        "source": one.source,
        "given_at": _at(one.created_at),
        "gift_aid": _declaration(declaration) if declaration else None,
    }


def _declaration(one: GiftAidDeclaration) -> dict[str, Any]:
    return {
        "title": one.title,
        "first_name": one.first_name,
        "last_name": one.last_name,
        "house": one.house,
        "postcode": one.postcode,
        "wording": one.wording_version,
        "declared_at": _at(one.declared_at),
        "cancelled_at": _at(one.cancelled_at),
    }


def _receipt(one: ReceiptFacts) -> dict[str, Any]:
    return {
        "number": one.number,
        "reference": one.reference,
        "campaign": one.campaign,
        "amount_minor": one.amount_minor,
        "refunded_minor": one.refunded_minor,
        "currency": one.currency,
        "paid_at": _at(one.paid_at),
    }


def _offline(found: Dossier, one: OfflineGift) -> dict[str, Any]:
    return {
        "campaign": _title(found, one.campaign_id),
        "how": one.method,
        "amount_minor": one.amount_minor,
        "currency": one.currency,
        "given_on": one.given_on.isoformat(),
        "name": one.name,
        "email": one.email,
        "note": one.note,
        "counts": one.voided_at is None,
    }


def _news(found: Dossier) -> dict[str, Any] | None:
    if found.supporter is None:
        return None
    return {
        "email": found.supporter.email,
        "language": found.supporter.language,
        "since": _at(found.supporter.created_at),
        "subscriptions": [{"campaign": _title(found, one.campaign_id), "started_at": _at(one.started_at),
                           "ended_at": _at(one.ended_at)} for one in found.subscriptions],
        "consents": [{"campaign_id": one.campaign_id, "wording": one.wording_version, "through": one.channel,
                      "given_at": _at(one.given_at)} for one in found.consents],
    }  # fmt: skip
