"""Entering offline gifts from a file, at once and nothing twice; taking a file back as a whole.

A file is known by its bytes. One that was saved anew is known by its rows: as many as stand in the books already, the
same in everything, are left out.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign
from campaign.core.database import insert_into
from campaign.core.errors import DomainError, NotFound
from campaign.core.identifiers import new_public_id
from campaign.donations.models import OfflineFile, OfflineGift
from campaign.donations.offline import OfflineFields, fields_of, stored
from campaign.donations.offline_rows import Candidate, Finding, Kind, Looked, Rules, read_rows

SHOWN = 50


class FileKnown(DomainError):
    """This very file was stored for the campaign before, and was not taken back."""


class NothingToStore(DomainError):
    """No row of the file can be entered."""


def sums(good: Sequence[Candidate]) -> dict[str, int]:
    """Currency → minor units of some rows."""
    found: Counter[str] = Counter()
    for one in good:
        found[one.fields.currency] += one.fields.amount_minor
    return dict(sorted(found.items()))


def look_through(session: Session, campaign_id: int, data: bytes, rules: Rules) -> Looked:
    """What each row of a file is, those left out that are here already. Raises FileRefused, TooManyRows, FileKnown."""
    known = select(OfflineFile.id).where(OfflineFile.campaign_id == campaign_id, OfflineFile.sha256 == _digest(data))
    if session.scalar(known) is not None:
        raise FileKnown("This file was stored before.")
    return _without_known(session, campaign_id, read_rows(data, rules))


def _without_known(session: Session, campaign_id: int, looked: Looked) -> Looked:
    """Two rows of one file that are the same are two gifts; a row that is the same as a gift in the books is that."""
    days = [one.fields.given_on for one in looked.good]
    if not days:
        return looked
    known = session.scalars(
        select(OfflineGift).where(
            OfflineGift.campaign_id == campaign_id,
            OfflineGift.given_on.between(min(days), max(days)),
            OfflineGift.voided_at.is_(None),
        )
    )
    left: Counter[OfflineFields] = Counter(fields_of(gift) for gift in known)
    found = Looked(findings=list(looked.findings), ignored=looked.ignored)
    for one in looked.good:
        if left[one.fields] > 0:
            left[one.fields] -= 1
            found.findings.append(Finding(one.line, Kind.THERE_ALREADY))
        else:
            found.good.append(one)
    found.findings.sort(key=lambda finding: finding.line)
    return found


def store_file(
    session: Session,
    campaign: Campaign,
    data: bytes,
    rules: Rules,
    *,
    hash_key: str,
    file_name: str,
    actor: str,
    now: datetime,
) -> int:
    """Enter every good row of a file, all of them or none; gives how many.

    Raises as `look_through` does, and NothingToStore.
    """
    # One file after the other: two that share rows must see each other.
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    looked = look_through(session, campaign.id, data, rules)
    if not looked.good:
        raise NothingToStore("No row can be entered.")
    public_id = new_public_id()
    file_id = session.scalar(
        insert_into(session, OfflineFile)
        .values(
            public_id=public_id, campaign_id=campaign.id, sha256=_digest(data), file_name=file_name,
            gift_count=len(looked.good), stored_by=actor, stored_at=now, taken_back_reason="",
        )
        .on_conflict_do_nothing(index_elements=["campaign_id", "sha256"])
        .returning(OfflineFile.id)
    )  # fmt: skip
    if file_id is None:
        raise FileKnown("This file was stored before.")
    same = {"campaign_id": campaign.id, "file_id": file_id, "edition": 1, "created_at": now, "voided_reason": ""}
    rows = [{"public_id": new_public_id(), **same, **stored(one.fields, hash_key)} for one in looked.good]
    session.execute(insert(OfflineGift), rows)
    _note(
        session, campaign.id, public_id, "stored", actor=actor, now=now, sha256=_digest(data), gifts=len(rows),
        left_out=len({finding.line for finding in looked.findings}), amounts=sums(looked.good),
    )  # fmt: skip
    return len(rows)


def take_back_file(
    session: Session, campaign_id: int, public_id: str, *, reason: str, actor: str, now: datetime
) -> int:
    """Void all gifts of a file that still count, for a reason; gives how many. The file may then come again.

    A second time changes nothing. Raises NotFound.
    """
    this = (OfflineFile.campaign_id == campaign_id, OfflineFile.public_id == public_id)
    file_id = session.scalar(select(OfflineFile.id).where(*this))
    if file_id is None:
        raise NotFound("There is no such file.")
    taken = session.scalar(
        update(OfflineFile)
        .where(*this, OfflineFile.taken_back_at.is_(None))
        .values(taken_back_at=now, taken_back_reason=reason, sha256=None)
        .returning(OfflineFile.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        return 0
    voided = session.scalars(
        update(OfflineGift)
        .where(OfflineGift.file_id == file_id, OfflineGift.voided_at.is_(None))
        .values(voided_at=now, voided_reason=reason)
        .returning(OfflineGift.id)
        .execution_options(synchronize_session=False)
    ).all()
    _note(session, campaign_id, public_id, "taken_back", actor=actor, now=now, reason=reason, gifts=len(voided))
    return len(voided)


def list_files(session: Session, campaign_id: int) -> Sequence[OfflineFile]:
    """The campaign's latest files, newest first."""
    query = select(OfflineFile).where(OfflineFile.campaign_id == campaign_id)
    return session.scalars(query.order_by(OfflineFile.id.desc()).limit(SHOWN)).all()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _note(
    session: Session,
    campaign_id: int,
    public_id: str,
    verb: str,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    **details: Any,
) -> None:
    record(
        session, actor=actor, action=f"offline_file.{verb}", object_type="offline_file", object_id=public_id, now=now,
        campaign_id=campaign_id, reason=reason, **details,
    )  # fmt: skip
