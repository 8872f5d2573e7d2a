"""Screening one signature at the moment when its link is pressed: a few lookups, each by an index."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.petitions.models import ListSubject, ScreeningAction, Signal, Signature, SignatureSignal
from campaign.petitions.screening.contents import notice_contents
from campaign.petitions.screening.findings import Finding
from campaign.petitions.screening.lists import Standing, standing_of
from campaign.petitions.screening.mailboxes import count_same_mailbox
from campaign.petitions.screening.rates import find_burst, seconds_since_mail
from campaign.petitions.screening.rules import Rules, rules_of

_BLOCKED = {
    ListSubject.ADDRESS: Signal.BLOCKED_ADDRESS,
    ListSubject.DOMAIN: Signal.BLOCKED_DOMAIN,
    ListSubject.NETWORK: Signal.BLOCKED_NETWORK,
}


@dataclass(frozen=True)
class _Case:
    session: Session
    signature: Signature
    rules: Rules
    standing: Standing
    confirmed_from: str | None
    now: datetime


def screen(
    session: Session, signature: Signature, *, now: datetime, confirmed_from: str | None = None
) -> list[Finding]:
    """All that is noticed about this signature now, and what was noticed while it waited.

    `confirmed_from` is the keyed hash of the network that the link was pressed from; it is compared and not kept.
    """
    case = _Case(
        session,
        signature,
        rules_of(session, signature.campaign_id),
        standing_of(session, signature, confirmed_from=confirmed_from),
        confirmed_from,
        now,
    )
    found = [
        Finding(signal, case.rules.actions[signal] is ScreeningAction.HOLD, detail)
        for signal, detail in _notice(case)
        if case.rules.actions[signal] is not ScreeningAction.OFF
    ]
    return found + _noticed_before(session, signature.id)


def _noticed_before(session: Session, signature_id: int) -> list[Finding]:
    rows = session.scalars(select(SignatureSignal).where(SignatureSignal.signature_id == signature_id))
    return [Finding(row.signal, row.holds, row.detail) for row in rows]


def _notice(case: _Case) -> Iterator[tuple[Signal, dict[str, int]]]:
    """Signals with their numbers, whatever the rules do with them."""
    signature = case.signature
    for subject in case.standing.blocked:
        yield _BLOCKED[subject], {}
    if signature.honeypot:
        yield Signal.HONEYPOT, {}
    for signal in notice_contents(signature, case.rules, case.standing):
        yield signal, {}
    if not case.standing.knows_the_address and (earlier := count_same_mailbox(case.session, signature)):
        yield Signal.SAME_MAILBOX, {"earlier": earlier}
    yield from _notice_network(case)


def _notice_network(case: _Case) -> Iterator[tuple[Signal, dict[str, int]]]:
    """Limits: whoever is allowed, by network or by address, is not held to them."""
    signature = case.signature
    if case.standing.allowed:
        return
    if burst := find_burst(case.session, signature, case.rules.numbers):
        yield Signal.BURST, burst
    elsewhere = signature.network_hash and case.confirmed_from and case.confirmed_from != signature.network_hash
    if elsewhere and not case.standing.confirmed_from_allowed:
        seconds = seconds_since_mail(case.session, signature.id, case.now)
        if seconds is not None and seconds <= case.rules.numbers.quick_seconds:
            yield Signal.QUICK_CONFIRMATION, {"seconds": seconds}
