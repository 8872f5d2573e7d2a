"""Storing rows as signatures: each batch with its count in one transaction, and no address twice, however often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.campaigns.queries import current_demand
from campaign.core.database import insert_into
from campaign.petitions.deltas import delta, write
from campaign.petitions.imports.checking import Finding, Row
from campaign.petitions.imports.reading import Layout
from campaign.petitions.models import (
    CommentState,
    ImportState,
    Origin,
    Signature,
    SignatureImport,
    SignatureState,
)

CONSENT_VERSION = "import"


@dataclass(frozen=True)
class Provenance:
    """Where the file comes from: who collected, up to which day, and what people agreed to."""

    origin: Origin
    source: str
    collected_on: date
    consent: str
    country: str


def open_record(
    session: Session,
    campaign_id: int,
    provenance: Provenance,
    layout: Layout,
    *,
    file_name: str,
    size: int,
    sha256: str,
    actor: str,
    now: datetime,
) -> SignatureImport:
    """The record of this file's import: a new one, or that of the same file from an earlier run, which goes on."""
    found = session.scalar(
        select(SignatureImport)
        .where(SignatureImport.campaign_id == campaign_id, SignatureImport.sha256 == sha256)
        .order_by(SignatureImport.id.desc())
        .limit(1)
    )
    if found is None:
        found = SignatureImport(
            campaign_id=campaign_id,
            demand_id=current_demand(session, campaign_id).id,
            origin=provenance.origin,
            source=provenance.source,
            collected_on=provenance.collected_on,
            consent=provenance.consent,
            country=provenance.country,
            file_name=file_name,
            size=size,
            sha256=sha256,
            requested_by=actor,
            created_at=now,
            available_at=now,
        )
        session.add(found)
    found.state, found.rows_done, found.finished_at = ImportState.RUNNING, 0, None
    found.encoding, found.delimiter = layout.encoding, layout.delimiter
    found.columns_ignored = list(layout.ignored)
    session.flush()
    return found


def known_addresses(session: Session, campaign_id: int, keys: Sequence[str]) -> dict[str, Finding]:
    """Those of the addresses that have a signature already, also one that was withdrawn."""
    rows = session.execute(
        select(Signature.email_key, Signature.state).where(
            Signature.campaign_id == campaign_id, Signature.email_key.in_(keys)
        )
    )
    return {key: Finding.WITHDRAWN if state is SignatureState.WITHDRAWN else Finding.KNOWN for key, state in rows}


def store(session: Session, record: SignatureImport, rows: Sequence[Row], *, language: str, now: datetime) -> set[str]:
    """Store the rows whose address has no signature yet, counted at once; gives the addresses that were new."""
    if not rows:
        return set()
    statement = insert_into(session, Signature).on_conflict_do_nothing(index_elements=["campaign_id", "email_key"])
    stored = set(
        session.scalars(statement.returning(Signature.email_key), [_values(record, row, language, now) for row in rows])
    )
    deltas = [
        delta(
            campaign_id=record.campaign_id,
            demand_id=record.demand_id,
            import_id=record.id,
            left=None,
            reached=SignatureState.CONFIRMED,
            country=row.country,
            source="",
            signed_at=row.signed_at,
            confirmed_at=row.signed_at,
            now=now,
        )
        for row in rows
        if row.email_key in stored
    ]
    write(session, deltas)
    return stored


def _values(record: SignatureImport, row: Row, language: str, now: datetime) -> dict[str, object]:
    return {
        "campaign_id": record.campaign_id,
        "demand_id": record.demand_id,
        "state": SignatureState.CONFIRMED,
        "name": row.name,
        "name_folded": row.name.casefold(),
        "email": row.email,
        "email_key": row.email_key,
        "country": row.country,
        "postcode": row.postcode,
        "comment": row.comment,
        "comment_state": CommentState.AWAITING if row.comment else None,
        "show_name": row.show_name,
        "wants_updates": False,  # starts with a mailed link alone
        "consent_version": CONSENT_VERSION,
        "language": language,
        "origin": record.origin,
        "import_id": record.id,
        "source": "",
        "honeypot": False,
        "decision_reason": "",
        "token_version": 1,
        "edition": 1,
        "created_at": row.signed_at,
        "confirmed_at": row.signed_at,
        "state_changed_at": now,
    }


def note_progress(session: Session, record: SignatureImport, *, rows_done: int, imported: int) -> None:
    """How far the file is, with the batch that got it there."""
    session.execute(
        update(SignatureImport)
        .where(SignatureImport.id == record.id)
        .values(rows_done=rows_done, rows_imported=SignatureImport.rows_imported + imported)
    )


def finish(session: Session, record: SignatureImport, *, rows: int, findings: dict[str, int], now: datetime) -> None:
    """The last row was reached."""
    session.execute(
        update(SignatureImport)
        .where(SignatureImport.id == record.id)
        .values(state=ImportState.DONE, rows_total=rows, findings=findings, finished_at=now)
    )
