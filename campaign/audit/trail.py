"""Writing to the trail: an entry is a row written with what it is about, so a rollback takes both back."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaign.audit.models import AuditEntry


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    object_type: str,
    object_id: str | int,
    now: datetime,
    campaign_id: int | None = None,
    reason: str = "",
    **details: Any,
) -> None:
    """Add an entry to the caller's transaction. `details` are plain JSON values, never personal data of signers."""
    session.add(
        AuditEntry(
            at=now,
            actor=actor,
            action=action,
            object_type=object_type,
            object_id=str(object_id),
            campaign_id=campaign_id,
            reason=reason,
            details=details,
        )
    )
