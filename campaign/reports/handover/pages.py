"""Pages put onto a paper one after the other."""

from campaign.core.paper import MARGIN, Paper
from campaign.reports.handover.figures import Figures

_TOP, _BOTTOM = 26.0, 24.0


class Pages:
    """A paper and how far down it is written: `y` is where the next block stands."""

    def __init__(self, paper: Paper, figures: Figures) -> None:
        self.paper, self.figures = paper, figures
        self.style = paper.style
        self.width = paper.w - 2 * MARGIN
        self.foot = f"{figures.campaign.title} · {self.moment()}"
        self.y = 0.0

    def moment(self) -> str:
        """When it was counted, in words."""
        at, formats = self.figures.as_of, self.style.formats
        _ = self.style.gettext
        return _("counted at %(time)s on %(date)s") % {"time": formats.time(at), "date": formats.date(at)}

    def how_given(self) -> str:
        """Which of the signatures were confirmed by email, in a sentence; the others are told apart."""
        _, here, number = self.style.gettext, self.figures.given_here, self.style.formats.number
        elsewhere = self.figures.count.total - here
        if not elsewhere:
            return _("Each was signed here and confirmed by email.")
        told = {"here": number(here), "elsewhere": number(elsewhere)}
        return _("%(here)s signed here, each confirmed by email; %(elsewhere)s on paper and with partners.") % told

    def counted(self) -> str:
        """When it was counted, in a sentence."""
        at, formats, _ = self.figures.as_of, self.style.formats, self.style.gettext
        return _("Counted at %(time)s on %(date)s.") % {"time": formats.time(at), "date": formats.date(at)}

    def page(self, title: str) -> None:
        """A new page with a heading."""
        self.paper.add_page()
        self.paper.foot = self.foot  # only now, for beginning a page ends the one before: the cover has no foot
        self.y = self.paper.heading(MARGIN, _TOP, title, 26, width=self.width) + 7

    def room_for(self, height: float, title: str) -> None:
        """Go on with a new page where so much does not fit below."""
        if self.y + height > self.paper.h - _BOTTOM:
            self.page(title)
