"""Lists that editors write as text, one thing a line: the budget, and the numbers of signatures to be told of."""

import re
from collections.abc import Mapping

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import ValidationError

from campaign.admin.fields import read_amount, shown_amount
from campaign.core.differences import Piece, differences
from campaign.core.text import TextRefused, clean_line

MOST_PURPOSES = 30
LONGEST_PURPOSE = 100
MOST_THRESHOLDS = 20
LONGEST_LABEL = 200
_THRESHOLD = re.compile(r"([0-9][0-9,]{0,12})[\s:]+(\S.*)", re.ASCII)


def read_budget(typed: str | None, currency: str) -> list[tuple[str, int]]:
    """A purpose, a colon and an amount on each line. Raises ValidationError."""
    pairs: list[tuple[str, int]] = []
    for line in (line for line in (typed or "").splitlines() if line.strip()):
        purpose, _colon, amount = line.rpartition(":")
        try:
            purpose = clean_line(purpose)
        except TextRefused:
            purpose = ""
        amount_minor = read_amount(amount, currency)
        if not 0 < len(purpose) <= LONGEST_PURPOSE or amount_minor is None:
            raise ValidationError(_("Write a purpose, a colon and an amount on each line, like “Blankets: 2,500”."))
        pairs.append((purpose, amount_minor))
    if len({purpose for purpose, _amount in pairs}) < len(pairs):
        raise ValidationError(_("Write each purpose once."))
    if len(pairs) > MOST_PURPOSES:
        raise ValidationError(_("Write at most %(num)s lines.", num=MOST_PURPOSES))
    return pairs


def shown_budget(pairs: list[tuple[str, int]], currency: str) -> str:
    """What `read_budget` takes."""
    return "\n".join(f"{purpose}: {shown_amount(amount_minor, currency)}" for purpose, amount_minor in pairs)


def read_thresholds(typed: str | None) -> dict[int, str]:
    """A number and a few words on each line, each number once. Raises ValidationError."""
    wanted: dict[int, str] = {}
    for line in (line.strip() for line in (typed or "").splitlines()):
        if not line:
            continue
        match = _THRESHOLD.fullmatch(line)
        count = int(match[1].replace(",", "")) if match else 0
        label = clean_line(match[2]) if match else ""
        if not 0 < count <= 1_000_000_000 or not 0 < len(label) <= LONGEST_LABEL:
            raise ValidationError(_("Write a number and what is due then on each line, like “10,000 Ask again”."))
        if count in wanted:
            raise ValidationError(_("Write each number once."))
        wanted[count] = label
    if len(wanted) > MOST_THRESHOLDS:
        raise ValidationError(_("Write at most %(num)s lines.", num=MOST_THRESHOLDS))
    return wanted


def lines_meanwhile(form: FlaskForm, now: str) -> dict[str, list[Piece]]:
    """For a form whose `lines` somebody else has changed since it was `seen`: what either of the two did to them.

    Afterwards the form has seen what is stored now, so that sending it again is a decision.
    """
    seen = form.seen.data or ""
    found = {"theirs": differences(seen, now), "yours": differences(seen, form.lines.data or "")}
    form.seen.data = now
    return found


def shown_thresholds(wanted: Mapping[int, str]) -> str:
    """What `read_thresholds` takes."""
    return "\n".join(f"{count:,} {label}" for count, label in wanted.items())
