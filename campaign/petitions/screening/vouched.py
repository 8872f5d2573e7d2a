"""Screening signatures that somebody vouched for, a batch at a time: they are marked, and held for nothing.

A file tells no network and no moment of a mailed link, so only contents and mailboxes are looked at.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from campaign.petitions.models import ScreeningAction, Signal, Signature
from campaign.petitions.screening.contents import notice_contents
from campaign.petitions.screening.findings import Finding
from campaign.petitions.screening.lists import Standing, standings_of
from campaign.petitions.screening.mailboxes import count_earlier_mailboxes
from campaign.petitions.screening.rules import Rules, rules_of


def screen_vouched(session: Session, campaign_id: int, signatures: Sequence[Signature]) -> list[tuple[int, Finding]]:
    """What is noticed about each of these stored signatures, with its id; three reads of indexes for all."""
    if not signatures:
        return []
    rules = rules_of(session, campaign_id)
    standings = standings_of(session, campaign_id, signatures)
    earlier = count_earlier_mailboxes(session, campaign_id, signatures)
    return [
        (row.id, Finding(signal, False, detail))
        for row in signatures
        for signal, detail in _notice(row, rules, standings[row.id], earlier.get(row.id, 0))
        if rules.actions[signal] is not ScreeningAction.OFF
    ]


def _notice(
    signature: Signature, rules: Rules, standing: Standing, earlier: int
) -> Iterator[tuple[Signal, dict[str, int]]]:
    for signal in notice_contents(signature, rules, standing):
        yield signal, {}
    if earlier and not standing.knows_the_address:
        yield Signal.SAME_MAILBOX, {"earlier": earlier}
