"""Forgetting by the timetable: what is due in each step, done in small batches, and how much of it was done when.

A batch is one transaction of its caller, with its line of the report: a run may be killed anywhere, and goes on at the
next. A dry run counts with the same queries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from campaign.audit.models import DataDeed
from campaign.campaigns.models import Campaign
from campaign.core.database import insert_into
from campaign.donations import retention as gifts
from campaign.petitions import forgetting
from campaign.petitions import retention as signatures
from campaign.privacy.access import LINK_LIFE
from campaign.privacy.models import (
    DataAccess,
    DataRequest,
    RequestState,
    RetentionReport,
    RetentionStep,
    RetentionWalk,
)
from campaign.privacy.policies import Kept, kept_by
from campaign.supporters import leaving

BATCH = 500
PROOF_LIFE = timedelta(days=3 * 365)
_S = RetentionStep


@dataclass(frozen=True)
class Due:
    """So many (or, where `more`, that many at least) are to be forgotten in one step of a campaign."""

    campaign: Campaign
    step: RetentionStep
    count: int
    more: bool


def query_of(session: Session, kept: Kept, step: RetentionStep, *, now: datetime) -> Select[int] | None:
    """Ids of what a step would forget now; None where its day has not come."""
    campaign_id = kept.campaign.id
    signatures_until, supporters_until = kept.signatures_until(), kept.supporters_until()
    if step is _S.SIGNATURES:
        if signatures_until is None or now < signatures_until:
            return None
        return signatures.telling(campaign_id, after=_cursor(session, campaign_id))
    if step is _S.SUPPORTERS:
        return leaving.everybody(campaign_id) if supporters_until and supporters_until <= now else None
    return {
        _S.UNCONFIRMED: lambda: signatures.unconfirmed(campaign_id, now=now),
        _S.NETWORKS: lambda: signatures.old_networks(campaign_id, now=now),
        _S.WITHDRAWN: lambda: signatures.withdrawn(campaign_id, now=now),
        _S.SUBSCRIPTIONS: lambda: leaving.ended(campaign_id, now=now),
        _S.UNPAID_GIFTS: lambda: gifts.unpaid(campaign_id, now=now),
        _S.GIFTS: lambda: gifts.old(campaign_id, kept_for=kept.policy.gift_life, now=now),
        _S.DECLARATIONS: lambda: gifts.old_declarations(campaign_id, now=now),
    }[step]()


def _cursor(session: Session, campaign_id: int) -> int:
    return session.scalar(select(RetentionWalk.cursor).where(RetentionWalk.campaign_id == campaign_id)) or 0


def list_batch(session: Session, kept: Kept, step: RetentionStep, *, now: datetime) -> Sequence[int]:
    """Ids of the next few that a step is to forget."""
    query = query_of(session, kept, step, now=now)
    return [] if query is None else session.scalars(query.limit(BATCH)).all()


def forget_batch(session: Session, campaign_id: int, step: RetentionStep, ids: Sequence[int], *, now: datetime) -> int:
    """Forget these, in the caller's transaction, and add them to the report; gives how many there still were."""
    done = {
        _S.UNCONFIRMED: lambda: signatures.delete_unconfirmed(session, ids, now=now),
        _S.NETWORKS: lambda: signatures.forget_networks(session, ids),
        _S.WITHDRAWN: lambda: signatures.forget_withdrawn(session, ids, now=now),
        _S.SIGNATURES: lambda: _anonymise(session, campaign_id, ids),
        _S.SUBSCRIPTIONS: lambda: leaving.drop_subscriptions(session, ids),
        _S.SUPPORTERS: lambda: leaving.drop_subscriptions(session, ids),
        _S.UNPAID_GIFTS: lambda: gifts.forget_donors(session, ids),
        _S.GIFTS: lambda: gifts.forget_donors(session, ids),
        _S.DECLARATIONS: lambda: gifts.forget_declarations(session, ids),
    }[step]()
    if done:
        row = insert_into(session, RetentionReport).values(
            day=now.date(), campaign_id=campaign_id, step=step, forgotten=done
        )
        session.execute(
            row.on_conflict_do_update(
                index_elements=["day", "campaign_id", "step"],
                set_={"forgotten": RetentionReport.forgotten + row.excluded.forgotten},
            )
        )
    return done


def _anonymise(session: Session, campaign_id: int, ids: Sequence[int]) -> int:
    """Anonymise a batch and move the cursor behind it; nothing where another run was here first."""
    session.execute(
        insert_into(session, RetentionWalk)
        .values(campaign_id=campaign_id, cursor=0)
        .on_conflict_do_nothing(index_elements=["campaign_id"])
    )
    moved = session.scalar(
        update(RetentionWalk)
        .where(RetentionWalk.campaign_id == campaign_id, RetentionWalk.cursor < ids[-1])
        .values(cursor=ids[-1])
        .returning(RetentionWalk.campaign_id)
    )
    return 0 if moved is None else forgetting.anonymise(session, ids)


def list_due(session: Session, campaigns: Sequence[Campaign], *, now: datetime, most: int | None) -> list[Due]:
    """What a run would forget now, without doing it; counted up to `most` in each step."""
    found = []
    for campaign in campaigns:
        kept = kept_by(session, campaign)
        for step in RetentionStep:
            query = query_of(session, kept, step, now=now)
            if query is None:
                continue
            bounded = query.order_by(None) if most is None else query.limit(most)
            count = session.scalar(select(func.count()).select_from(bounded.subquery())) or 0
            if count:
                found.append(Due(campaign, step, count, more=most is not None and count >= most))
    return found


def list_reports(session: Session, *, campaign_id: int | None = None, limit: int = 200) -> Sequence[RetentionReport]:
    """What was forgotten on the latest days, of one campaign or of all."""
    query = select(RetentionReport).order_by(
        RetentionReport.day.desc(), RetentionReport.campaign_id, RetentionReport.step
    )
    if campaign_id is not None:
        query = query.where(RetentionReport.campaign_id == campaign_id)
    return session.scalars(query.limit(limit)).all()


def is_any_proof_old(session: Session, *, now: datetime) -> bool:
    """True where `forget_proofs` would find something."""
    queries = (
        select(DataAccess.id).where(DataAccess.asked_at < now - 2 * LINK_LIFE),
        select(DataDeed.id).where(DataDeed.at < now - PROOF_LIFE),
        select(DataRequest.id).where(DataRequest.closed_at < now - PROOF_LIFE),
    )
    return any(session.scalar(query.limit(1)) is not None for query in queries)


def forget_proofs(session: Session, *, now: datetime) -> int:
    """Delete links that nobody can open any more, and proofs that nobody can ask for any more; gives how many."""
    closed = DataRequest.state != RequestState.OPEN
    statements = (
        delete(DataAccess).where(DataAccess.asked_at < now - 2 * LINK_LIFE).returning(DataAccess.id),
        delete(DataDeed).where(DataDeed.at < now - PROOF_LIFE).returning(DataDeed.id),
        delete(DataRequest).where(closed, DataRequest.closed_at < now - PROOF_LIFE).returning(DataRequest.id),
    )
    return sum(len(session.scalars(one.execution_options(synchronize_session=False)).all()) for one in statements)
