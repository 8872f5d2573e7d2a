"""How signatures came to stand where they stand, as far as the trail and their own times tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audit.queries import list_about
from campaign.petitions.models import CommentState, Signature, SignatureState


@dataclass(frozen=True)
class Standing:
    """How a signature stands now, since when, and which act of whom in the trail brought it there.

    `action`, `actor` and `reason` are empty where no act of the staff did: then the signer or screening moved it.
    """

    id: int
    name: str | None
    state: SignatureState
    comment_state: CommentState | None
    at: datetime
    action: str = ""
    actor: str = ""
    reason: str = ""


def list_standings(session: Session, ids: Sequence[int]) -> list[Standing]:
    """How these signatures stand, in the order of their ids; those that are gone are left out."""
    rows = session.execute(
        select(
            Signature.id, Signature.name, Signature.state, Signature.comment_state, Signature.state_changed_at,
            Signature.edition,
        )
        .where(Signature.id.in_(ids))
        .order_by(Signature.id)
    ).all()  # fmt: skip
    acts = {
        (entry.object_id, entry.details["edition"]): entry
        for entry in list_about(session, "signature", [row.id for row in rows])
        if "edition" in entry.details
    }
    found = []
    for row in rows:
        act = acts.get((str(row.id), row.edition))
        how = {"action": act.action, "actor": act.actor, "reason": act.reason} if act else {}
        at = act.at if act else row.state_changed_at
        found.append(Standing(row.id, row.name, row.state, row.comment_state, at, **how))
    return found
