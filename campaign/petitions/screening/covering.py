"""Covering what a comment should not show at a glance: telephone numbers, mail addresses, links."""

import re

from campaign.core.text import replace_links
from campaign.petitions.screening.comments import has_telephone

_DOT = "\u2022"
_NUMBER = re.compile(r"\+?\(?\d[\d\s()./\u2010-\u2015-]{5,}\d")
# With a bound, so that a long text is not read again from each of its letters.
_ADDRESS = re.compile(r"[^\s@<>()]{1,64}@[^\s@<>()]+")


def covered(text: str) -> str:
    """The text with the inner part of each of them as dots; `07700 900114` becomes `07••• ••••14`."""
    return _NUMBER.sub(_cover_number, replace_links(_ADDRESS.sub(lambda found: _dots(found[0]), text), _dots))


def _dots(text: str) -> str:
    return text[0] + _DOT * 5


def _cover_number(match: re.Match[str]) -> str:
    if not has_telephone(match[0]):
        return match[0]
    inner = [place for place, char in enumerate(match[0]) if char.isdecimal()][2:-2]
    return "".join(_DOT if place in inner else char for place, char in enumerate(match[0]))
