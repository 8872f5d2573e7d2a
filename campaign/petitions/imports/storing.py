"""Storing the rows of a file as signatures, a batch and its place in the file in one transaction.

So a worker may be killed anywhere, and a row is stored once however often its batch is tried. Whoever is here already
stays as they are: that is the database's word (`ON CONFLICT DO NOTHING`), not only the check's. What screening notices
about the new ones is stored with them.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from campaign.core.csv_reading import Record, Shape, records
from campaign.core.database import insert_into
from campaign.petitions import deltas
from campaign.petitions.imports.checking import judge
from campaign.petitions.imports.rows import Candidate, Rules
from campaign.petitions.models import CommentState, Signature, SignatureImport, SignatureState
from campaign.petitions.screening import note, screen_vouched

BATCH = 500


class Run:
    """The storing of one file, from the row where the import says that it is."""

    def __init__(self, path: Path, shape: Shape, rules: Rules, job: SignatureImport, *, language: str) -> None:
        self._records: Iterator[Record] = islice(records(path, shape), job.rows_done, None)
        self._rules, self._job, self._language = rules, job, language

    def next_batch(self) -> list[Record]:
        """The next rows of the file; empty at its end."""
        return list(islice(self._records, BATCH))

    def store(self, session: Session, batch: Sequence[Record], *, now: datetime) -> int:
        """Store what may be stored of these rows; gives how many signatures that made."""
        job = self._job
        good, _findings = judge(session, job.campaign_id, batch, self._rules)
        if not good:
            return 0
        # In one order everywhere, so that two files with the same people cannot deadlock.
        rows = [self._row(candidate, now) for candidate in sorted(good, key=attrgetter("email_key"))]
        statement = insert_into(session, Signature).on_conflict_do_nothing(index_elements=["campaign_id", "email_key"])
        stored = session.scalars(statement.returning(Signature), rows).all()
        came_in = [
            deltas.delta(
                campaign_id=job.campaign_id, demand_id=job.demand_id, import_id=job.id, left=None,
                reached=SignatureState.CONFIRMED, country=row.country, source="", signed_at=row.created_at,
                confirmed_at=row.confirmed_at, now=now,
            )
            for row in stored
        ]  # fmt: skip
        deltas.write(session, came_in)
        note(session, screen_vouched(session, job.campaign_id, stored), campaign_id=job.campaign_id, now=now)
        return len(stored)

    def _row(self, candidate: Candidate, now: datetime) -> dict[str, Any]:
        job = self._job
        signed_at = min(_noon(candidate.signed_on), now)
        return {
            "campaign_id": job.campaign_id,
            "demand_id": job.demand_id,
            "state": SignatureState.CONFIRMED,
            "name": candidate.name,
            "name_folded": candidate.name.casefold(),
            "email": candidate.email,
            "email_key": candidate.email_key,
            "mailbox_key": candidate.mailbox_key,
            "country": candidate.country,
            "postcode": candidate.postcode,
            "comment": candidate.comment,
            "comment_state": CommentState.AWAITING if candidate.comment else None,
            "show_name": candidate.show_name,
            # News goes to those alone who pressed a link that we mailed them.
            "wants_updates": False,
            "consent_version": f"import {job.public_id}",
            "language": self._language,
            "origin": job.origin,
            "import_id": job.id,
            "source": "",
            "network_hash": None,
            "honeypot": False,
            "decision_reason": "",
            "token_version": 1,
            "created_at": signed_at,
            "confirmed_at": signed_at,
            "state_changed_at": now,
        }


def _noon(day: date) -> datetime:
    """The files tell days; noon in UTC is that day nearly everywhere."""
    return datetime.combine(day, time(12), UTC)
