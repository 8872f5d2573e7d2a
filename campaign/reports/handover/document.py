"""The pages of words: the demand, what signers say, and how the signatures were counted."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

from campaign.core.palette import ACT, INK2, LAMP
from campaign.core.paper import MARGIN, Run
from campaign.core.paper_lines import runs_from_right
from campaign.core.text import Block, markdown_blocks
from campaign.petitions.queries import PublicComment
from campaign.reports.handover.pages import Pages

_LONGEST_PIECE = 1_800


def write_demand(on: Pages) -> None:
    """What is asked, in its present wording."""
    _, campaign = on.style.gettext, on.figures.campaign
    title = _("What we ask %(target)s to do") % {"target": campaign.target} if campaign.target else _("What we ask")
    on.page(title)
    for block in markdown_blocks(on.figures.demand.text):
        _block(on, block, title)
    if campaign.summary:
        on.y += 6
        on.room_for(on.paper.measure(campaign.summary, 11, width=on.width) + 6, title)
        on.y = on.paper.flow(MARGIN, on.y, campaign.summary, 11, width=on.width, colour=INK2)
    _picture(on)


def _block(on: Pages, block: Block, title: str) -> None:
    size = 14.0 if block.heading else 13.0
    inset = 12.0 if block.mark else 0.0
    for number, runs in enumerate(_in_pieces(block.runs)):
        on.room_for(on.paper.measure(runs, size, width=on.width - inset) + 6, title)
        if block.mark and not number:
            on.paper.heading(MARGIN, on.y + 0.3, block.mark, 15, width=inset, colour=ACT)
        on.y = on.paper.flow(MARGIN + inset, on.y, runs, size, width=on.width - inset) + 3
    if block.mark:
        on.paper.rule(MARGIN, on.y, on.width)
        on.y += 4


def _in_pieces(runs: list[Run]) -> Iterator[list[Run]]:
    """A paragraph in parts that each fit on a page; nearly always it is one."""
    if sum(len(words) for words, _bold in runs) <= _LONGEST_PIECE:
        yield runs
        return
    for words, bold in runs:
        for part in textwrap.wrap(words, _LONGEST_PIECE):
            yield [(part, bold)]


def _picture(on: Pages) -> None:
    """The campaign's picture, where the page has room for it. A file that cannot be read is left out."""
    path, alt, credit = _shown(on)
    height = on.width * 9 / 16
    y = on.paper.h - 24 - height
    if on.y + 8 > y:
        return
    try:
        on.paper.image(path, MARGIN, y, on.width, height, keep_aspect_ratio=True, alt_text=alt)
    except (OSError, ValueError):
        return
    on.paper.put(MARGIN, y + height + 4.5, credit, 8, width=on.width, colour=INK2)


def _shown(on: Pages) -> tuple[Path, str, str]:
    """The file of the picture that leads the campaign's page, what it shows, and its credit."""
    campaign, picture, _ = on.figures.campaign, on.figures.picture, on.style.gettext
    if picture:
        return on.style.pictures / picture.digest / f"{picture.width}.jpg", picture.alt, picture.credit
    path = on.style.pictures / campaign.picture if campaign.picture else on.style.illustration
    ours = _("Illustration: %(organisation)s.") % {"organisation": on.style.organisation["name"]}
    return path, campaign.picture_alt, campaign.picture_credit or ours


def write_comments(on: Pages) -> None:
    """What some of the signers say, who chose to be shown with it."""
    _ = on.style.gettext
    title = _("In their own words")
    on.page(title)
    note = _("From people who chose to be named with what they wrote.")
    on.y = on.paper.flow(MARGIN, on.y - 2, note, 10.5, width=on.width, colour=INK2) + 6
    for comment in on.figures.comments:
        _comment(on, comment, title)


def _comment(on: Pages, comment: PublicComment, title: str) -> None:
    height = on.paper.measure(comment.text, 12, width=on.width - 8)
    on.room_for(min(height, 180) + 12, title)
    top, from_right = on.y, runs_from_right(comment.text)
    x = MARGIN if from_right else MARGIN + 8
    on.y = on.paper.flow(x, on.y, comment.text, 12, width=on.width - 8)
    country = on.style.formats.country(comment.country)
    if from_right:
        on.paper.put(
            x, on.y + 4.5, f"{comment.first_name} · {country}", 9.5, width=on.width - 8, colour=INK2, align="R"
        )
    else:
        on.paper.put_both(x, on.y + 4.5, comment.first_name, f", {country}", 9.5, width=on.width - 8, colour=INK2)
    on.y += 6
    on.paper.panel(MARGIN + on.width - 1.2 if from_right else MARGIN, top + 0.8, 1.2, on.y - top - 1.4, LAMP)
    on.y += 6


def write_closing(on: Pages) -> None:
    """Who made this, how it was counted, and how to see that it is whole."""
    _, paper, owner = on.style.gettext, on.paper, on.style.organisation
    title = _("About this document")
    on.page(title)
    for words in [*_counted(on), *_about_names(on), *_about_signs(on), *_about_sums(on)]:
        on.room_for(paper.measure(words, 11, width=on.width) + 4, title)
        on.y = paper.flow(MARGIN, on.y, words, 11, width=on.width) + 4
    on.y += 4
    for line in filter(None, [owner["legal_name"], owner["address"], owner["contact_email"]]):
        on.y = paper.flow(MARGIN, on.y, line, 11, width=on.width, colour=INK2)


def _counted(on: Pages) -> list[str]:
    _ = on.style.gettext
    return [
        _(
            "A signature given here counts once its signer pressed a button that was mailed to them. The same person "
            "cannot sign twice. What was collected on paper and by partners is counted apart, with its source and day."
        )
    ]


def _about_names(on: Pages) -> list[str]:
    _, ngettext, figures = on.style.gettext, on.style.ngettext, on.figures
    if not figures.campaign.names_to_target:
        return [_("The names stay with us: signers were not told that we would hand them over.")]
    listed = ngettext("%(count)s name is listed.", "%(count)s names are listed.", figures.listed)
    found = [listed % {"count": on.style.formats.number(figures.listed)}]
    if figures.listed < figures.count.total:
        found.append(
            _(
                "The others signed on paper or with a partner, or before the form said that names are handed over, or "
                "had their names erased since."
            )
        )
    return found


def _about_signs(on: Pages) -> list[str]:
    lines = on.paper.incomplete
    if not lines:
        return []
    words = on.style.ngettext(
        "%(count)s line has a sign that none of our fonts has; � stands for it.",
        "%(count)s lines have a sign that none of our fonts has; � stands for it.",
        lines,
    )
    return [words % {"count": on.style.formats.number(lines)}]


def _about_sums(on: Pages) -> list[str]:
    _ = on.style.gettext
    return [
        _(
            "The manifest beside this document has the SHA-256 sum of every file, so that anybody can see that none "
            "was altered."
        )
    ]
