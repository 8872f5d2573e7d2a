"""What a comment should not tell the world: telephone numbers, addresses, links."""

import re
import unicodedata
from collections.abc import Iterator

from campaign.core.text import has_link
from campaign.petitions.models import Signal

# As long as RFC 5321 lets the part before the @ be: without a bound, a long text without an @ is read again from each
# of its letters, and NFKC makes up to eighteen letters of one.
_ADDRESS = re.compile(
    r"[^\s@<>()]{1,64}@[^\s@<>()]+\.[^\s@<>()]{2,}|\w{1,64}\s*[(\[{]\s*at\s*[)\]}]\s*\w+", re.IGNORECASE
)
# Digits of any script, with what people put between them.
_RUN = re.compile(r"(?<![\w+])\+?\(?\d[\d\s()./\u2010-\u2015-]{5,}\d")
_DATE = re.compile(
    r"(?<!\d)(?<!\d[./-])(?:\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}([./-])\d{1,2}\2\d{1,2})(?!\d|[./-]\d)"
)
_SUM = re.compile(r"[1-9]\d{0,2}(?:[ .]\d{3})+")
_YEARS = re.compile(r"(?:19|20)\d\d(?:[\s/\u2010-\u2015-]+(?:19|20)\d\d)+")
_LONGEST_NUMBER = 15  # ITU-T E.164


def comment_signals(comment: str) -> Iterator[Signal]:
    """Which of the three the comment holds."""
    folded = unicodedata.normalize("NFKC", comment)
    if has_telephone(folded):
        yield Signal.COMMENT_PHONE
    rest = _ADDRESS.sub(" ", folded)
    if rest != folded:
        yield Signal.COMMENT_ADDRESS
    if has_link(rest):
        yield Signal.COMMENT_LINK


def has_telephone(text: str) -> bool:
    """True for what may be dialled: 8 to 15 digits that begin with + or 0, or 10 to 15 otherwise.

    Dates, rows of years and large numbers written in groups of three are none. It errs on the side of looking twice.
    """
    return any(_can_be_dialled(found[0].strip()) for found in _RUN.finditer(_DATE.sub(" x ", text)))


def _can_be_dialled(run: str) -> bool:
    if _SUM.fullmatch(run) or _YEARS.fullmatch(run):
        return False
    digits = [str(unicodedata.decimal(char)) for char in run if char.isdecimal()]
    least = 8 if run.startswith("+") or digits[0] == "0" else 10
    return least <= len(digits) <= _LONGEST_NUMBER
