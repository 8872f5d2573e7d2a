"""The page of figures: how the signatures were given, from which countries, and to which wording."""

from datetime import datetime

from campaign.core.palette import ACT, INK2, MIST
from campaign.core.paper import MARGIN
from campaign.petitions.models import Origin
from campaign.reports.handover.pages import Pages

_MOST_BARS = 14


def write_totals(on: Pages) -> None:
    """Where the signatures come from."""
    _, number, count = on.style.gettext, on.style.formats.number, on.figures.count
    title = _("Who has signed")
    on.page(title)
    on.y = on.paper.heading(MARGIN, on.y - 2, number(count.total), 40, width=on.width) + 2
    on.y = on.paper.flow(MARGIN, on.y, _explained(on), 10.5, width=on.width, colour=INK2) + 6
    rows = [
        (words, "", on.figures.origins[origin])
        for origin, words in (
            (Origin.ONLINE, _("Signed here, each confirmed by email")),
            (Origin.PAPER, _("On paper, entered one by one")),
            (Origin.PARTNER, _("With a partner, entered one by one")),
        )
        if on.figures.origins[origin] or origin is Origin.ONLINE
    ]
    for part in count.collected:
        kind = _("On paper") if part.origin == "paper" else _("With a partner")
        when = _("counted on %(date)s") % {"date": on.style.formats.date(part.counted_on)}
        rows.append((kind, f"{part.source}, {when}", part.count))
    _table(on, _("How they were given"), rows, title)
    if len(on.figures.wordings) > 1:
        rows = [
            (
                _("Version %(number)s") % {"number": wording.version},
                _about(on, wording.note, wording.since),
                wording.count,
            )
            for wording in on.figures.wordings
        ]
        _table(on, _("By the wording they were given to"), rows, title)
    _countries(on, title)


def _explained(on: Pages) -> str:
    _, removed = on.style.gettext, on.figures.count.removed
    words = f"{on.how_given()} {on.counted()}"
    if not removed:
        return words
    more = on.style.ngettext("%(count)s was removed after checks.", "%(count)s were removed after checks.", removed) % {
        "count": on.style.formats.number(removed)
    }
    return f"{words} {more}"


def _about(on: Pages, note: str, since: datetime) -> str:
    when = on.style.gettext("since %(date)s") % {"date": on.style.formats.date(since)}
    return f"{when}: {note}" if note else when


def _subheading(on: Pages, words: str, height: float, title: str) -> None:
    on.room_for(height + 14, title)
    on.y = on.paper.heading(MARGIN, on.y, words, 15, width=on.width) + 3


def _table(on: Pages, words: str, rows: list[tuple[str, str, int]], title: str) -> None:
    """Lines of a label, what it is about, and a number at the end."""
    _subheading(on, words, 20, title)
    for label, about, value in rows:
        wide = on.width - 40
        height = on.paper.measure(about, 9.5, width=wide) if about else 0.0
        on.room_for(height + 9, title)
        on.paper.put(MARGIN, on.y + 4.5, label, 11, width=wide, bold=not about)
        on.paper.put(MARGIN + wide, on.y + 4.5, on.style.formats.number(value), 11, width=40, bold=True, align="R")
        on.y += 6.2
        if about:
            on.y = on.paper.flow(MARGIN, on.y, about, 9.5, width=wide, colour=INK2)
        on.paper.rule(MARGIN, on.y + 1.4, on.width)
        on.y += 2.6
    on.y += 5


def _countries(on: Pages, title: str) -> None:
    """A bar for each of the first countries, and lines in two columns for the others."""
    _, figures, formats = on.style.gettext, on.figures, on.style.formats
    if not figures.countries and not figures.elsewhere:
        return
    _subheading(on, _("By country, of those entered one by one"), 30, title)
    entries = [(formats.country(code), count) for code, count in figures.countries]
    if figures.elsewhere:
        rest = _("Other countries together") if entries else _("All countries together")
        entries.append((rest, figures.elsewhere))
    most = max(count for _name, count in entries)
    for name, count in entries[:_MOST_BARS]:
        on.room_for(7, title)
        _bar(on, name, count, most)
    _two_columns(on, entries[_MOST_BARS:], title)
    on.y += 6


def _bar(on: Pages, name: str, count: int, most: int) -> None:
    longest = on.width - 90
    on.paper.put(MARGIN, on.y + 4, name, 10, width=62)
    on.paper.panel(MARGIN + 64, on.y + 0.8, longest, 3.6, MIST)
    on.paper.panel(MARGIN + 64, on.y + 0.8, max(0.5, longest * count / most), 3.6, ACT)
    on.paper.put(MARGIN + on.width - 24, on.y + 4, on.style.formats.number(count), 10, width=24, bold=True, align="R")
    on.y += 6


def _two_columns(on: Pages, entries: list[tuple[str, int]], title: str) -> None:
    half = on.width / 2 - 5
    for place in range(0, len(entries), 2):
        on.room_for(6, title)
        for side, (name, count) in enumerate(entries[place : place + 2]):
            x = MARGIN + side * (half + 10)
            on.paper.put(x, on.y + 4, name, 9.5, width=half - 20)
            on.paper.put(x, on.y + 4, on.style.formats.number(count), 9.5, width=half, align="R")
        on.y += 5.4
