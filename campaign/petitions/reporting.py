"""Readers report comments; moderators settle what was reported.

A report takes nothing down by itself: else a few people could silence anybody. It counts once for each network.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.addresses import keyed_hash
from campaign.core.database import insert_into
from campaign.core.networks import network_of
from campaign.petitions.models import CommentReport, CommentState, ReportReason, Signature, SignatureState
from campaign.petitions.queries import PublicComment, list_public_comments
from campaign.petitions.retention import NETWORK_LIFE

A_PAGE = 50
BATCH = 500


@dataclass
class Reported:
    """A comment that readers reported: how often for each reason, since when, and when it was last kept, if ever."""

    signature: Signature
    number: int
    first_at: datetime
    reasons: dict[ReportReason, int] = field(default_factory=dict)
    kept_at: datetime | None = None


def find_comment(session: Session, campaign_id: int, signature_id: int) -> PublicComment | None:
    """The comment as readers see it, None where they see none."""
    return next(iter(list_public_comments(session, campaign_id, ids=[signature_id])), None)


def report_comment(
    session: Session,
    campaign_id: int,
    signature_id: int,
    reason: ReportReason,
    *,
    network: str | None,
    hash_key: str,
    now: datetime,
) -> bool:
    """Note the report; False where the same network had reported the comment before. `network` is its address."""
    reader = keyed_hash(hash_key, "comment-report", f"{signature_id}:{network_of(network)}")
    row = insert_into(session, CommentReport).values(
        campaign_id=campaign_id, signature_id=signature_id, reason=reason, reader_key=reader, reported_at=now
    )
    return session.scalar(row.on_conflict_do_nothing().returning(CommentReport.id)) is not None


def _open() -> ColumnElement[bool]:
    """Reports that nobody has settled, of comments that readers can see."""
    return and_(
        CommentReport.settled_at.is_(None),
        Signature.comment_state == CommentState.PUBLISHED,
        Signature.state == SignatureState.CONFIRMED,
    )


def count_reported(session: Session, campaign_ids: Sequence[int]) -> dict[int, int]:
    """How many comments of each campaign wait for a moderator because readers reported them."""
    rows = session.execute(
        select(CommentReport.campaign_id, func.count(CommentReport.signature_id.distinct()))
        .join(Signature, Signature.id == CommentReport.signature_id)
        .where(CommentReport.campaign_id.in_(campaign_ids), _open())
        .group_by(CommentReport.campaign_id)
    )
    return dict.fromkeys(campaign_ids, 0) | dict(rows.all())


def list_reported(session: Session, campaign_id: int) -> list[Reported]:
    """The reported comments that wait, the most reported first; a page of them."""
    number = func.count().label("number")
    rows = session.execute(
        select(CommentReport.signature_id, number, func.min(CommentReport.reported_at))
        .join(Signature, Signature.id == CommentReport.signature_id)
        .where(CommentReport.campaign_id == campaign_id, _open())
        .group_by(CommentReport.signature_id)
        .order_by(number.desc(), CommentReport.signature_id)
        .limit(A_PAGE)
    ).all()
    ids = [row[0] for row in rows]
    signatures = {one.id: one for one in session.scalars(select(Signature).where(Signature.id.in_(ids)))}
    found = {row[0]: Reported(signatures[row[0]], row[1], row[2]) for row in rows}
    _add_reasons(session, found)
    return list(found.values())


def _add_reasons(session: Session, found: dict[int, Reported]) -> None:
    """Add for what each was reported, and when it was last kept."""
    is_open = CommentReport.settled_at.is_(None)
    rows = session.execute(
        select(CommentReport.signature_id, CommentReport.reason, func.count())
        .where(CommentReport.signature_id.in_(list(found)), is_open)
        .group_by(CommentReport.signature_id, CommentReport.reason)
    )
    for signature_id, reason, number in rows:
        found[signature_id].reasons[reason] = number
    kept = session.execute(
        select(CommentReport.signature_id, func.max(CommentReport.settled_at))
        .where(CommentReport.signature_id.in_(list(found)), ~is_open)
        .group_by(CommentReport.signature_id)
    )
    for signature_id, settled_at in kept:
        found[signature_id].kept_at = settled_at


def settle(session: Session, campaign_id: int, ids: Sequence[int], *, kept: bool, actor: str, now: datetime) -> int:
    """Settle all open reports of these comments; gives of how many. `kept` says whether readers still see them."""
    settled = session.scalars(
        update(CommentReport)
        .where(
            CommentReport.campaign_id == campaign_id,
            CommentReport.signature_id.in_(ids),
            CommentReport.settled_at.is_(None),
        )
        .values(settled_at=now)
        .returning(CommentReport.signature_id)
        .execution_options(synchronize_session=False)
    ).all()
    for signature_id in sorted(set(settled)):
        record(
            session, actor=actor, action="reports.settled", object_type="signature", object_id=signature_id, now=now,
            campaign_id=campaign_id, reports=settled.count(signature_id), kept=kept,
        )  # fmt: skip
    return len(set(settled))


def list_old_readers(session: Session, *, now: datetime) -> Sequence[int]:
    """Ids of a batch of reports whose reader has been kept for long enough."""
    return session.scalars(
        select(CommentReport.id)
        .where(CommentReport.reported_at < now - NETWORK_LIFE, CommentReport.reader_key.is_not(None))
        .limit(BATCH)
    ).all()


def forget_readers(session: Session, ids: Sequence[int]) -> int:
    """Forget from which networks these came; gives how many."""
    session.execute(
        update(CommentReport)
        .where(CommentReport.id.in_(ids))
        .values(reader_key=None)
        .execution_options(synchronize_session=False)
    )
    return len(ids)
