"""The ledger of erasures: one line for each deed that a restored database must be told again, in files beside it.

The files are not part of a backup of the database, which would bring them back to its own moment; that is their use.
They name nobody: keyed hashes of addresses, and public ids. A line may stand there twice, where a worker died between
writing and noting it; reading takes it once. One file a month, so that those older than the oldest backup can go.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.audit.data_deeds import BY_SELF
from campaign.audit.models import DONE_AGAIN, DataDeed, DeedKind

BATCH = 500
STAFF = "staff"  # which of them is in the trail
_UNWRITTEN = (DataDeed.in_ledger_at.is_(None), DataDeed.kind.in_(DONE_AGAIN))


@dataclass(frozen=True)
class Line:
    """One deed as the ledger keeps it."""

    id: str
    at: datetime
    kind: DeedKind
    person: str
    campaign: int | None
    subject: str
    by: str


def list_unwritten(session: Session) -> Sequence[DataDeed]:
    """Deeds that are not in the ledger yet, oldest first."""
    return session.scalars(select(DataDeed).where(*_UNWRITTEN).order_by(DataDeed.id).limit(BATCH)).all()


def mark_written(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """Note that these are in the ledger."""
    session.execute(
        update(DataDeed)
        .where(DataDeed.id.in_(ids))
        .values(in_ledger_at=now)
        .execution_options(synchronize_session=False)
    )


def append(folder: Path, deeds: Sequence[DataDeed], *, now: datetime) -> None:
    """Write the deeds behind what stands in the month's file, and do not return before the disk has them."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{now:%Y-%m}.jsonl"
    text = "".join(_written(deed) for deed in deeds)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(file).st_size
        if size and os.pread(file, 1, size - 1) != b"\n":  # a machine that died in the middle of a line
            text = "\n" + text
        os.write(file, text.encode())
        os.fsync(file)
    finally:
        os.close(file)


def _written(deed: DataDeed) -> str:
    line = Line(
        id=deed.public_id, at=deed.at, kind=deed.kind, person=deed.person_key, campaign=deed.campaign_id,
        subject=deed.subject, by=deed.done_by if deed.done_by == BY_SELF else STAFF,
    )  # fmt: skip
    return json.dumps(asdict(line) | {"at": deed.at.isoformat()}) + "\n"


def read(folder: Path) -> Iterator[Line]:
    """All lines, oldest file first, each deed once. A torn line is left out: its deed was written again after it."""
    seen: set[str] = set()
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8", errors="replace") as file:
            for text in file:
                line = _line(text)
                if line is not None and line.id not in seen:
                    seen.add(line.id)
                    yield line


def _line(text: str) -> Line | None:
    try:
        found = json.loads(text)
        return Line(**found | {"at": datetime.fromisoformat(found["at"]), "kind": DeedKind(found["kind"])})
    except (ValueError, TypeError, KeyError):
        return None
