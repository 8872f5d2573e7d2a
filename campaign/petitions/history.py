"""How signatures came to stand where they stand, as far as the trail and their own times tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audit.queries import list_about
from campaign.mail.models import MailKind, OutboxMessage
from campaign.petitions.models import Invalidation, Signature, SignatureSignal, SignatureState

LOOKED = "signature.opened"
TAKEN_IN_BULK, GIVEN_BACK_IN_BULK = "invalidation.taken", "invalidation.given_back"


@dataclass(frozen=True)
class Deed:
    """What one of the staff did: an `action` of the trail about signatures, or of an invalidation in bulk."""

    at: datetime
    action: str
    actor: str
    reason: str = ""


@dataclass(frozen=True)
class Standing:
    """How a signature stands now, since when, and the deed that brought it there.

    Without one, the signer or screening moved it.
    """

    id: int
    name: str | None
    state: SignatureState
    at: datetime
    deed: Deed | None = None


def list_standings(session: Session, ids: Sequence[int]) -> list[Standing]:
    """How these signatures stand, in the order of their ids; those that are gone are left out."""
    rows = session.scalars(select(Signature).where(Signature.id.in_(ids)).order_by(Signature.id)).all()
    acts = {
        (entry.object_id, entry.details["edition"]): Deed(entry.at, entry.action, entry.actor, entry.reason)
        for entry in list_about(session, "signature", [row.id for row in rows])
        if "edition" in entry.details
    }
    in_bulk = _deeds_in_bulk(session, rows)
    found = []
    for row in rows:
        deed = acts.get((str(row.id), row.edition)) or in_bulk.get(row.id)
        found.append(Standing(row.id, row.name, row.state, deed.at if deed else row.state_changed_at, deed))
    return found


def _deeds_in_bulk(session: Session, rows: Sequence[Signature]) -> dict[int, Deed]:
    """For those that an invalidation moved last: taking them out, or giving them back."""
    ids = {row.invalidation_id for row in rows if row.invalidation_id is not None}
    runs = {run.id: run for run in session.scalars(select(Invalidation).where(Invalidation.id.in_(ids)))} if ids else {}
    found = {}
    for row in rows:
        run = runs.get(row.invalidation_id or 0)
        if run is None:
            continue
        if row.state is SignatureState.INVALIDATED:
            found[row.id] = Deed(row.state_changed_at, TAKEN_IN_BULK, run.started_by, run.reason)
        elif run.restore_started_at is not None and row.state_changed_at >= run.restore_started_at:
            found[row.id] = Deed(row.state_changed_at, GIVEN_BACK_IN_BULK, run.restored_by, run.restore_reason)
    return found


class EventKind(StrEnum):
    """What may happen to a signature."""

    FORM = "form"
    MAIL = "mail"
    CONFIRMED = "confirmed"
    NOTICED = "noticed"
    WITHDRAWN = "withdrawn"
    DEED = "deed"


@dataclass(frozen=True)
class Event:
    """One line of a signature's history. `mail`, `signals` and `deed` are there for their kinds."""

    at: datetime
    kind: EventKind
    mail: OutboxMessage | None = None
    signals: Sequence[SignatureSignal] = ()
    deed: Deed | None = None


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
    found += [Event(deed.at, kinds.DEED, deed=deed) for deed in _deeds(session, signature)]
    return sorted(found, key=lambda event: event.at)  # stable: what happened at one moment stays in the order above


def _deeds(session: Session, signature: Signature) -> list[Deed]:
    acts = list_about(session, "signature", [signature.id])
    deeds = [
        Deed(act.at, act.action, act.actor, act.reason)
        for act, later in zip_longest(acts, acts[1:])
        if not (later and act.action == LOOKED == later.action and act.actor == later.actor)
    ]
    return deeds + list(_deeds_in_bulk(session, [signature]).values())


def _mails(session: Session, signature_id: int) -> Sequence[OutboxMessage]:
    query = select(OutboxMessage).where(
        OutboxMessage.kind.in_((MailKind.CONFIRM_SIGNATURE, MailKind.ALREADY_SIGNED)),
        OutboxMessage.object_id == signature_id,
    )
    return session.scalars(query.order_by(OutboxMessage.id)).all()
