"""Going through the signatures that conditions fit, in the order of their ids, a bounded number at a time.

One condition is looked up by an index that has them in that order; what it finds is sifted by the others. So each
step reads a bounded number of rows whatever the conditions are, and going on from the last id misses none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from campaign.petitions.invalidation.conditions import WILDCARD, Conditions, sifts
from campaign.petitions.models import Signal, Signature, SignatureSignal, SignatureState

# id, state, edition, state_changed_at
Fitting = Row[int, SignatureState, int, datetime]


@dataclass(frozen=True)
class Ground:
    """Where to go: a campaign's signatures that were there when the preview began, narrowed by the conditions."""

    campaign_id: int
    wanted: Conditions
    newest_id: int


@dataclass(frozen=True)
class Window:
    """How many signatures one step looked at, up to which id, and those that fit."""

    looked_at: int
    upto: int
    fit: Sequence[Fitting]
    is_last: bool


def windows(session: Session, ground: Ground, *, after: int, size: int) -> Iterator[Window]:
    """Windows of up to `size` signatures looked at, from the id behind `after` to the end."""
    while True:
        ids = session.scalars(_candidates(ground, after, size)).all()
        is_last = len(ids) < size
        upto = ground.newest_id if is_last else ids[-1]
        yield Window(len(ids), upto, _fitting(session, ground, ids), is_last)
        if is_last:
            return
        after = upto


def _candidates(ground: Ground, after: int, size: int) -> Select[int]:
    key, query = _by_index(ground)
    return query.where(key > after, key <= ground.newest_id).order_by(key).limit(size)


def _by_index(ground: Ground) -> tuple[Any, Select[int]]:
    """The condition that is likely to find the fewest, of those that an index answers in the order of ids."""
    wanted, campaign_id = ground.wanted, ground.campaign_id
    if wanted.signal not in (None, Signal.MODERATOR) and not (wanted.network_hash or _is_exact(wanted.name)):
        kept = SignatureSignal
        query = select(kept.signature_id).where(kept.campaign_id == campaign_id, kept.signal == wanted.signal)
        return kept.signature_id, query
    query = select(Signature.id).where(Signature.campaign_id == campaign_id)
    domain = wanted.domain or wanted.address.rpartition("@")[2]
    if _is_exact(wanted.name):
        query = query.where(Signature.name_folded == wanted.name)
    elif wanted.network_hash:
        query = query.where(Signature.network_hash == wanted.network_hash)
    elif wanted.signal is Signal.MODERATOR:
        query = query.where(Signature.held_for == wanted.signal)
    elif _is_exact(domain):
        query = query.where(Signature.email_domain == domain)
    elif wanted.source:
        query = query.where(Signature.source == wanted.source)
    elif wanted.country:
        query = query.where(Signature.country == wanted.country)
    return Signature.id, query


def _is_exact(text: str) -> bool:
    return bool(text) and WILDCARD not in text


def _fitting(session: Session, ground: Ground, ids: Sequence[int]) -> Sequence[Fitting]:
    if not ids:
        return []
    columns = (Signature.id, Signature.state, Signature.edition, Signature.state_changed_at)
    query = select(*columns).where(Signature.id.in_(ids), *sifts(ground.wanted)).order_by(Signature.id)
    return session.execute(query).all()
