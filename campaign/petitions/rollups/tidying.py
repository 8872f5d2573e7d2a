"""Keeping the rollups small: hours that nobody asks for any more, and names of sources that nothing is left of.

By the hour, sources and countries are kept for five weeks, domains and networks for eight days; of those, whoever
brought few forms in an hour is forgotten the same day, so that no row is about one person for long. Sums over all
hours stay.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from campaign.core.addresses import address_domain
from campaign.core.database import insert_into
from campaign.core.epoch import hour_of
from campaign.petitions.models import Dimension, Signature, SignatureRollup, TallyDelta
from campaign.petitions.rollups.changes import EVER, OTHER_SOURCES
from campaign.petitions.rollups.writing import MOST_SOURCES

HOURS_KEPT = {
    Dimension.SOURCE: timedelta(days=35),
    Dimension.COUNTRY: timedelta(days=35),
    Dimension.DOMAIN: timedelta(days=8),
    Dimension.NETWORK: timedelta(days=8),
}
FEW = 5
FEW_KEPT = timedelta(hours=6)

_row = SignatureRollup


def is_anything_to_tidy(session: Session, campaign_id: int, *, now: datetime) -> bool:
    """True where `tidy` would delete something; a plain read, so that an idle worker takes no write lock."""
    old = select(_row.hour).where(_row.campaign_id == campaign_id, _is_old(now)).limit(1)
    return session.scalar(old) is not None or (_is_full(session, campaign_id) and bool(_dead(session, campaign_id)))


def tidy(session: Session, campaign_id: int, *, now: datetime) -> int:
    """Delete what is too old; where sources have no room, join those of which nothing is left. Gives how many rows."""
    result = session.execute(delete(_row).where(_row.campaign_id == campaign_id, _is_old(now)).returning(_row.hour))
    done = len(result.all())
    return done + _join_dead_sources(session, campaign_id) if _is_full(session, campaign_id) else done


def forget_origin(
    session: Session,
    campaign_id: int,
    *,
    email: str | None,
    network_hash: str | None,
    signed_at: datetime,
    confirmed_at: datetime | None,
) -> None:
    """Take a person's domain and network out of what waits, and out of rows that stand for this person alone."""
    values = [value for value in (address_domain(email) if email else None, network_hash) if value]
    # What waits first: folding never waits for it, so nobody waits in a circle.
    session.execute(
        update(TallyDelta)
        .where(TallyDelta.campaign_id == campaign_id, TallyDelta.signed_at == signed_at)
        .values(domain=None, network_hash=None)
        .execution_options(synchronize_session=False)
    )
    hours = {hour_of(at) for at in (signed_at, confirmed_at) if at}
    origins = _row.dimension.in_([Dimension.DOMAIN, Dimension.NETWORK])
    alone = (_row.hour.in_(hours), _row.value.in_(values), _row.sent <= 1, _row.pressed <= 1)
    session.execute(delete(_row).where(_row.campaign_id == campaign_id, origins, *alone))


def _is_old(now: datetime) -> ColumnElement[bool]:
    kinds = [
        and_(_row.dimension == dimension, _row.hour > EVER, _row.hour < hour_of(now - kept))
        for dimension, kept in HOURS_KEPT.items()
    ]
    few = and_(
        _row.dimension.in_([Dimension.DOMAIN, Dimension.NETWORK]),
        _row.hour > EVER,
        _row.hour < hour_of(now - FEW_KEPT),
        _row.sent < FEW,
        _row.pressed < FEW,
    )
    return or_(*kinds, few)


def _is_full(session: Session, campaign_id: int) -> bool:
    names = select(func.count()).where(_row.campaign_id == campaign_id, *_names())
    return (session.scalar(names) or 0) >= MOST_SOURCES


def _names() -> tuple[ColumnElement[bool], ...]:
    return (_row.dimension == Dimension.SOURCE, _row.hour == EVER)


def _dead(session: Session, campaign_id: int) -> list[str]:
    """Sources all of whose forms were deleted because nobody confirmed them."""
    alive = exists().where(Signature.campaign_id == campaign_id, Signature.source == _row.value)
    waiting = exists().where(TallyDelta.campaign_id == campaign_id, TallyDelta.source == _row.value)
    dead = (_row.sent == _row.forgotten, _row.pressed == 0, _row.value != OTHER_SOURCES)
    return list(
        session.scalars(select(_row.value).where(_row.campaign_id == campaign_id, *_names(), *dead, ~alive, ~waiting))
    )


def _join_dead_sources(session: Session, campaign_id: int) -> int:
    gone = session.execute(
        delete(_row)
        .where(
            _row.campaign_id == campaign_id,
            *_names(),
            _row.value.in_(_dead(session, campaign_id)),
            _row.sent == _row.forgotten,  # a form may have come in meanwhile
        )
        .returning(_row.sent)
    ).scalars()
    forms = list(gone)
    if forms:
        row = insert_into(session, _row).values(
            campaign_id=campaign_id, dimension=Dimension.SOURCE, hour=EVER, value=OTHER_SOURCES, sent=sum(forms),
            forgotten=sum(forms), pressed=0, counted=0, held=0, removed=0,
        )  # fmt: skip
        more = {name: getattr(_row, name) + row.excluded[name] for name in ("sent", "forgotten")}
        session.execute(
            row.on_conflict_do_update(index_elements=["campaign_id", "dimension", "hour", "value"], set_=more)
        )
    return len(forms)
