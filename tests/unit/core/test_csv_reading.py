"""Files as offices write them: encodings, delimiters, broken quotes, and what is no such file."""

from pathlib import Path

import pytest

from campaign.core.csv_reading import (
    LONGEST_LINE,
    LONGEST_RECORD,
    FileProblem,
    FileRefused,
    glance,
    look,
    records,
)
from campaign.petitions.imports.columns import WANTED, Column

HEAD = "name,email,consent"


def read(path: Path) -> list[tuple[int, list[str] | None]]:
    return [(record.line, record.cells) for record in records(path, look(path, WANTED))]


def write(folder: Path, content: bytes | str, encoding: str = "utf-8") -> Path:
    path = folder / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Олена Коваленко"), ("utf-8-sig", "Łukasz Żak"), ("utf-16", "李小龙"), ("utf-16-le", "Zoë"),
        ("utf-16-be", "Zoë"), ("cp1251", "Олена Коваленко"), ("cp1252", "Zoë Müller-Lüdenscheidt"),
        ("gb18030", "李小龙"), ("utf-8", "plain"),
    ],
)  # fmt: skip
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str, name: str) -> None:
    rows = "".join(
        f"{name} Нет,a{n}@example.org,yes\n" if "О" in name else f"{name},a{n}@example.org,yes\n" for n in range(30)
    )
    path = write(tmp_path, f"{HEAD}\n{rows}", encoding)
    found = read(path)
    assert len(found) == 30
    assert {cells[0].removesuffix(" Нет") for _line, cells in found if cells} == {name}


def test_the_encoding_is_found_out_from_many_names_and_can_be_said(tmp_path: Path) -> None:
    names = ["Łukasz Żak", "Małgorzata Wiśniewska", "Grażyna Błaszczyk", "Stanisław Gęś", "Paweł Ćwik", "Bożena Śląska"]
    rows = "".join(f"{name},a{n}@example.org,yes\n" for n, name in enumerate(names * 5))
    path = write(tmp_path, f"{HEAD}\n{rows}", "cp1250")
    assert [cells[0] for _line, cells in read(path)[:6] if cells] == names
    shape = look(path, WANTED, "cp1252")
    assert glance(path, shape, Column.NAME)[0] == "£ukasz ¯ak"


def test_some_broken_lines_do_not_make_a_file_another_encoding(tmp_path: Path) -> None:
    good = "".join(f"Zoë Müller,a{n}@example.org,yes\n" for n in range(10))
    path = write(tmp_path, f"{HEAD}\n{good}".encode() + "Zoë,b@example.org,yes\n".encode("cp1252"))
    found = read(path)
    assert look(path, WANTED).encoding == "utf-8"
    assert found[0] == (2, ["Zoë Müller", "a0@example.org", "yes"])
    assert found[-1][0] == 12
    assert "\ufffd" in found[-1][1][0]  # type: ignore[index]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str, end: str) -> None:
    lines = ["E-Mail", "Full_Name", "CONSENT", "Signed at"], ["a@example.org", "Ann, B; C", "yes", "2026-03-12"]
    content = end.join(
        delimiter.join(f'"{cell}"' if set(cell) & set(",;") else cell for cell in line) for line in lines
    )
    path = write(tmp_path, content + end)
    assert look(path, WANTED).delimiter == delimiter
    assert read(path) == [(2, ["a@example.org", "Ann, B; C", "yes", "2026-03-12"])]


def test_columns_are_known_by_many_names_in_any_order(tmp_path: Path) -> None:
    header = look(
        write(tmp_path, "Zip,Surname,first name,Colour, E-MAIL ,Agreed,Date signed,Country_Code\n"), WANTED
    ).header
    assert list(header.places) == [
        Column.POSTCODE, Column.LAST_NAME, Column.FIRST_NAME, Column.EMAIL, Column.CONSENT, Column.SIGNED_ON,
        Column.COUNTRY,
    ]  # fmt: skip
    assert header.ignored == ("Colour",)
    assert WANTED.missing(header.places) == ()


