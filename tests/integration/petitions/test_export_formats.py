"""What the formats write, byte for byte: the same on both engines, and nothing that a spreadsheet would run."""

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask

from campaign.campaigns.models import Campaign
from campaign.core import bulk
from campaign.core.database import snapshot, transaction
from campaign.core.lists.sheets import write_xlsx
from campaign.core.lists.writing import unwatched
from campaign.core.text import inert_cell
from campaign.petitions.export.columns import FURTHER, USUAL
from campaign.petitions.export.formats import LISTS, writers
from campaign.petitions.export.printed import TooManyRows, write_pdf
from campaign.petitions.export.selection import Selection
from campaign.petitions.models import CommentState, ExportFormat, Signature, SignatureState
from campaign.reports.printing import print_style
from campaign.settings import current_settings
from tests.conftest import need
from tests.factories import make_campaign, make_signature

NASTY = [
    "=1+1", " =1+1", "  +1", "\t=1", "\r=1", "\n=1", "-2", "@SUM(A1)", "%0", "|calc", "＝1", " ＠x", "＋1", "－1",
    "'=1", "plain", 'say "hi"', '"', '""', "a,b", ",", "two\nlines", "cr\rinside", "crlf\r\ninside", "tab\tinside",
    "Олена Ковальчук", "محمد الأحمد", "प्रिया शर्मा", "সুমাইয়া", "王小明", "Zoë 👩\u200d🚀", "a\u202eb", "\\.", "\\N", "NULL", "100%", "%s",
    "%(name)s", "x" * 40_000, " ", "", None, "a;b", "é", "e\u0301", "\U00020000", "_x0041_", "http://x.example", "1e5",
]  # fmt: skip


def nasty_campaign() -> Campaign:
    campaign = make_campaign()
    for text in NASTY:
        make_signature(
            campaign, name="x", email=f"e{NASTY.index(text)}@example.org", postcode=text or "", source=text or "",
            comment=text or "", comment_state=CommentState.PUBLISHED,
        )  # fmt: skip
    with snapshot() as session:
        ids = session.query(Signature.id).filter_by(campaign_id=campaign.id).order_by(Signature.id).all()
    with transaction() as session:
        for (row_id,), text in zip(ids, NASTY, strict=True):
            session.get(Signature, row_id).name = text
    return campaign


def written(kind: ExportFormat, selection: Selection, path: Path) -> bytes:
    with path.open("wb") as output, snapshot() as session:
        assert writers(print_style(current_settings()))[kind](session, selection, output, unwatched) == len(NASTY)
    return path.read_bytes()


def everything(campaign: Campaign) -> Selection:
    return Selection(campaign_id=campaign.id, chosen=(*USUAL, *FURTHER), include_addresses=True)


