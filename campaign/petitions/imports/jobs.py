"""The life of an import as people see it: asked for, started, cancelled, forgotten. What workers do with it in between
is in `working.py`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign, CampaignState
from campaign.core.csv_reading import Shape
from campaign.core.errors import DomainError, NotFound
from campaign.petitions.imports.rows import Rules
from campaign.petitions.models import ImportState, Origin, SignatureImport

SHOWN = 50
# Renewed while a worker is at it: it only says how soon another one takes up what a killed one has left.
LEASE = timedelta(seconds=60)
WORKER = "worker"
CHECKED_LIFE = timedelta(hours=24)  # of a file that nobody has decided about
FINDINGS_LIFE = timedelta(days=7)
# People sign on paper before a campaign is published here, but hardly so long before: such a day is a mistyped one.
LONGEST_BEFORE = timedelta(days=731)
_S = ImportState
DUE = SignatureImport.state.in_((_S.CHECKING, _S.RUNNING))


class NotPublic(DomainError):
    """Signatures belong to a demand that people could read: the campaign is a draft, or was withdrawn."""


class NotWaiting(DomainError):
    """The import is not at the point where this can be done."""


@dataclass(frozen=True, kw_only=True)
class ImportFields:
    """What is said about a file. `country` stands for rows that name none; empty, such rows are left out.

    `encoding` is how it is written, where that is not to be found out.
    """

    demand_id: int
    origin: Origin
    source: str
    collected_on: date
    consent: str
    country: str = ""
    encoding: str = ""


@dataclass(frozen=True)
class Upload:
    """The file as it came: its name, bytes and SHA-256."""

    file_name: str
    size: int
    sha256: str


def imports_folder(storage: Path) -> Path:
    """Where files of imports are: below the storage, which no web server serves."""
    return storage / "imports"


def rows_path(storage: Path, public_id: str) -> Path:
    """Where an import's file is kept until it is done with."""
    return imports_folder(storage) / public_id / "rows"


def notebook_path(storage: Path, public_id: str) -> Path:
    """Where an import's findings are kept for some days."""
    return imports_folder(storage) / public_id / "findings"


def earliest_day(campaign: Campaign) -> date:
    """The first day on which a signature for this campaign may have been given."""
    return (min(campaign.created_at, campaign.published_at or campaign.created_at) - LONGEST_BEFORE).date()


def rules_of(session: Session, job: SignatureImport, shape: Shape, *, today: date, hash_key: str) -> Rules:
    """What holds for the rows of an import's file."""
    campaign = session.get_one(Campaign, job.campaign_id)
    return Rules(
        header=shape.header, country=job.country, collected_on=job.collected_on, earliest=earliest_day(campaign),
        today=today, hash_key=hash_key,
    )  # fmt: skip


def request_import(
    session: Session,
    campaign: Campaign,
    fields: ImportFields,
    upload: Upload,
    *,
    public_id: str,
    actor: str,
    now: datetime,
    taken: bool = False,
) -> SignatureImport:
    """Note a file that lies at `rows_path`, to be checked; where it is `taken`, by the caller. Raises NotPublic."""
    if campaign.published_at is None or campaign.state is CampaignState.WITHDRAWN:
        raise NotPublic("Publish the campaign before you import signatures.")
    job = SignatureImport(
        public_id=public_id,
        campaign_id=campaign.id,
        demand_id=fields.demand_id,
        origin=fields.origin,
        source=fields.source,
        collected_on=fields.collected_on,
        consent=fields.consent,
        country=fields.country,
        encoding=fields.encoding,
        file_name=upload.file_name,
        size=upload.size,
        sha256=upload.sha256,
        state=_S.CHECKING,
        requested_by=actor,
        created_at=now,
        available_at=now + LEASE if taken else now,
        attempts=1 if taken else 0,
    )
    session.add(job)
    session.flush()
    note_in_trail(
        session, job, "requested", actor=actor, now=now, source=fields.source, origin=fields.origin.value,
        collected_on=fields.collected_on.isoformat(), consent=fields.consent, sha256=upload.sha256, size=upload.size,
    )  # fmt: skip
    return job


