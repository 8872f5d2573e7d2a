"""After a restore: what the ledger knows and the database does not is done again, and each deed once.

Whoever came back after a deed is left alone: only what stood there at its moment is meant.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audit.models import DataDeed, DeedKind
from campaign.core.database import insert_into
from campaign.donations import forgetting as gifts
from campaign.donations.models import Donation, OfflineGift
from campaign.petitions import correcting, forgetting
from campaign.petitions.export_jobs import expire_now
from campaign.petitions.models import Signature, SignatureState
from campaign.privacy.ledger import Line
from campaign.supporters import leaving

BATCH = 100
REPLAY = "flask privacy replay"


def replay(session: Session, lines: Sequence[Line], *, now: datetime) -> int:
    """Do again what the database does not know of, in the caller's transaction; gives how many deeds that were."""
    done = 0
    for line in lines:
        known = insert_into(session, DataDeed).values(
            public_id=line.id, at=line.at, kind=line.kind, person_key=line.person, campaign_id=line.campaign,
            subject=line.subject, done_by=line.by, request_id=None, in_ledger_at=now,
        )  # fmt: skip
        new = session.scalar(known.on_conflict_do_nothing(index_elements=["public_id"]).returning(DataDeed.id))
        if new is not None:
            _do(session, line, now)
            done += 1
    return done


def _do(session: Session, line: Line, now: datetime) -> None:
    if line.kind is DeedKind.SUPPORTER_ERASED:
        leaving.erase(session, line.person, not_after=line.at)
    elif line.kind is DeedKind.UNSUBSCRIBED and line.campaign is not None:
        leaving.end(session, line.person, line.campaign, at=line.at)
    elif line.kind is DeedKind.OFFLINE_GIFT_ERASED:
        offline = session.scalar(select(OfflineGift).where(OfflineGift.public_id == line.subject).with_for_update())
        if offline is not None:
            gifts.forget_offline(session, offline)
    elif line.subject:
        _do_with_gift(session, line, now)
    else:
        _do_with_signature(session, line, now)


def _do_with_gift(session: Session, line: Line, now: datetime) -> None:
    gift = session.scalar(
        select(Donation).where(Donation.public_id == line.subject, Donation.email != "").with_for_update()
    )
    if gift is None:
        return
    if line.kind is DeedKind.GIFT_ERASED:
        gifts.forget(session, gift, now=now, asked_by=REPLAY)
    else:
        gifts.hide(session, gift)


def _do_with_signature(session: Session, line: Line, now: datetime) -> None:
    signature = session.scalar(
        select(Signature)
        .where(
            Signature.campaign_id == line.campaign,
            Signature.email_key == line.person,
            Signature.created_at <= line.at,
        )
        .with_for_update()
    )
    if signature is None:
        return
    if line.kind is DeedKind.NAME_HIDDEN:
        correcting.hide(session, signature)
        return
    if line.kind is DeedKind.WITHDRAWN or signature.state is SignatureState.PENDING:
        correcting.take_back(session, signature, now=now)
    if line.kind is DeedKind.SIGNATURE_ERASED:
        forgetting.forget(session, signature, now=now)
        expire_now(session, signature.campaign_id, now=now)