def in_python(selection: Selection) -> bytes:
    """The CSV as Python alone would write it, from the models' values."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(selection.columns)
    with snapshot() as session:
        rows = session.query(Signature).filter_by(campaign_id=selection.campaign_id).order_by(Signature.id).all()
    at = "2026-03-12T14:00:00Z"
    for row in rows:
        typed = {
            name: inert_cell((getattr(row, name) or "").replace("\r", ""))
            for name in ("name", "source", "comment", "postcode")
        }
        values = typed | {
            "country": "GB", "signed_at": at, "confirmed_at": at, "show_name": "no", "origin": "online", "demand_version": 1,
            "email": row.email,
        }  # fmt: skip
        writer.writerow([values[name] for name in selection.columns])
    return text.getvalue().encode()


def test_csv_is_what_python_alone_would_write(app: Flask, tmp_path: Path) -> None:
    selection = everything(nasty_campaign())
    assert written(ExportFormat.CSV, selection, tmp_path / "list") == in_python(selection)


def test_csv_read_back_gives_every_text_and_none_that_is_run(app: Flask, tmp_path: Path) -> None:
    data = written(ExportFormat.CSV, everything(nasty_campaign()), tmp_path / "list")
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert [row["comment"] for row in rows] == [inert_cell((text or "").replace("\r", "")) for text in NASTY]
    assert not [
        text for row in rows for text in row.values() if text.strip(" ")[:1] in set("=+-@\t\r\n|%＝＋－＠") - {""}
    ]


def test_a_semicolon_ends_no_cell(app: Flask, tmp_path: Path) -> None:
    """As a spreadsheet reads it that separates by commas and by semicolons."""
    campaign = make_campaign()
    name = "Bob;=cmd|'/C calc'!A0;"
    make_signature(campaign, name=name, comment=f"x;{name}", comment_state=CommentState.PUBLISHED)
    path = tmp_path / "list"
    with path.open("wb") as output, snapshot() as session:
        writers(print_style(current_settings()))[ExportFormat.CSV](session, everything(campaign), output, unwatched)
    text = path.read_text()
    assert text.splitlines()[1].startswith(f'"{name}","GB",')
    (row,) = list(csv.reader(io.StringIO(text.replace('","', '";"')), delimiter=";"))[1:]
    assert len(row) == len(everything(campaign).columns)
    assert (row[0], f"x;{name}" in row) == (name, True)


def test_nothing_typed_and_no_time_are_the_same_empty_cell(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign()
    row = make_signature(campaign, state=SignatureState.PENDING, confirmed_at=None)
    with transaction() as session:
        session.get(Signature, row.id).name = None
    path = tmp_path / "list"
    for chosen, line in ((("name",), '""'), (("name", "confirmed_at", "source"), '"","",""')):
        selection = Selection(campaign_id=campaign.id, state=SignatureState.PENDING, chosen=chosen)
        with path.open("wb") as output, snapshot() as session:
            writers(print_style(current_settings()))[ExportFormat.CSV](session, selection, output, unwatched)
        assert path.read_text().splitlines()[1:] == [line]


def test_json_keeps_every_text_as_it_was(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 7)
    found = json.loads(written(ExportFormat.JSON, everything(nasty_campaign()), tmp_path / "list"))
    assert [row["name"] for row in found] == NASTY
    assert {row["show_name"] for row in found} == {False}
    assert {row["demand_version"] for row in found} == {1}
    assert {row["confirmed_at"] for row in found} == {"2026-03-12T14:00:00Z"}


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(data: bytes) -> list[list[list[str]]]:
    """The cells of a workbook by sheet and row; fails for a cell that is anything but text."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        for name in names:
            rows = []
            for row in ElementTree.fromstring(book.read(name)).iter(f"{MAIN}row"):
                assert {cell.get("t") for cell in row} == {"inlineStr"}
                rows.append(["".join(text.text or "" for text in cell.iter(f"{MAIN}t")) for cell in row])
            found.append(rows)
    return found


def test_xlsx_holds_text_and_nothing_else(app: Flask, tmp_path: Path) -> None:
    selection = Selection(campaign_id=nasty_campaign().id, chosen=("name", "show_name"))
    (rows,) = sheets(written(ExportFormat.XLSX, selection, tmp_path / "list"))
    assert rows[0] == ["name", "show_name"]
    assert len(rows) == len(NASTY) + 1
    assert rows[1] == ["'=1+1", "no"]
    names = [row[0] for row in rows[1:] if len(row) == 2]
    assert "'@SUM(A1)" in names
    assert "محمد الأحمد" in names
    assert "x" * 32_767 in names
    assert not [name for name in names if name.strip(" ")[:1] in set("=+-@|%＝＋－＠")]


