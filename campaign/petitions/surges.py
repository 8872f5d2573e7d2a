"""Surges: hours in which a campaign, or one country in it, brings far more forms than usual.

What is usual comes from the rollups, so no signature is counted for it. The forms of such an hour are marked or held in
the background, a batch at a time; one that nobody confirmed yet is held when its link is pressed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from campaign.core.epoch import hour_of, start_of
from campaign.petitions.models import (
    Dimension,
    ScreeningAction,
    Signal,
    Signature,
    SignatureRollup,
    SignatureSignal,
    SignatureState,
)
from campaign.petitions.rollups import EVER
from campaign.petitions.screening import Finding, note
from campaign.petitions.screening.lists import standings_of
from campaign.petitions.screening.rules import Numbers, Rules, rules_of
from campaign.petitions.transitions import Move, move

BATCH = 500
USUAL_HOURS = 7 * 24
# Before that many forms nobody can say what is usual.
LEAST_KNOWN = 200
# A country that hardly anybody signs from may bring this share of an hour before its usual is multiplied.
LEAST_SHARE = 0.01
# Rows of the newest that may be looked at beyond those the rollups know of: they lag behind by some seconds.
_SLACK = 200
# What a signature has been through when nobody but its signer has touched it: sent, and confirmed.
_UNTOUCHED = 2

_row = SignatureRollup


@dataclass(frozen=True)
class Surge:
    """An hour that is far above the usual. `newest` is how many of the campaign's newest forms may lie in it."""

    campaign_id: int
    hour: int
    country: str | None
    finding: Finding
    newest: int


def find_surges(session: Session, campaign_id: int, *, now: datetime) -> list[Surge]:
    """The surges of this hour and the one before, as far as the campaign's rules ask for them."""
    rules, hours = rules_of(session, campaign_id), (hour_of(now) - 1, hour_of(now))
    found: list[Surge] = []
    if rules.actions[Signal.CAMPAIGN_SURGE] is not ScreeningAction.OFF:
        found += _campaign_surges(session, campaign_id, rules, hours)
    if rules.actions[Signal.COUNTRY_SURGE] is not ScreeningAction.OFF:
        found += _country_surges(session, campaign_id, rules, hours)
    return found


def _sent(
    session: Session, campaign_id: int, dimension: Dimension, hours: tuple[int, ...]
) -> dict[int, dict[str, int]]:
    rows = session.execute(
        select(_row.hour, _row.value, _row.sent).where(
            _row.campaign_id == campaign_id, _row.dimension == dimension, _row.hour.in_(hours)
        )
    )
    found: dict[int, dict[str, int]] = {hour: {} for hour in hours}
    for hour, value, sent in rows:
        found[hour][value] = sent
    return found


def _campaign_surges(session: Session, campaign_id: int, rules: Rules, hours: tuple[int, int]) -> list[Surge]:
    sent = {hour: sum(values.values()) for hour, values in _sent(session, campaign_id, Dimension.ALL, hours).items()}
    first, total = session.execute(
        select(func.min(_row.hour), func.sum(_row.sent)).where(
            _row.campaign_id == campaign_id,
            _row.dimension == Dimension.ALL,
            _row.hour >= hours[0] - USUAL_HOURS,
            _row.hour < hours[0],
        )
    ).one()
    if (total or 0) < LEAST_KNOWN:
        return []
    usual = int(total) / (hours[0] - first)  # hours in which nobody signed count as well
    holds = rules.actions[Signal.CAMPAIGN_SURGE] is ScreeningAction.HOLD
    return [
        Surge(
            campaign_id,
            hour,
            None,
            Finding(Signal.CAMPAIGN_SURGE, holds, {"count": sent[hour], "usual": round(usual)}),
            _newest(sent, hour),
        )
        for hour in hours
        if sent[hour] >= max(rules.numbers.campaign_least, rules.numbers.campaign_times * usual)
    ]


def _country_surges(session: Session, campaign_id: int, rules: Rules, hours: tuple[int, int]) -> list[Surge]:
    sent = _sent(session, campaign_id, Dimension.COUNTRY, (EVER, *hours))
    recent = {country: sum(sent[hour].get(country, 0) for hour in hours) for country in sent[EVER]}
    before = {country: count - recent[country] for country, count in sent[EVER].items()}
    known = sum(before.values())
    if known < LEAST_KNOWN:
        return []
    holds = rules.actions[Signal.COUNTRY_SURGE] is ScreeningAction.HOLD
    found = []
    for hour in hours:
        total = sum(sent[hour].values())
        for country, count in sent[hour].items():
            usual = before.get(country, 0) / known
            if _is_surge(count, count / total if total else 0, usual, rules.numbers):
                detail = {"percent": round(100 * count / total), "usual": round(100 * usual)}
                newest = _newest({each: sum(sent[each].values()) for each in hours}, hour)
                found.append(Surge(campaign_id, hour, country, Finding(Signal.COUNTRY_SURGE, holds, detail), newest))
    return found


def _is_surge(count: int, share: float, usual: float, numbers: Numbers) -> bool:
    return count >= numbers.country_least and share >= numbers.country_times * max(usual, LEAST_SHARE)


def _newest(sent: dict[int, int], hour: int) -> int:
    return sum(count for each, count in sent.items() if each >= hour) + _SLACK


def list_unmarked(session: Session, surge: Surge, *, before: int | None = None) -> Sequence[int]:
    """Ids of a batch of the surge's forms that do not have its signal yet, newest first, those before an id.

    Reads no more than what came since the hour began.
    """
    # By number: all forms since the hour began, and some before. Imported signatures are no forms and not in `newest`.
    oldest = (
        select(Signature.id)
        .where(Signature.campaign_id == surge.campaign_id, Signature.import_id.is_(None))
        .order_by(Signature.id.desc())
        .offset(surge.newest)
        .limit(1)
    )
    floor = session.scalar(oldest) or 0
    marked = exists().where(
        SignatureSignal.campaign_id == Signature.campaign_id,
        SignatureSignal.signal == surge.finding.signal,
        SignatureSignal.signature_id == Signature.id,
    )
    query = select(Signature.id).where(
        Signature.campaign_id == surge.campaign_id,
        Signature.import_id.is_(None),
        Signature.id > floor,
        Signature.created_at >= start_of(surge.hour),
        Signature.created_at < start_of(surge.hour + 1),
        ~marked,
    )
    if surge.country is not None:
        query = query.where(Signature.country == surge.country)
    if before is not None:
        query = query.where(Signature.id < before)
    return session.scalars(query.order_by(Signature.id.desc()).limit(BATCH)).all()


def mark(session: Session, surge: Surge, ids: Sequence[int], *, now: datetime) -> int:
    """Note the signal of these signatures, and hold those that count and that no moderator has decided about.

    Whoever the campaign allows is held to no limit. Gives how many were noted.
    """
    rows = session.scalars(
        select(Signature)
        .where(Signature.id.in_(ids), Signature.state != SignatureState.WITHDRAWN)
        .order_by(Signature.id)
        .with_for_update()
    ).all()
    standings = standings_of(session, surge.campaign_id, rows)
    limited = [row for row in rows if not standings[row.id].allowed]
    note(session, [(row.id, surge.finding) for row in limited], campaign_id=surge.campaign_id, now=now)
    if surge.finding.holds:
        untouched = [row.id for row in limited if row.edition <= _UNTOUCHED]
        move(session, untouched, campaign_id=surge.campaign_id, by=Move.HOLD, now=now, held_for=surge.finding.signal)
    return len(limited)
