"""HMRC's schedule: cells where HMRC looks for them, limits, and what of a name and an address it would not take."""

import io
import zipfile
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest

from campaign.donations.gift_aid_schedule import (
    MOST_LINES,
    Fault,
    ScheduleLine,
    clean_postcode,
    save,
    split_name,
    write_schedule,
)

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
FIRST_ROW, COLUMN_B = 24, 1


def make_line(**more: Any) -> ScheduleLine:
    values: dict[str, Any] = {
        "title": "Mrs",
        "first_name": "Ada",
        "last_name": "House Martin",
        "house": "12",
        "postcode": "S19 2BD",
        "given_on": date(2026, 3, 9),
        "amount_minor": 1250,
    }
    return ScheduleLine(**(values | more))


def read(document: Any) -> tuple[str, list[list[dict[str, str]]]]:
    """The sheet's name and its cells as {text, value, date}, by row and column."""
    file = io.BytesIO()
    save(document, file)
    with zipfile.ZipFile(file) as archive:
        assert archive.read("mimetype") == b"application/vnd.oasis.opendocument.spreadsheet"
        content = ElementTree.fromstring(archive.read("content.xml"))
    sheet = content.find(f".//{TABLE}table")
    assert sheet is not None
    rows = [
        [
            {
                "text": "".join(cell.itertext()),
                "value": cell.get(f"{OFFICE}value", ""),
                "date": cell.get(f"{OFFICE}date-value", ""),
            }
            for cell in row.findall(f"{TABLE}table-cell")
        ]
        for row in sheet.findall(f"{TABLE}table-row")
    ]
    return sheet.get(f"{TABLE}name", ""), rows


def test_each_value_stands_where_hmrc_reads_it() -> None:
    lines = [make_line(), make_line(title="", given_on=date(2026, 2, 28), amount_minor=20000)]
    document = write_schedule(lines, overclaimed_minor=250)
    name, rows = read(document)
    assert name == "R68GAD_V1_00_0_EN"
    assert (rows[12][3]["date"], rows[12][3]["text"]) == ("2026-02-28", "28/02/26")
    assert (float(rows[16][3]["value"]), rows[16][3]["text"]) == (2.5, "2.50")
    first = [cell["text"] for cell in rows[FIRST_ROW]]
    assert first == ["", "1", "Mrs", "Ada", "House Martin", "12", "S19 2BD", "", "", "09/03/26", "12.50"]
    assert (rows[FIRST_ROW][9]["date"], float(rows[FIRST_ROW][10]["value"])) == ("2026-03-09", 12.5)
    assert [cell["text"] for cell in rows[FIRST_ROW + 1]][1:3] == ["2", ""]
    assert rows[FIRST_ROW + 1][10]["text"] == "200.00"
    assert len(rows) == FIRST_ROW + 2
    others = [cell["text"] for number, row in enumerate(rows[:FIRST_ROW]) if number not in (12, 16) for cell in row]
    assert not any(others)


def test_nothing_claimed_too_much_leaves_its_cell_empty() -> None:
    document = write_schedule([make_line()])
    assert [cell["text"] for cell in read(document)[1][16]] == [""]


def test_a_schedule_holds_a_thousand_lines_and_no_more() -> None:
    lines = [make_line(amount_minor=100 + number) for number in range(MOST_LINES + 1)]
    rows = read(write_schedule(lines[:-1]))[1]
    assert len(rows) - FIRST_ROW == MOST_LINES
    assert (rows[FIRST_ROW][COLUMN_B]["text"], rows[-1][COLUMN_B]["text"]) == ("1", "1000")
    assert sum(round(float(row[10]["value"]) * 100) for row in rows[FIRST_ROW:]) == sum(
        line.amount_minor for line in lines[:-1]
    )
    for wrong in (lines, []):
        with pytest.raises(ValueError, match="would not take"):
            write_schedule(wrong)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"first_name": ""}, Fault.FIRST_NAME_MISSING),
        ({"last_name": ""}, Fault.LAST_NAME_MISSING),
        ({"last_name": "Шевчук"}, Fault.NAME_LETTERS),
        ({"first_name": "A" * 36}, Fault.NAME_LONG),
        ({"house": ""}, Fault.HOUSE_MISSING),
        ({"house": "Будинок 5"}, Fault.HOUSE_LETTERS),
        ({"house": "x" * 41}, Fault.HOUSE_LONG),
        ({"postcode": "S192BD"}, Fault.POSTCODE),
        ({"postcode": ""}, Fault.POSTCODE),
        ({"amount_minor": 0}, Fault.AMOUNT),
    ],
)
def test_what_hmrc_would_refuse_is_found_here(change: dict[str, Any], fault: Fault) -> None:
    line = make_line(**change)
    assert line.faults() == [fault]
    with pytest.raises(ValueError, match="would not take"):
        write_schedule([make_line(), line])


def test_what_hmrc_takes_has_no_fault() -> None:
    assert make_line().faults() == []
    assert make_line(title="", last_name="Müller", postcode="X").faults() == []


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada Lovelace", ("", "Ada", "Lovelace")),
        ("Mrs. Ada King Lovelace", ("Mrs", "Ada King", "Lovelace")),
        ("Dr Ada House-Martin", ("Dr", "Ada", "House Martin")),
        ("Mx Ada", ("Mx", "Ada", "")),
        ("Ada", ("", "Ada", "")),
        ("Prof Ada B", ("Prof", "Ada", "B")),
    ],
)
def test_a_name_is_told_apart(name: str, parts: tuple[str, str, str]) -> None:
    assert split_name(name) == parts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("s192bd", "S19 2BD"),
        (" S19  2bd ", "S19 2BD"),
        ("sw1a-1aa", "SW1A 1AA"),
        ("m11ae", "M1 1AE"),
        ("12345", "12345"),
    ],
)
def test_a_postcode_gets_its_space(typed: str, kept: str) -> None:
    assert clean_postcode(typed) == kept
