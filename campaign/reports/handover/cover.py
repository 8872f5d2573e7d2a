"""The cover: the night panel of the campaign's page over the whole sheet."""

from campaign.core.palette import LAMP, NIGHT, ON_NIGHT, UNLIT, WHITE, Colour
from campaign.core.paper import MARGIN
from campaign.reports.handover.pages import Pages
from campaign.reports.summary import WINDOWS

_COLUMNS = 25
_LIT: tuple[Colour, ...] = (LAMP, (255, 224, 154), LAMP, (245, 179, 53), LAMP, LAMP, (255, 224, 154))


def write_cover(on: Pages) -> None:
    """The night panel over the whole page: whose petition, what it asks, of whom, and how many windows are lit."""
    _, paper, campaign, count = on.style.gettext, on.paper, on.figures.campaign, on.figures.count
    paper.add_page()
    paper.panel(0, 0, paper.w, paper.h, NIGHT)
    paper.heading(MARGIN, 22, on.style.organisation["name"] or "", 15, width=on.width, colour=WHITE)
    paper.put(MARGIN, 52, _("Petition"), 12, width=on.width, bold=True, colour=LAMP)
    size = 40 if len(campaign.title) <= 70 else 28
    y = paper.heading(MARGIN, 57, campaign.title, size, width=on.width, colour=WHITE)
    if campaign.target:
        to = _("To %(target)s") % {"target": campaign.target}
        paper.flow(MARGIN, y + 5, to, 15, width=on.width, colour=ON_NIGHT)
    _windows(on, paper.h - 152, count.windows_lit)
    number = on.style.formats.number(count.total)
    y = paper.heading(MARGIN, paper.h - 76, number, 60, width=on.width, colour=WHITE)
    said = on.style.ngettext("person has signed", "people have signed", count.total)
    paper.put(MARGIN, y + 5, said, 16, width=on.width, bold=True, colour=WHITE)
    one = on.style.ngettext(
        "One lit window is %(people)s person.", "One lit window is %(people)s people.", count.people_per_window
    ) % {"people": on.style.formats.number(count.people_per_window)}
    words = f"{on.how_given()} {on.counted()} {one}"
    paper.flow(MARGIN, paper.h - 32, words, 10.5, width=on.width, colour=ON_NIGHT)


def _windows(on: Pages, y: float, lit: int) -> None:
    """The picture of the signatures: 250 windows, lit from the bottom row up, as on the page."""
    step = on.width / (_COLUMNS - 0.3)
    rows = WINDOWS // _COLUMNS
    for number in range(WINDOWS):
        row, column = divmod(number, _COLUMNS)
        colour = _LIT[(number * 5 + row) % len(_LIT)] if number < lit else UNLIT
        on.paper.panel(MARGIN + column * step, y + (rows - 1 - row) * step, step * 0.7, step * 0.7, colour)