def test_a_full_sheet_is_followed_by_another(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign()
    names = [make_signature(campaign).name for _ in range(5)]
    path = tmp_path / "list"
    with path.open("wb") as output, snapshot() as session:
        write_xlsx(session, Selection(campaign_id=campaign.id, chosen=("name",)), output, unwatched, most_rows=3)
    assert sheets(path.read_bytes()) == [
        [["name"], [names[0]], [names[1]]], [["name"], [names[2]], [names[3]]], [["name"], [names[4]]],
    ]  # fmt: skip
    assert [entry.name for entry in tmp_path.iterdir()] == ["list"]


def test_pdf_shows_the_columns_and_every_name(app: Flask, tmp_path: Path) -> None:
    need(shutil.which("pdftotext"), "pdftotext (poppler-utils)")
    campaign = make_campaign(title="Open the door")
    for number in range(120):
        make_signature(campaign, name=f"Олена {number}", country="UA", show_name=number == 0)
    make_signature(campaign, comment="Two\nlines", comment_state=CommentState.PUBLISHED, source="front")
    selection = Selection(campaign_id=campaign.id, chosen=(*USUAL, *FURTHER), include_addresses=True)
    path = tmp_path / "list.pdf"
    with path.open("wb") as output, snapshot() as session:
        assert writers(print_style(current_settings()))[ExportFormat.PDF](session, selection, output, unwatched) == 121
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    assert [line for number in range(120) if f"Олена {number}  " not in text for line in [number]] == []
    assert "Two lines" in text
    assert "2026-03-12 14:00" in text
    assert "Open the door · as of" in text
    assert text.count(" yes ") == 1
    assert text.count("\f") == len(re.findall(r"\d of \d", text)) == 4


def test_nothing_in_a_pdf_is_cut(app: Flask, tmp_path: Path) -> None:
    """Cells have lines below each other, and a comment longer than a page goes on on the next one."""
    need(shutil.which("pdftotext"), "pdftotext (poppler-utils)")
    campaign = make_campaign()
    said = " ".join(f"word{number}" for number in range(700))
    mail = f"{'long.' * 12}name@{'deeply.' * 12}nested.example.org"
    name = "María de los Ángeles Fernández de Córdoba y Álvarez de Toledo"
    row = make_signature(
        campaign, name=name, email=mail, postcode="WWWW WWWWWWWWWWW", comment_state=CommentState.PUBLISHED
    )
    with transaction() as session:
        session.get(Signature, row.id).comment = said
    make_signature(campaign, name="Person After")
    path = tmp_path / "list.pdf"
    with path.open("wb") as output, snapshot() as session:
        writers(print_style(current_settings()))[ExportFormat.PDF](session, everything(campaign), output, unwatched)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    assert "…" not in text
    found = text.split()
    assert [word for word in said.split() if found.count(word) != 1] == []
    assert [word for word in name.split() if word not in found] == []
    assert found.count("Comment") == text.count("\f") > 1
    assert text.index("word699") < text.index("Person After")
    narrow = Selection(campaign_id=campaign.id, chosen=("show_name",), include_addresses=True)
    with path.open("wb") as output, snapshot() as session:
        writers(print_style(current_settings()))[ExportFormat.PDF](session, narrow, output, unwatched)
    text = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True).stdout.decode()
    assert text.count("W") == 15
    assert mail in "".join(text.replace("W", "").split())  # the postcode's lines stand between those of the address


def test_a_pdf_has_its_limit(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign()
    for _ in range(3):
        make_signature(campaign)
    style = print_style(current_settings())
    with (tmp_path / "list.pdf").open("wb") as output, snapshot() as session:
        selection = Selection(campaign_id=campaign.id)
        assert write_pdf(session, selection, output, unwatched, style=style, most_rows=3) == 3
        with pytest.raises(TooManyRows):
            write_pdf(session, selection, output, unwatched, style=style, most_rows=2)


@pytest.mark.parametrize("kind", LISTS)
def test_nothing_is_a_file_as_well(app: Flask, kind: ExportFormat, tmp_path: Path) -> None:
    path = tmp_path / "list"
    with path.open("wb") as output, snapshot() as session:
        assert (
            writers(print_style(current_settings()))[kind](
                session, Selection(campaign_id=make_campaign().id), output, unwatched
            )
            == 0
        )
    assert path.stat().st_size > 0
    if kind is ExportFormat.JSON:
        assert json.loads(path.read_bytes()) == []
    if kind is ExportFormat.CSV:
        assert path.read_bytes() == b'"name","country","signed_at","confirmed_at","show_name"\n'
