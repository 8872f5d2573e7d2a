"""Decisions about signatures in words: what was done, by whom, and how a signature stands now."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from campaign.admin.reasons import signal_sentence
from campaign.core.database import db
from campaign.mail.models import MailKind, MailState, OutboxMessage
from campaign.petitions.history import (
    GIVEN_BACK_IN_BULK,
    LOOKED,
    TAKEN_IN_BULK,
    Event,
    EventKind,
    Standing,
    list_standings,
)
from campaign.petitions.models import Origin, RemovalReason, Signature, SignatureImport, SignatureState
from campaign.petitions.moderation import ModerationAction
from campaign.staff.people import names_of

MOST_TOLD = 10


def done_words(action: ModerationAction, count: int) -> str:
    """What a decision did, for so many signatures."""
    a = ModerationAction
    words = {
        a.RELEASE: lambda: ngettext("%(num)s signature counted", "%(num)s signatures counted", count),
        a.HOLD: lambda: ngettext("%(num)s signature held", "%(num)s signatures held", count),
        a.INVALIDATE: lambda: ngettext("%(num)s signature rejected", "%(num)s signatures rejected", count),
        a.RESTORE: lambda: ngettext("%(num)s signature restored", "%(num)s signatures restored", count),
        a.PUBLISH_COMMENT: lambda: ngettext("%(num)s comment published", "%(num)s comments published", count),
        a.REFUSE_COMMENT: lambda: ngettext("%(num)s comment hidden", "%(num)s comments hidden", count),
        a.RELEASE_AND_PUBLISH: lambda: ngettext(
            "%(num)s signature counted with its comment published",
            "%(num)s signatures counted with their comments published",
            count,
        ),
        a.RELEASE_AND_REFUSE: lambda: ngettext(
            "%(num)s signature counted with its comment hidden",
            "%(num)s signatures counted with their comments hidden",
            count,
        ),
    }
    return str(words[action]())


def reject_reasons() -> dict[str, RemovalReason]:
    """Reasons to choose from when rejecting, and what the public is told of each; any other words do as well."""
    return {
        _("Not a real person"): RemovalReason.FRAUD,
        _("The same person signed before"): RemovalReason.DUPLICATES,
        _("Sent by a program"): RemovalReason.BOTS,
        _("Throwaway email address"): RemovalReason.THROWAWAY,
        _("Somebody trying the form"): RemovalReason.TESTS,
        _("Asked to be removed"): RemovalReason.REQUEST,
        _("Abuse or threats"): RemovalReason.CHECKED,
    }


def deed_words(action: str, who: str) -> str:
    """One act of the trail about one signature; empty for an act that is none of these."""
    words = {
        "signature.release": lambda: _("Counted by %(who)s", who=who),
        "signature.hold": lambda: _("Held by %(who)s", who=who),
        "signature.invalidate": lambda: _("Rejected by %(who)s", who=who),
        "signature.restore": lambda: _("Restored by %(who)s", who=who),
        "signature.publish_comment": lambda: _("Comment published by %(who)s", who=who),
        "signature.refuse_comment": lambda: _("Comment hidden by %(who)s", who=who),
        "signature.release_and_publish": lambda: _("Counted, with the comment published, by %(who)s", who=who),
        "signature.release_and_refuse": lambda: _("Counted, with the comment hidden, by %(who)s", who=who),
        "signature.resend": lambda: _("Mail sent again by %(who)s", who=who),
        LOOKED: lambda: _("Opened by %(who)s", who=who),
        "signature.comment_uncovered": lambda: _("Comment uncovered by %(who)s", who=who),
        TAKEN_IN_BULK: lambda: _("Rejected in bulk by %(who)s", who=who),
        GIVEN_BACK_IN_BULK: lambda: _("Restored in bulk by %(who)s", who=who),
        "signature.undo": lambda: _("Put back by %(who)s, who undid a decision", who=who),
    }
    return words[action]() if action in words else ""


def event_lines(signature: Signature, brought: SignatureImport | None, events: Sequence[Event]) -> list[dict[str, Any]]:
    """A signature's history: when, and what in words. `brought` is the file that it came with, where it came so."""
    names = names_of(db.session(), {event.deed.actor for event in events if event.deed})
    lines = []
    for event in events:
        words = _event_words(event, names) or _own_words(event, signature, brought)
        if words:
            lines.append({"at": event.at, "words": words, "reason": event.deed.reason if event.deed else ""})
    return lines


def _event_words(event: Event, names: dict[str, str]) -> str:
    """For what the staff, the mail or screening did; empty for what the signer did."""
    if event.deed:
        return deed_words(event.deed.action, names.get(event.deed.actor, event.deed.actor))
    if event.mail:
        return _mail_words(event.mail)
    if event.signals:
        noticed = ", ".join(signal_sentence(one.signal, one.detail) for one in event.signals)
        is_held = any(one.holds for one in event.signals)
        return str(_("Held: %(why)s", why=noticed) if is_held else _("Marked: %(why)s", why=noticed))
    return ""


def _own_words(event: Event, signature: Signature, brought: SignatureImport | None) -> str:
    """What the signer did; empty where a file speaks for the signer."""
    if event.kind is EventKind.WITHDRAWN:
        return str(_("Removed by the signer"))
    if event.kind is EventKind.CONFIRMED:
        return "" if brought else str(_("Email confirmed"))
    if event.kind is not EventKind.FORM:
        return ""
    if brought is None:
        return str(_("Form sent from “%(source)s”", source=signature.source) if signature.source else _("Form sent"))
    if brought.origin is Origin.PAPER:
        return str(_("Signed on paper: %(source)s", source=brought.source))
    return str(_("Signed with a partner: %(source)s", source=brought.source))


def _mail_words(mail: OutboxMessage) -> str:
    is_repeat = mail.kind is MailKind.ALREADY_SIGNED
    words = {
        MailState.QUEUED: lambda: _("Mail waits to be sent"),
        MailState.SENT: lambda: _("Mail sent: has signed before") if is_repeat else _("Confirmation mail sent"),
        MailState.DROPPED: lambda: _("Mail no longer needed"),
        MailState.FAILED: lambda: _("Mail could not be delivered"),
    }
    return str(words[mail.state]())


def standing_words(one: Standing, names: dict[str, str]) -> str:
    """How a signature came to stand where it stands."""
    by_itself = {
        SignatureState.PENDING: lambda: _("Waiting for email"),
        SignatureState.HELD: lambda: _("Confirmed by the signer, and held by the checks"),
        SignatureState.CONFIRMED: lambda: _("Confirmed by the signer"),
        SignatureState.INVALIDATED: lambda: _("Rejected"),
        SignatureState.WITHDRAWN: lambda: _("Removed by the signer"),
    }
    words = deed_words(one.deed.action, names.get(one.deed.actor, one.deed.actor)) if one.deed else ""
    return words or str(by_itself[one.state]())


def left_words(told: dict[str, Any]) -> dict[str, Any] | None:
    """What to tell of the signatures that a decision left alone: each with how it stands; `more` counts the others."""
    left, gone = told.get("left", []), told.get("gone", 0)
    if not left and not gone:
        return None
    found = list_standings(db.session(), left[:MOST_TOLD])
    names = names_of(db.session(), {one.deed.actor for one in found if one.deed})
    return {
        "rows": [{"standing": one, "words": standing_words(one, names)} for one in found],
        "more": told.get("more", max(0, len(left) - MOST_TOLD)),
        "gone": gone,
    }
