"""The pack itself: a zip file with the document, the totals as a table, and the manifest with the sum of each file."""

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from campaign.core import clock
from campaign.core.bulk import read_chunks
from campaign.core.csv_writing import quoting_writer
from campaign.core.links import Links
from campaign.core.lists.writing import Progress
from campaign.core.paper import Paper, Style
from campaign.core.text import inert_cell
from campaign.petitions.export.selection import Selection
from campaign.petitions.models import Origin
from campaign.reports.handover.cover import write_cover
from campaign.reports.handover.document import write_closing, write_comments, write_demand
from campaign.reports.handover.figures import Figures, gather, names_query
from campaign.reports.handover.names import MOST_NAMES, Name, write_names
from campaign.reports.handover.pages import Pages
from campaign.reports.handover.totals import write_totals

DOCUMENT, TOTALS, MANIFEST, SUMS = "petition.pdf", "totals.csv", "manifest.json", "manifest.txt"


def write_pack(
    session: Session, selection: Selection, output: BinaryIO, progress: Progress, *, style: Style, links: Links,
    comment_ids: Sequence[int] | None = None, most_names: int = MOST_NAMES,
) -> int:  # fmt: skip
    """Write the pack of a campaign's confirmed signatures; gives how many names it lists.

    `comment_ids` are the comments chosen (None: the latest). Names are listed only where the
    campaign hands them over, and only of those who were told so.
    """
    figures = gather(session, selection.campaign_id, comment_ids=comment_ids, now=clock.now())
    names = _names(session, figures)
    folder = Path(output.name).parent
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED, allowZip64=True) as pack:
        sums: list[dict[str, Any]] = []
        with tempfile.TemporaryFile(dir=folder) as file:
            listed = _write_document(file, figures, names, style=style, most=most_names, progress=progress)
            sums.append(_add(pack, DOCUMENT, file, figures.as_of))
        for volume in range(2, 2 + -(-max(0, figures.listed - listed) // most_names)):
            with tempfile.TemporaryFile(dir=folder) as file:
                told = partial(_told, progress, listed)
                listed += _write_volume(file, figures, names, volume, style=style, most=most_names, progress=told)
                sums.append(_add(pack, f"names-{volume}.pdf", file, figures.as_of))
        sums.append(_add(pack, TOTALS, io.BytesIO(totals_table(figures)), figures.as_of))
        facts = _manifest(figures, links, style) | {"names_listed": listed, "files": sums}
        manifest = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
        sums.append(_add(pack, MANIFEST, io.BytesIO(manifest.encode()), figures.as_of))
        _add(pack, SUMS, io.BytesIO(_sums(figures, sums).encode()), figures.as_of)
    return listed


def _told(progress: Progress, before: int, count: int) -> None:
    progress(before + count)


def _names(session: Session, figures: Figures) -> Iterator[Name]:
    if not figures.campaign.names_to_target:
        return
    for rows in read_chunks(session, names_query(figures.campaign)):
        yield from rows


def _write_document(
    output: BinaryIO, figures: Figures, names: Iterator[Name], *, style: Style, most: int, progress: Progress
) -> int:
    title = figures.campaign.title
    with Paper(title, style, now=figures.as_of) as paper:
        pages = Pages(paper, figures)
        write_cover(pages)
        write_demand(pages)
        write_totals(pages)
        if figures.comments:
            write_comments(pages)
        listed = write_names(paper, style.gettext("Names of those who signed"), names, most=most, progress=progress)
        write_closing(pages)
        paper.output(output)
    return listed


def _write_volume(
    output: BinaryIO, figures: Figures, names: Iterator[Name], volume: int, *, style: Style, most: int,
    progress: Progress,
) -> int:  # fmt: skip
    heading = style.gettext("Names of those who signed, volume %(number)s") % {"number": volume}
    with Paper(f"{figures.campaign.title}: {heading}", style, now=figures.as_of) as paper:
        paper.foot = Pages(paper, figures).foot
        listed = write_names(paper, heading, names, most=most, progress=progress)
        paper.output(output)
    return listed


def totals_table(figures: Figures) -> bytes:
    """The figures as CSV in UTF-8, with the mark by which Excel knows it."""
    text = io.StringIO()
    writer = quoting_writer(text)
    writer.writerow(["kind", "key", "about", "count"])
    count = figures.count
    writer.writerow(["total", "", figures.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), count.total])
    for origin, number in figures.origins.items():
        if number or origin is Origin.ONLINE:
            writer.writerow(["origin", origin.value, "", number])
    for part in count.collected:
        about = f"{part.source}, {part.counted_on.isoformat()}"
        writer.writerow(["origin", inert_cell(part.origin), inert_cell(about), part.count])
    for code, number in figures.countries:
        writer.writerow(["country", inert_cell(code), "", number])
    if figures.elsewhere:
        writer.writerow(["country", "other", "all other countries together", figures.elsewhere])
    for wording in figures.wordings:
        writer.writerow(["wording", wording.version, inert_cell(wording.note), wording.count])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _add(pack: zipfile.ZipFile, name: str, file: BinaryIO, moment: datetime) -> dict[str, Any]:
    """Put a file into the pack; gives its line of the manifest."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    info = zipfile.ZipInfo(name, date_time=moment.astimezone(UTC).timetuple()[:6])
    digest = hashlib.sha256()
    with pack.open(info, "w", force_zip64=True) as place:
        while block := file.read(1 << 20):
            digest.update(block)
            place.write(block)
    return {"name": name, "bytes": size, "sha256": digest.hexdigest()}


def _manifest(figures: Figures, links: Links, style: Style) -> dict[str, Any]:
    campaign, demand, count = figures.campaign, figures.demand, figures.count
    return {
        "campaign": {
            "slug": campaign.slug,
            "title": campaign.title,
            "target": campaign.target,
            "url": links.campaign(campaign.slug),
        },
        "organisation": style.organisation["legal_name"],
        "as_of": figures.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "demand": {"version": demand.version, "text": demand.text},
        "signatures": {
            "total": count.total,
            "confirmed_here": figures.given_here,
            "entered": {origin.value: figures.origins[origin] for origin in (Origin.PAPER, Origin.PARTNER)},
            "collected": [
                {"origin": part.origin, "source": part.source, "count": part.count, "on": part.counted_on.isoformat()}
                for part in count.collected
            ],
            "removed_after_checks": count.removed,
        },
    }


def _sums(figures: Figures, files: list[dict[str, Any]]) -> str:
    """What `sha256sum --check manifest.txt` reads; it passes over lines that begin with #."""
    head = f"# {figures.campaign.title}\n# SHA-256 of every file. To check: sha256sum --check {SUMS}\n"
    return head + "".join(f"{file['sha256']}  {file['name']}\n" for file in files)
