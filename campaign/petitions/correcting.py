"""A signer puts details right, shows less of them, or withdraws. What others would see is looked at again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaign.petitions import deltas, screening
from campaign.petitions.models import CommentState, Signal, Signature, SignatureState
from campaign.petitions.transitions import Move, move


@dataclass(frozen=True)
class Correction:
    """What the signer says now, cleaned and checked in shape as on the sign form."""

    name: str
    country: str
    postcode: str
    comment: str


def correct(session: Session, signature: Signature, to: Correction, *, now: datetime) -> bool:
    """Let a signature say something else; gives whether it says anything new. The row must be locked.

    A new comment waits for a moderator again. A new name is looked at as at confirming: where it is shown and looks
    wrong, the signature waits for a moderator.
    """
    was = Correction(signature.name or "", signature.country, signature.postcode, signature.comment)
    if was == to:
        return False
    values: dict[str, Any] = {"country": to.country, "postcode": to.postcode, "comment": to.comment}
    if to.name != was.name:
        values |= {"name": to.name, "name_folded": to.name.casefold()}
    if to.comment != was.comment:
        values["comment_state"] = CommentState.AWAITING if to.comment else None
    session.execute(
        update(Signature)
        .where(Signature.id == signature.id)
        .values(**values, edition=Signature.edition + 1)
        .execution_options(synchronize_session=False)
    )
    if to.country != was.country:
        _count_elsewhere(session, signature, to.country, now)
    session.refresh(signature)
    _look_again(session, signature, now=now)
    return True


def _count_elsewhere(session: Session, signature: Signature, country: str, now: datetime) -> None:
    """Let the statistics count it in another country: it leaves where it stood, and comes back there."""
    gone = SignatureState.WITHDRAWN  # counts nowhere, so that the way there and back is the country alone
    rows = [
        deltas.delta(
            campaign_id=signature.campaign_id, demand_id=signature.demand_id, import_id=signature.import_id, left=left,
            reached=reached, country=where, source=signature.source, signed_at=signature.created_at,
            confirmed_at=signature.confirmed_at, now=now,
        )
        for left, reached, where in (
            (signature.state, gone, signature.country), (gone, signature.state, country),
        )
    ]  # fmt: skip
    deltas.write(session, rows)


def _look_again(session: Session, signature: Signature, *, now: datetime) -> None:
    found = screening.screen_vouched(session, signature.campaign_id, [signature])
    screening.note(session, found, campaign_id=signature.campaign_id, now=now)
    looks_wrong = any(finding.signal is Signal.NAME for _id, finding in found)
    if looks_wrong and signature.show_name and signature.state is SignatureState.CONFIRMED:
        move(session, [signature.id], campaign_id=signature.campaign_id, by=Move.HOLD, now=now, held_for=Signal.NAME)


def hide(session: Session, signature: Signature) -> bool:
    """Show neither name nor comment any more; gives whether either could be seen."""
    seen = signature.show_name or signature.comment_state in (CommentState.AWAITING, CommentState.PUBLISHED)
    if seen:
        session.execute(
            update(Signature)
            .where(Signature.id == signature.id)
            .values(
                show_name=False,
                comment_state=CommentState.REFUSED if signature.comment else None,
                edition=Signature.edition + 1,
            )
            .execution_options(synchronize_session=False)
        )
    return seen


def take_back(session: Session, signature: Signature, *, now: datetime) -> bool:
    """Withdraw a signature, and void the links mailed about it; gives whether it stood until now."""
    moved = move(
        session, [signature.id], campaign_id=signature.campaign_id, by=Move.WITHDRAW, now=now, show_name=False,
        token_version=Signature.token_version + 1,
    )  # fmt: skip
    session.refresh(signature)
    return bool(moved)