def test_a_row_over_several_lines_begins_on_its_first(tmp_path: Path) -> None:
    path = write(tmp_path, f'\n{HEAD}\n\n"Ann\nB",a@example.org,yes\n,,\n   \nBob,b@example.org,yes')
    assert read(path) == [(4, ["Ann\nB", "a@example.org", "yes"]), (8, ["Bob", "b@example.org", "yes"])]


def test_a_hint_for_excel_is_no_header(tmp_path: Path) -> None:
    assert read(write(tmp_path, "sep=;\nname;email;consent\nAnn;a@example.org;yes\n")) == [
        (3, ["Ann", "a@example.org", "yes"])
    ]


def test_a_quote_that_is_never_closed_costs_its_own_row_alone(tmp_path: Path) -> None:
    rest = "".join(f"Bob,b{n}@example.org,yes\n" for n in range(LONGEST_RECORD * 3))
    found = read(write(tmp_path, f'{HEAD}\n"Ann,a@example.org,yes\n{rest}'))
    assert found[0] == (2, None)
    assert [line for line, cells in found if cells] == list(range(3, 3 + LONGEST_RECORD * 3))
    at_the_end = read(
        write(tmp_path, f'{HEAD}\nBob,b@example.org,yes\n"Ann,a@example.org,yes\nCarl,c@example.org,yes\n')
    )
    assert at_the_end == [(2, ["Bob", "b@example.org", "yes"]), (3, None), (4, ["Carl", "c@example.org", "yes"])]


def test_a_quote_in_the_wrong_place_costs_its_own_row_alone(tmp_path: Path) -> None:
    found = read(write(tmp_path, f'{HEAD}\n"Ann"x,a@example.org,yes\n"B ""Bob"" C",b@example.org,yes\n'))
    assert found == [(2, None), (3, ['B "Bob" C', "b@example.org", "yes"])]


def test_a_line_without_end_is_cut_and_the_next_one_read(tmp_path: Path) -> None:
    for quoted in ("", '"'):
        path = write(tmp_path, f"{HEAD}\n{quoted}{'x' * LONGEST_LINE * 3}\nBob,b@example.org,yes\n")
        found = read(path)
        assert [line for line, _cells in found] == [2, 3]
        assert found[1] == (3, ["Bob", "b@example.org", "yes"])
        assert all(len(cell) <= LONGEST_LINE + 1 for cell in found[0][1] or [])


def test_a_zero_byte_stays_in_its_row(tmp_path: Path) -> None:
    assert read(write(tmp_path, f"{HEAD}\nAnn\x00,a@example.org,yes\nBob,b@example.org,yes\n")) == [
        (2, ["Ann\x00", "a@example.org", "yes"]), (3, ["Bob", "b@example.org", "yes"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "problem", "columns"),
    [
        (b"", FileProblem.EMPTY, ()),
        (b"\n \n", FileProblem.EMPTY, ()),
        (b"PK\x03\x04 workbook", FileProblem.SPREADSHEET, ()),
        (b"name,email\nAnn,a@example.org\n", FileProblem.COLUMNS_MISSING, (Column.CONSENT,)),
        (b"first_name,consent\n", FileProblem.COLUMNS_MISSING, (Column.NAME, Column.EMAIL)),
        (b"Ann,a@example.org,yes\n", FileProblem.COLUMNS_MISSING, (Column.NAME, Column.EMAIL, Column.CONSENT)),
        (b"name,mail,email,consent\n", FileProblem.COLUMN_TWICE, (Column.EMAIL,)),
        (bytes(range(256)) * 40, FileProblem.NOT_TEXT, ()),
    ],
)
def test_what_is_no_such_file_is_refused(
    tmp_path: Path, content: bytes, problem: FileProblem, columns: tuple[Column, ...]
) -> None:
    with pytest.raises(FileRefused) as refused:
        look(write(tmp_path, content), WANTED)
    assert (refused.value.problem, refused.value.columns) == (problem, columns)
