"""The signatures of one campaign as rows to be written at once, up to the moment when each was confirmed.

What comes after (moderators, people who withdraw) is only noted here; `writing.py` has it done by those who do it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaign.cli.seed.people import Person
from campaign.core.addresses import address_key, mailbox_key
from campaign.core.networks import network_hash
from campaign.petitions.deltas import delta
from campaign.petitions.models import CommentState, Listing, ListSubject, SignatureState
from campaign.petitions.moderation import ModerationAction
from campaign.petitions.screening import Finding, holding
from campaign.petitions.screening.rules import Rules
from campaign.petitions.signing import CONSENT_VERSION
from campaign.settings import Settings

Row = dict[str, Any]
_S = SignatureState


@dataclass(frozen=True)
class Deed:
    """What a moderator is to do to some signatures at once."""

    action: ModerationAction
    rows: list[Row]
    reason: str
    at: datetime


@dataclass(frozen=True)
class Entry:
    """What a moderator is to put on one of screening's lists."""

    listing: Listing
    subject: ListSubject
    typed: str
    note: str
    at: datetime


@dataclass
class Book:
    """Rows for `signature` and `tally_delta`, and what is to be done to them afterwards.

    In a row, `version` (the demand's), `speaks` (the person's language) and `findings` are no columns.
    """

    settings: Settings
    rows: list[Row] = field(default_factory=list)
    deltas: list[Row] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    withdrawals: list[tuple[Row, datetime]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    rules: list[tuple[Rules, datetime]] = field(default_factory=list)

    def sign(
        self, person: Person, at: datetime, *, source: str, address: str | None, version: int = 1, **more: Any
    ) -> Row:
        """A form sent in. `address` is where from on the network; `version` is the demand's."""
        key = self.settings.hash_key
        row: Row = {
            "version": version,
            "speaks": person.language,
            "findings": (),
            "state": _S.PENDING,
            "state_before": None,
            "name": person.name,
            "name_folded": person.name.casefold(),
            "email": person.email,
            "email_key": address_key(key, person.email),
            "mailbox_key": mailbox_key(key, person.email),
            "country": person.country,
            "postcode": person.postcode,
            "comment": "",
            "comment_state": None,
            "show_name": False,
            "wants_updates": False,
            "consent_version": CONSENT_VERSION,
            "language": self.language_of(person),
            "source": source,
            "network_hash": network_hash(key, address) if address else None,
            "honeypot": False,
            "held_for": None,
            "decision_reason": "",
            "token_version": 1,
            "created_at": at,
            "confirmed_at": None,
            "state_changed_at": at,
        } | more
        self.rows.append(row)
        self._count(row, None, _S.PENDING, at)
        return row

    def language_of(self, person: Person) -> str:
        """The person's own where the site has it, else the site's first."""
        known = self.settings.languages
        return person.language if person.language in known else known[0]

    def confirm(self, row: Row, at: datetime, *findings: Finding) -> None:
        """The link was pressed, and screening decided by what it found."""
        held_for = holding(findings)
        row |= {"confirmed_at": at, "held_for": held_for, "findings": findings}
        state = _S.HELD if held_for else _S.CONFIRMED
        self._count(row, _S.PENDING, state, at)
        row |= {"state": state, "state_changed_at": at}

    def comment(self, row: Row, text: str) -> None:
        """What the signer wrote, for a moderator to read."""
        row |= {"comment": text, "comment_state": CommentState.AWAITING}

    def undisturbed(self) -> list[Row]:
        """Those who confirmed and with whom nothing more is to happen."""
        touched = {id(row) for row, _ in self.withdrawals} | {id(row) for deed in self.deeds for row in deed.rows}
        return [row for row in self.rows if row["state"] is _S.CONFIRMED and id(row) not in touched]

    def _count(self, row: Row, before: SignatureState | None, after: SignatureState, at: datetime) -> None:
        """Campaign and demand are not stored yet, so their ids are put in when the rows are written."""
        self.deltas.append(
            delta(
                campaign_id=0,
                demand_id=row["version"],
                left=before,
                reached=after,
                country=row["country"],
                source=row["source"],
                signed_at=row["created_at"],
                confirmed_at=row["confirmed_at"],
                now=at,
                email=row["email"],
                network_hash=row["network_hash"],
            )
        )
