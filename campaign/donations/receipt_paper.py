"""Receipts and yearly statements as PDF: one page for a receipt, a table for a year."""

from collections.abc import Callable, Sequence
from datetime import datetime

from campaign.core.palette import ACT, INK2
from campaign.core.paper import MARGIN, Paper, Style
from campaign.donations.receipts import ReceiptFacts

_WIDTH = 210 - 2 * MARGIN
_LABEL = 55.0
_ROWS_A_PAGE = 30


def print_receipt(facts: ReceiptFacts, style: Style, *, now: datetime) -> bytes:
    """One receipt, as it stands now: void where all went back, with what is left where a part did."""
    _ = style.gettext
    title = _("Receipt %(number)s") % {"number": facts.number}
    with Paper(title, style, now=now) as paper:
        paper.add_page()
        y = _head(paper, style, title)
        if facts.is_void:
            y = paper.flow(
                MARGIN, y, [(_("This receipt is void: the donation was given back."), True)], 12, width=_WIDTH
            )
            y += 4
        for label, value in _lines(facts, style):
            if value:
                paper.put(MARGIN, y + 5, label, 10.5, width=_LABEL, colour=INK2)
                y = paper.flow(MARGIN + _LABEL, y + 1, value, 10.5, width=_WIDTH - _LABEL) + 2.5
                paper.rule(MARGIN, y, _WIDTH)
        y += 6
        if facts.gift_aid:
            y = paper.flow(
                MARGIN,
                y,
                _("You declared Gift Aid for this donation. Keep this receipt for your tax return."),
                10,
                width=_WIDTH,
            )
        paper.flow(MARGIN, y + 2, _contact(style), 9, width=_WIDTH, colour=INK2)
        return bytes(paper.output())


def print_statement(facts: Sequence[ReceiptFacts], year: int, style: Style, *, now: datetime) -> bytes:
    """A donor's payments of one year, oldest first, with a sum for each currency of what was not given back."""
    _ = style.gettext
    title = _("Your donations in %(year)s") % {"year": year}
    columns: list[tuple[float, float, Callable[[ReceiptFacts], str]]] = [
        (0, 22, lambda one: str(one.number)),
        (22, 38, lambda one: style.formats.date(one.paid_at)),
        (60, 70, lambda one: one.campaign),
        (132, 38, lambda one: style.formats.money(one.kept_minor, one.currency)),
    ]
    with Paper(title, style, now=now) as paper:
        paper.foot = title
        for start in range(0, max(1, len(facts)), _ROWS_A_PAGE):
            paper.add_page()
            y = _head(paper, style, title) if start == 0 else MARGIN
            for (x, width, _value), words in zip(
                columns, (_("Receipt"), _("Day"), _("Campaign"), _("Amount kept")), strict=True
            ):
                paper.put(MARGIN + x, y + 5, words, 9, width=width, colour=INK2)
            y += 8
            for one in facts[start : start + _ROWS_A_PAGE]:
                paper.rule(MARGIN, y, _WIDTH)
                for x, width, value in columns:
                    paper.put(MARGIN + x, y + 5, value(one), 10, width=width)
                y += 7
        for currency in sorted({one.currency for one in facts}):
            total = sum(one.kept_minor for one in facts if one.currency == currency)
            paper.rule(MARGIN, y, _WIDTH)
            words = _("Together: %(amount)s") % {"amount": style.formats.money(total, currency)}
            paper.put(MARGIN, y + 6, words, 11, width=_WIDTH, bold=True)
            y += 9
        paper.flow(MARGIN, y + 4, _contact(style), 9, width=_WIDTH, colour=INK2)
        return bytes(paper.output())


def _head(paper: Paper, style: Style, title: str) -> float:
    """Who received it and what this is; gives the y below."""
    paper.panel(MARGIN, MARGIN, 12, 1.2, ACT)
    y = paper.flow(MARGIN, MARGIN + 5, [(style.organisation["legal_name"] or "", True)], 11, width=_WIDTH)
    y = paper.flow(MARGIN, y, style.organisation["address"] or "", 10, width=_WIDTH, colour=INK2)
    if number := style.organisation["charity_number"]:
        words = style.gettext("Registered charity %(number)s.") % {"number": number}
        y = paper.flow(MARGIN, y, words, 10, width=_WIDTH, colour=INK2)
    return paper.heading(MARGIN, y + 10, title, 24, width=_WIDTH) + 6


def _lines(facts: ReceiptFacts, style: Style) -> list[tuple[str, str]]:
    _ = style.gettext
    money = style.formats.money
    is_partly_back = 0 < facts.refunded_minor < facts.amount_minor
    return [
        (_("From"), facts.donor),
        (_("Amount"), money(facts.amount_minor, facts.currency)),
        (_("Given back"), money(facts.refunded_minor, facts.currency) if facts.refunded_minor else ""),
        (_("Amount kept"), money(facts.kept_minor, facts.currency) if is_partly_back else ""),
        (_("Received on"), style.formats.date(facts.paid_at)),
        (_("For"), facts.campaign),
        (_("In memory of"), facts.in_memory_of),
        (_("Reference"), facts.reference),
    ]


def _contact(style: Style) -> str:
    words = style.gettext("If something is wrong, write to %(email)s.")
    return words % {"email": style.organisation["contact_email"]}
