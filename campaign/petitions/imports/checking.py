"""Going through a file before anything is stored: what each row is, and whether it is here already."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.core.csv_reading import Record, Shape, records
from campaign.petitions.imports.notebook import Notebook
from campaign.petitions.imports.rows import Candidate, Finding, Kind, Rules, check_row
from campaign.petitions.models import Signature, SignatureState
from campaign.petitions.screening.lists import standings_of

BATCH = 500


class Check:
    """The check of one file, from where its notebook says that it is. It stores nothing in the database."""

    def __init__(self, path: Path, shape: Shape, rules: Rules, notebook: Notebook, campaign_id: int) -> None:
        self._records: Iterator[Record] = islice(records(path, shape), notebook.done, None)
        self._rules, self._notebook, self._campaign_id = rules, notebook, campaign_id

    def step(self, session: Session) -> bool:
        """Look at the next rows; False where there are none."""
        batch = list(islice(self._records, BATCH))
        if not batch:
            return False
        good, findings = judge(session, self._campaign_id, batch, self._rules)
        self._notebook.note(len(batch), good, findings)
        return True


def judge(
    session: Session, campaign_id: int, batch: Sequence[Record], rules: Rules
) -> tuple[list[Candidate], list[Finding]]:
    """Which of these rows may be stored now, and what is wrong with the others. Two reads of indexes for all."""
    good: list[Candidate] = []
    findings: list[Finding] = []
    for record in batch:
        result = check_row(record, rules)
        if isinstance(result, Candidate):
            good.append(result)
        else:
            findings += result
    barred = _barred(session, campaign_id, good) if good else {}
    findings += [Finding(one.line, barred[one.line], "email") for one in good if one.line in barred]
    return [one for one in good if one.line not in barred], findings


def _barred(session: Session, campaign_id: int, good: Sequence[Candidate]) -> dict[int, Kind]:
    """The lines whose address has signed here, asked us to take it out, or stands on the list of blocked ones."""
    query = select(Signature.email_key, Signature.state).where(
        Signature.campaign_id == campaign_id, Signature.email_key.in_([one.email_key for one in good])
    )
    there = {row.email_key: row.state for row in session.execute(query)}
    # Looked up as signatures are, which these are not yet: a line stands for the id.
    rows = [Signature(id=one.line, email=one.email, email_key=one.email_key, network_hash=None) for one in good]
    standings = standings_of(session, campaign_id, rows)
    found: dict[int, Kind] = {}
    for one in good:
        if standings[one.line].blocked:
            found[one.line] = Kind.BLOCKED
        elif one.email_key in there:
            taken_back = there[one.email_key] is SignatureState.WITHDRAWN
            found[one.line] = Kind.WITHDRAWN if taken_back else Kind.THERE_ALREADY
    return found
