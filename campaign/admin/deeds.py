"""Decisions about signatures in words: what was done, by whom, and how a signature stands now."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from campaign.core.database import db
from campaign.petitions.history import Standing, list_standings
from campaign.petitions.models import SignatureState
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
        "signature.undo": lambda: _("Put back by %(who)s, who undid a decision", who=who),
    }
    return words[action]() if action in words else ""


def standing_words(one: Standing, names: dict[str, str]) -> str:
    """How a signature came to stand where it stands."""
    by_itself = {
        SignatureState.PENDING: lambda: _("Waiting for email"),
        SignatureState.HELD: lambda: _("Confirmed by the signer, and held by the checks"),
        SignatureState.CONFIRMED: lambda: _("Confirmed by the signer"),
        SignatureState.INVALIDATED: lambda: _("Rejected"),
        SignatureState.WITHDRAWN: lambda: _("Removed by the signer"),
    }
    return deed_words(one.action, names.get(one.actor, one.actor)) or by_itself[one.state]()


def left_words(told: dict[str, Any]) -> dict[str, Any] | None:
    """What to tell of the signatures that a decision left alone: each with how it stands; `more` counts the others."""
    left, gone = told.get("left", []), told.get("gone", 0)
    if not left and not gone:
        return None
    found = list_standings(db.session(), left[:MOST_TOLD])
    names = names_of(db.session(), {one.actor for one in found})
    return {
        "rows": [{"standing": one, "words": standing_words(one, names)} for one in found],
        "more": told.get("more", max(0, len(left) - MOST_TOLD)),
        "gone": gone,
    }
