"""What becomes of an update that readers have seen: it is corrected or withdrawn, and either is told.

A correction always leaves a line under the update: the editor's words, and without them at least which parts changed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update as sql_update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import Update, UpdateCorrection, UpdatePart, UpdateState
from campaign.core.errors import DomainError

_P = UpdatePart
_ABSENT = dict.fromkeys((_P.STAGE, _P.CONTENTS, _P.COST, _P.RECEIVER, _P.DAY, _P.REGION, _P.NOTE))


class NotPublished(DomainError):
    """Only what readers can see can be withdrawn."""


@dataclass(frozen=True)
class Seen:
    """An update as it was before an edit: its parts, and whether readers had seen them."""

    state: UpdateState
    parts: dict[UpdatePart, Any]


def look_at(told: Update) -> Seen:
    """Note how the update is now, to be compared with what it becomes."""
    return Seen(told.state, _parts(told))


def _parts(told: Update) -> dict[UpdatePart, Any]:
    parts = {_P.KIND: told.kind, _P.TITLE: told.title, _P.TEXT: told.body, _P.LINK: told.link}
    delivery = told.delivery
    if delivery is None:
        return parts | _ABSENT
    return parts | {
        _P.STAGE: delivery.stage,
        _P.CONTENTS: [(line.quantity, line.item) for line in delivery.items],
        _P.COST: (delivery.cost_minor, delivery.currency),
        _P.RECEIVER: delivery.receiver,
        _P.DAY: delivery.delivered_on,
        _P.REGION: delivery.region,
        _P.NOTE: delivery.evidence_url,
    }


def note_correction(told: Update, before: Seen, note: str, *, now: datetime) -> bool:
    """Leave a line where readers had seen the update and something is different; True where one was left."""
    if before.state not in (UpdateState.PUBLISHED, UpdateState.WITHDRAWN):
        return False
    after = _parts(told)
    changed = [part for part in UpdatePart if before.parts.get(part) != after.get(part)]
    if before.state is UpdateState.WITHDRAWN:
        changed.append(UpdatePart.WITHDRAWAL)
    if UpdatePart.KIND in changed:  # what only a delivery has comes and goes with the kind
        changed = [part for part in changed if part not in _ABSENT]
    if not changed and not note:
        return False
    told.corrections.append(UpdateCorrection(parts=" ".join(changed), note=note, corrected_at=now))
    return True


def withdraw(session: Session, campaign_id: int, public_id: str, note: str, *, actor: str, now: datetime) -> None:
    """Take a published update from readers; its address then answers with the note alone.

    Raises NotPublished where readers cannot see it (now, or any more).
    """
    moved = session.execute(
        sql_update(Update)
        .where(
            Update.campaign_id == campaign_id, Update.public_id == public_id, Update.state == UpdateState.PUBLISHED
        )
        .values(
            state=UpdateState.WITHDRAWN, withdrawn_at=now, withdrawal_note=note, updated_at=now,
            edition=Update.edition + 1,
        )
        .returning(Update.id)
        .execution_options(synchronize_session=False)
    ).all()  # fmt: skip
    if not moved:
        raise NotPublished("Only what readers can see can be withdrawn.")
    record(
        session, actor=actor, action="update.withdraw", object_type="update", object_id=public_id, now=now,
        campaign_id=campaign_id, reason=note,
    )  # fmt: skip
