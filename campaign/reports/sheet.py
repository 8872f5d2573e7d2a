"""The sheet on which people sign with a pen: what is asked, empty lines, what happens with the names, a QR code."""

from dataclasses import dataclass
from datetime import datetime

from campaign.core.palette import ACT, INK, INK2
from campaign.core.paper import MARGIN, Paper, Style
from campaign.core.qr import qr_runs
from campaign.core.text import markdown_blocks

SOURCE = "paper"
"""The source in the link of the code, so that editors see what the sheets brought."""
_QR, _ROW, _HEAD, _TOP = 34.0, 10.0, 8.0, 16.0
_LEAST_ROWS = 5


@dataclass(frozen=True)
class SheetFacts:
    """What a sheet says. `address` is the campaign's page with the source, `privacy` the page about privacy."""

    title: str
    target: str
    demand: str
    names_to_target: bool
    address: str
    shown_address: str
    privacy: str


def print_sheet(facts: SheetFacts, style: Style, *, now: datetime) -> bytes:
    """One page with the demand and lines, and one more with lines only, to be printed on both sides."""
    with Paper(facts.title, style, now=now, landscape=True) as paper:
        paper.add_page()
        y = _head(paper, facts, style)
        foot = _foot_top(paper, facts, style)
        if foot - y > _HEAD + _LEAST_ROWS * _ROW:
            _rows(paper, style, y, foot)
        _privacy(paper, facts, style, foot)
        paper.add_page()
        y = paper.heading(MARGIN, _TOP, facts.title, 15, width=paper.w - 2 * MARGIN) + 3
        _rows(paper, style, y, foot)
        _privacy(paper, facts, style, foot)
        return bytes(paper.output())


def _head(paper: Paper, facts: SheetFacts, style: Style) -> float:
    """Whose petition, what it asks, of whom; beside it the code. Gives the y below both."""
    _, width = style.gettext, paper.w - 2 * MARGIN - _QR - 12
    paper.put(MARGIN, _TOP, style.organisation["name"] or "", 10, width=width, colour=INK2)
    y = paper.heading(MARGIN, _TOP + 4, facts.title, 22, width=width) + 3
    asked = _("What we ask %(target)s to do") % {"target": facts.target} if facts.target else _("What we ask")
    y = paper.flow(MARGIN, y, [(asked, True)], 11, width=width) + 1
    for block in markdown_blocks(facts.demand):
        inset = 7.0 if block.mark else 0.0
        if block.mark:
            paper.put(MARGIN, y + 4, block.mark, 10.5, width=inset, bold=True, colour=ACT)
        if y > paper.h - 45:  # a very long demand goes on overleaf, where there is nothing but lines
            paper.add_page()
            y = _TOP
        y = paper.flow(MARGIN + inset, y, block.runs, 10.5, width=width - inset) + 1.2
    if paper.page_no() > 1:
        return y + 4
    return max(y + 4, _code(paper, facts, style) + 3)


def _code(paper: Paper, facts: SheetFacts, style: Style) -> float:
    """The QR code with the address below it, for who would rather sign by phone."""
    _, x, y = style.gettext, paper.w - MARGIN - _QR, _TOP - 4
    side, runs = qr_runs(facts.address)
    step = _QR / side
    for column, row, length in runs:
        paper.panel(x + column * step, y + row * step, length * step, step, INK)
    y = paper.flow(x, y + _QR + 2, _("Or sign by phone:"), 8.5, width=_QR)
    return paper.flow(x, y, facts.shown_address, 7, width=_QR, colour=INK2)


def _rows(paper: Paper, style: Style, y: float, end: float) -> None:
    """The table: heads, then as many empty lines as fit."""
    _, width = style.gettext, paper.w - 2 * MARGIN
    heads = [
        (_("Full name"), 0.28),
        (_("Email address (optional)"), 0.3),
        (_("Postcode"), 0.12),
        (_("News: tick"), 0.1),
        (_("Signature"), 0.2),
    ]
    x = MARGIN
    edges: list[float] = []
    for words, share in heads:
        paper.put(x + 1, y + 5, words, 8, width=width * share - 2, bold=True)
        x += width * share
        edges.append(x)
    y += _HEAD
    count = max(0, int((end - y - 2) // _ROW))
    paper.set_draw_color(INK2)
    paper.set_line_width(0.2)
    for number in range(count + 1):
        paper.line(MARGIN, y + number * _ROW, MARGIN + width, y + number * _ROW)
    for x in (MARGIN, *edges):
        paper.line(x, y, x, y + count * _ROW)


def _foot_top(paper: Paper, facts: SheetFacts, style: Style) -> float:
    return paper.h - 10 - paper.measure(_terms(facts, style), 8, width=paper.w - 2 * MARGIN)


def _privacy(paper: Paper, facts: SheetFacts, style: Style, y: float) -> None:
    paper.flow(MARGIN, y, _terms(facts, style), 8, width=paper.w - 2 * MARGIN, colour=INK2)


def _terms(facts: SheetFacts, style: Style) -> str:
    """What happens with what people write here."""
    _, owner = style.gettext, style.organisation
    keeper = owner["legal_name"] or owner["name"] or ""
    parts = [
        _(
            "By signing you agree that %(organisation)s keeps your name and address with this petition, to confirm and "
            "count your signature."
        )
        % {"organisation": keeper}
    ]
    target = {"target": facts.target}
    if facts.names_to_target:
        parts.append(
            _(
                "When we hand the petition over, we give %(target)s the names of those who signed, and no email "
                "addresses."
            )
            % target
        )
    else:
        parts.append(_("We tell %(target)s how many people signed, not who they are.") % target)
    parts.append(_("We write to you with news only if you tick that box, and you can stop at any time."))
    contact = {"address": facts.privacy, "email": owner["contact_email"] or ""}
    parts.append(_("You can see, correct or erase what we keep: %(address)s, %(email)s.") % contact)
    return " ".join(parts)
