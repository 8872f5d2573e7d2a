"""Mailings: written, tried, planned, paused, cancelled. Sending them is the worker's, see `mailing_jobs.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.errors import ChangedMeanwhile, DomainError, NotFound
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue
from campaign.supporters.models import Donors, Mailing, MailingState, MailingText, Subscription

S = MailingState
# What may be done in which state; `resume` leads back to where the mailing was paused.
MOVES: Mapping[str, frozenset[MailingState]] = {
    "schedule": frozenset({S.DRAFT}),
    "draft": frozenset({S.SCHEDULED}),
    "pause": frozenset({S.SCHEDULED, S.SENDING}),
    "resume": frozenset({S.PAUSED}),
    "cancel": frozenset({S.DRAFT, S.SCHEDULED, S.SENDING, S.PAUSED}),
}
_TARGETS = {"schedule": S.SCHEDULED, "draft": S.DRAFT, "pause": S.PAUSED, "cancel": S.CANCELLED}


class NotNow(DomainError):
    """The mailing is not in a state in which this can be done."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """Subject and text (Markdown) in one language."""

    language: str
    subject: str
    body: str


@dataclass(frozen=True, kw_only=True)
class MailingFields:
    """What an editor writes: the site's default language first, others as far as somebody wrote them."""

    texts: Sequence[Words]
    country: str = ""
    source: str = ""
    donors: Donors = Donors.ANY
    update_id: int | None = None


def list_mailings(session: Session, campaign_id: int, limit: int = 200) -> Sequence[Mailing]:
    """The campaign's mailings, newest first."""
    return session.scalars(
        select(Mailing).where(Mailing.campaign_id == campaign_id).order_by(Mailing.id.desc()).limit(limit)
    ).all()


def get_mailing(session: Session, campaign_id: int, public_id: str) -> Mailing:
    """One mailing of the campaign. Raises NotFound."""
    found = session.scalar(select(Mailing).where(Mailing.campaign_id == campaign_id, Mailing.public_id == public_id))
    if found is None:
        raise NotFound("There is no such mailing.")
    return found


def count_leavers(session: Session, mailing_ids: Sequence[int]) -> dict[int, int]:
    """How many have left by the link in each mailing."""
    rows = session.execute(
        select(Subscription.ended_by_mailing_id, func.count())
        .where(Subscription.ended_by_mailing_id.in_(mailing_ids))
        .group_by(Subscription.ended_by_mailing_id)
    )
    counts = {mailing_id: count for mailing_id, count in rows if mailing_id}
    return dict.fromkeys(mailing_ids, 0) | counts


def add_mailing(session: Session, campaign_id: int, fields: MailingFields, *, actor: str, now: datetime) -> Mailing:
    """A new draft."""
    mailing = Mailing(campaign_id=campaign_id, created_by=actor, created_at=now, available_at=now)
    _set_fields(mailing, fields)
    session.add(mailing)
    session.flush()
    _note(session, mailing, "mailing.written", actor=actor, now=now)
    return mailing


def change_mailing(
    session: Session, mailing: Mailing, fields: MailingFields, *, was: int, actor: str, now: datetime
) -> None:
    """Change a draft that stands as it was shown. Raises ChangedMeanwhile, NotNow once it is no draft any more."""
    held = session.get_one(Mailing, mailing.id, with_for_update=True)
    if held.state is not S.DRAFT:
        raise NotNow("Only a draft can be changed. Take the mailing back to draft first.")
    if held.edition != was:
        raise ChangedMeanwhile("Somebody else has changed this mailing meanwhile.")
    held.edition += 1
    _set_fields(held, fields)
    _note(session, held, "mailing.changed", actor=actor, now=now)


def move_mailing(
    session: Session,
    mailing: Mailing,
    deed: str,
    *,
    was: int,
    actor: str,
    now: datetime,
    send_at: datetime | None = None,
) -> None:
    """Do one of MOVES with the edition that was shown; `schedule` sends at `send_at`, or as soon as it can.

    Raises NotNow where it came too late.
    """
    values: dict[str, object] = {"available_at": now, "attempts": 0}
    if deed == "resume":
        began = Mailing.started_at.is_not(None)
        values["state"] = case((began, S.SENDING.value), else_=S.SCHEDULED.value)
        values["available_at"] = case((began, now), else_=func.coalesce(Mailing.send_at, now))
    else:
        values["state"] = _TARGETS[deed]
    if deed == "schedule":
        values |= {"send_at": send_at or now, "available_at": send_at or now}
    done = session.execute(
        update(Mailing)
        .where(Mailing.id == mailing.id, Mailing.state.in_(MOVES[deed]), Mailing.edition == was)
        .values(values)
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]
    if not done:
        raise NotNow("This cannot be done any more: the mailing has changed since the page was loaded.")
    _note(session, mailing, f"mailing.{deed}", actor=actor, now=now)


def send_test(session: Session, mailing: Mailing, *, recipient_key: str, actor: str, now: datetime) -> None:
    """Mail each of its texts to one of the staff."""
    for text in mailing.texts:
        enqueue(
            session, MailKind.MAILING_TEST, object_id=mailing.id, recipient_key=recipient_key, language=text.language,
            now=now,
        )  # fmt: skip
    _note(session, mailing, "mailing.tested", actor=actor, now=now)


def text_for(mailing: Mailing, language: str) -> MailingText:
    """The text in the language, else the first, which is the site's default language."""
    return next((text for text in mailing.texts if text.language == language), mailing.texts[0])


def _set_fields(mailing: Mailing, fields: MailingFields) -> None:
    mailing.country, mailing.source, mailing.donors = fields.country, fields.source, fields.donors
    mailing.update_id = fields.update_id
    stored = {text.language: text for text in mailing.texts}
    texts = []
    for words in fields.texts:
        text = stored.get(words.language) or MailingText(language=words.language)
        text.subject, text.body = words.subject, words.body
        texts.append(text)
    mailing.texts = texts


def _note(session: Session, mailing: Mailing, action: str, *, actor: str, now: datetime) -> None:
    record(
        session, actor=actor, action=action, object_type="mailing", object_id=mailing.public_id, now=now,
        campaign_id=mailing.campaign_id, country=mailing.country, source=mailing.source, donors=mailing.donors,
    )  # fmt: skip
