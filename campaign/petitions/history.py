"""How signatures came to stand where they stand, as far as the trail and their own times tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audit.models import AuditEntry
from campaign.audit.queries import list_about
from campaign.mail.models import MailKind, OutboxMessage
from campaign.petitions.models import CommentState, Signature, SignatureSignal, SignatureState

LOOKED = "signature.opened"


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


class EventKind(StrEnum):
    """What may happen to a signature; `act` is what one of the staff did."""

    FORM = "form"
    MAIL = "mail"
    CONFIRMED = "confirmed"
    NOTICED = "noticed"
    WITHDRAWN = "withdrawn"
    ACT = "act"


@dataclass(frozen=True)
class Event:
    """One line of a signature's history. `mail`, `signals` and `act` are there for their kinds."""

    at: datetime
    kind: EventKind
    mail: OutboxMessage | None = None
    signals: Sequence[SignatureSignal] = ()
    act: AuditEntry | None = None


def list_events(session: Session, signature: Signature, signals: Sequence[SignatureSignal]) -> list[Event]:
    """What happened to the signature, oldest first. Of a person's looks at it one after the other, the last is told."""
    kinds = EventKind
    found = [Event(signature.created_at, kinds.FORM)]
    found += [Event(mail.sent_at or mail.created_at, kinds.MAIL, mail=mail) for mail in _mails(session, signature.id)]
    if signature.confirmed_at is not None:
        found.append(Event(signature.confirmed_at, kinds.CONFIRMED))
    for at in sorted({signal.created_at for signal in signals}):
        found.append(Event(at, kinds.NOTICED, signals=[one for one in signals if one.created_at == at]))
    if signature.state is SignatureState.WITHDRAWN:
        found.append(Event(signature.state_changed_at, kinds.WITHDRAWN))
    acts = list_about(session, "signature", [signature.id])
    found += [
        Event(act.at, kinds.ACT, act=act)
        for act, later in zip_longest(acts, acts[1:])
        if not (later and act.action == LOOKED == later.action and act.actor == later.actor)
    ]
    return sorted(found, key=lambda event: event.at)  # stable: what happened at one moment stays in the order above


def _mails(session: Session, signature_id: int) -> Sequence[OutboxMessage]:
    query = select(OutboxMessage).where(
        OutboxMessage.kind.in_((MailKind.CONFIRM_SIGNATURE, MailKind.ALREADY_SIGNED)),
        OutboxMessage.object_id == signature_id,
    )
    return session.scalars(query.order_by(OutboxMessage.id)).all()
