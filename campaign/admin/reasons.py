"""What screening noticed, in plain words: the one place that gives each signal its name, its sentence and its tone."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from campaign.petitions.models import Signal
from campaign.petitions.screening.rates import MOST_COUNTED

# Somebody could come to harm if it were shown, or asked us not to take the signature.
_GRAVE = frozenset({Signal.COMMENT_PHONE, Signal.COMMENT_ADDRESS, Signal.BLOCKED_ADDRESS})


_NAMES = {
    Signal.BLOCKED_ADDRESS: lazy_gettext("Blocked email address"),
    Signal.BLOCKED_DOMAIN: lazy_gettext("Blocked email domain"),
    Signal.BLOCKED_NETWORK: lazy_gettext("Blocked network"),
    Signal.HONEYPOT: lazy_gettext("Filled in like a robot"),
    Signal.THROWAWAY_DOMAIN: lazy_gettext("Throwaway email address"),
    Signal.BURST: lazy_gettext("Many from one network"),
    Signal.QUICK_CONFIRMATION: lazy_gettext("Confirmed at once from another network"),
    Signal.SAME_MAILBOX: lazy_gettext("Same mailbox as an earlier signature"),
    Signal.NAME: lazy_gettext("Name to check"),
    Signal.COMMENT_PHONE: lazy_gettext("Comment holds a phone number"),
    Signal.COMMENT_ADDRESS: lazy_gettext("Comment holds an email address"),
    Signal.COMMENT_LINK: lazy_gettext("Comment holds a link"),
    Signal.COMMENT_WORDS: lazy_gettext("Words to check in comment"),
    Signal.COUNTRY_SURGE: lazy_gettext("Unusually many from one country"),
    Signal.CAMPAIGN_SURGE: lazy_gettext("Unusually many at once"),
    Signal.MODERATOR: lazy_gettext("Held by a moderator"),
}


def signal_name(signal: Signal) -> str:
    """What the signal is called without the numbers of one case, as in a list of reasons to choose from."""
    return str(_NAMES[signal])


def signal_sentence(signal: Signal, detail: Mapping[str, int] | None = None) -> str:
    """Why this one is here, with the numbers that screening kept; without them, the signal's name."""
    numbers = detail or {}
    try:
        return _SENTENCES[signal](numbers)
    except KeyError:  # noticed before its numbers were kept, or by a person
        return signal_name(signal)


def signal_tone(signal: Signal) -> str:
    """The tone of its badge: `bad` where showing or counting it could hurt somebody, else `wait`."""
    return "bad" if signal in _GRAVE else "wait"


def _burst(numbers: Mapping[str, int]) -> str:
    many = numbers["count"] >= MOST_COUNTED
    words: str = ngettext(
        "%(count)s from one network in %(num)s minute",
        "%(count)s from one network in %(num)s minutes",
        numbers["minutes"],
        count=_("%(count)s or more", count=MOST_COUNTED) if many else numbers["count"],
    )
    return words


def _quick_confirmation(numbers: Mapping[str, int]) -> str:
    words: str = ngettext(
        "Confirmed from another network in %(num)s second",
        "Confirmed from another network in %(num)s seconds",
        numbers["seconds"],
    )
    return words


def _same_mailbox(numbers: Mapping[str, int]) -> str:
    words: str = ngettext(
        "Same mailbox as an earlier signature", "Same mailbox as %(num)s earlier signatures", numbers["earlier"]
    )
    return words


def _country_surge(numbers: Mapping[str, int]) -> str:
    words: str = _(
        "%(percent)s %% of the signatures of an hour from this country, usually %(usual)s %%",
        percent=numbers["percent"],
        usual=numbers["usual"],
    )
    return words


def _campaign_surge(numbers: Mapping[str, int]) -> str:
    words: str = _("%(count)s signatures in an hour, usually %(usual)s", count=numbers["count"], usual=numbers["usual"])
    return words


_SENTENCES = {
    Signal.BURST: _burst,
    Signal.QUICK_CONFIRMATION: _quick_confirmation,
    Signal.SAME_MAILBOX: _same_mailbox,
    Signal.COUNTRY_SURGE: _country_surge,
    Signal.CAMPAIGN_SURGE: _campaign_surge,
}