def list_imports(session: Session, campaign_id: int) -> Sequence[SignatureImport]:
    """The campaign's latest imports, newest first."""
    return session.scalars(
        select(SignatureImport)
        .where(SignatureImport.campaign_id == campaign_id)
        .order_by(SignatureImport.id.desc())
        .limit(SHOWN)
    ).all()


def get_import(session: Session, campaign_id: int, public_id: str) -> SignatureImport:
    """One import of the campaign. Raises NotFound."""
    job = session.scalar(
        select(SignatureImport).where(
            SignatureImport.campaign_id == campaign_id, SignatureImport.public_id == public_id
        )
    )
    if job is None:
        raise NotFound("There is no such import.")
    return job


def start(session: Session, job: SignatureImport, *, actor: str, now: datetime, taken: bool = False) -> None:
    """Let the good rows of a checked file be stored. Raises NotWaiting where it is not checked, or was started."""
    _move(
        session, job, [_S.CHECKED], _S.RUNNING, "started", actor=actor, now=now, rows_done=0, attempts=int(taken),
        available_at=now + LEASE if taken else now, expires_at=None,
    )  # fmt: skip


def cancel(session: Session, job: SignatureImport, *, actor: str, now: datetime) -> None:
    """Stop, wherever it is; what was stored so far stays. Raises NotWaiting where it is over."""
    before = [_S.CHECKING, _S.CHECKED, _S.RUNNING]
    _move(
        session, job, before, _S.CANCELLED, "cancelled", actor=actor, now=now, finished_at=now,
        expires_at=now + FINDINGS_LIFE,
    )  # fmt: skip


def _move(
    session: Session, job: SignatureImport, before: list[ImportState], after: ImportState, verb: str, *, actor: str,
    now: datetime, **values: Any,
) -> None:  # fmt: skip
    moved = session.scalar(
        update(SignatureImport)
        .where(SignatureImport.id == job.id, SignatureImport.state.in_(before))
        .values(state=after, **values)
        .returning(SignatureImport.rows_imported)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise NotWaiting("The import is no longer at that point. Load the page again.")
    note_in_trail(session, job, verb, actor=actor, now=now, rows=moved)


def is_anything_expired(session: Session, *, now: datetime) -> bool:
    """True where `expire` would find an import."""
    return bool(session.scalar(select(exists().where(SignatureImport.expires_at <= now))))


def expire(session: Session, *, now: datetime) -> int:
    """Let go files that nobody decided about, and findings that were kept for long enough; gives how many."""
    gone = session.scalars(
        update(SignatureImport)
        .where(SignatureImport.expires_at <= now)
        .values(expires_at=None)
        .returning(SignatureImport)
        .execution_options(synchronize_session=False)
    ).all()
    for job in gone:
        if job.state is _S.CHECKED:
            _move(session, job, [_S.CHECKED], _S.EXPIRED, "expired", actor=WORKER, now=now, finished_at=now)
    return len(gone)


def still_needed(session: Session, public_ids: Collection[str]) -> dict[str, bool]:
    """Those of the folders that an import stands for, each with whether its rows are still to be worked on."""
    query = select(SignatureImport.public_id, SignatureImport.state).where(
        SignatureImport.public_id.in_(public_ids), or_(DUE, SignatureImport.expires_at.is_not(None))
    )
    with_rows = (_S.CHECKING, _S.CHECKED, _S.RUNNING)
    return {row.public_id: row.state in with_rows for row in session.execute(query)}


def note_in_trail(
    session: Session, job: SignatureImport, verb: str, *, actor: str, now: datetime, **details: Any
) -> None:
    """Tell the trail what became of an import."""
    record(
        session, actor=actor, action=f"import.{verb}", object_type="import", object_id=job.public_id, now=now,
        campaign_id=job.campaign_id, **details,
    )  # fmt: skip
