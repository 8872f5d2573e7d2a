"""One row at a time: what is taken, how it is cleaned, and each thing that may be wrong with it."""

from datetime import date
from typing import Any

import pytest

from campaign.core.addresses import address_key
from campaign.core.csv_reading import Record
from campaign.petitions.imports.columns import WANTED
from campaign.petitions.imports.rows import Candidate, Kind, Rules, check_row

KEY = "k" * 32
COLUMNS = ["name", "email", "consent", "country", "postcode", "comment", "show_name", "signed_on", "colour"]
GOOD = {"name": "Олена Коваленко", "email": "Olena.K@Example.org", "consent": "yes", "country": "UA"}


def check(**cells: str) -> Any:
    row = GOOD | cells
    rules = Rules(WANTED.read_header(COLUMNS), "", date(2026, 3, 1), date(2024, 3, 1), date(2026, 3, 12), KEY)
    return check_row(Record(7, [row.get(column, "") for column in COLUMNS]), rules)


def test_a_good_row_is_cleaned_and_kept_as_typed() -> None:
    found = check(
        name="  Олена\u202e   Коваленко ", postcode=" zz99 9zz", comment=" Two\r\nlines. ", show_name="X",
        signed_on="12.3.2026",
    )  # fmt: skip
    assert isinstance(found, Candidate)
    assert (found.line, found.name, found.email, found.country) == (7, "Олена Коваленко", "Olena.K@Example.org", "UA")
    assert (found.postcode, found.comment, found.show_name) == ("ZZ99 9ZZ", "Two\nlines.", True)
    assert found.signed_on == date(2026, 3, 12)
    assert found.email_key == address_key(KEY, "olena.k@example.org")
    assert check().signed_on == date(2026, 3, 1)
    assert check().show_name is False


@pytest.mark.parametrize("typed", ["yes", "Y", "TRUE", "1", "x", " Yes ", "так", "✓"])
def test_consent_is_a_word_that_says_yes(typed: str) -> None:
    assert isinstance(check(consent=typed), Candidate)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("gb", "GB"), ("United Kingdom", "GB"), ("UK", "GB"), ("poland", "PL"), ("  Côte  d’Ivoire", "CI"), ("Usa", "US")],
)
def test_a_country_is_a_code_or_a_name(typed: str, code: str) -> None:
    assert check(country=typed).country == code


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-03-05", date(2026, 3, 5)), ("2026-03-05 14:30", date(2026, 3, 5)), ("05/03/2026", date(2026, 3, 5)),
        ("2026-03-05T14:30:00Z", date(2026, 3, 5)), ("5.3.2026", date(2026, 3, 5)),
    ],
)  # fmt: skip
def test_days_are_read_with_the_day_first(typed: str, day: date) -> None:
    assert check(signed_on=typed).signed_on == day


BAD = [
    ({"consent": ""}, [Kind.NO_CONSENT]),
    ({"consent": "no"}, [Kind.NO_CONSENT]),
    ({"consent": "maybe yes"}, [Kind.NO_CONSENT]),
    ({"name": ""}, [Kind.NO_NAME]),
    ({"name": "123 -"}, [Kind.NO_NAME]),
    ({"name": "Ann\nBcc: x"}, [Kind.NAME_LINES]),
    ({"name": "see evil.com"}, [Kind.NAME_SIGNS]),
    ({"name": "=HYPERLINK(1)"}, [Kind.NAME_SIGNS]),
    ({"name": "ann@example.org"}, [Kind.NAME_SIGNS]),
    ({"name": "x" * 101}, [Kind.TOO_LONG]),
    ({"email": ""}, [Kind.NO_ADDRESS]),
    ({"email": "olena example.org"}, [Kind.NO_AT]),
    ({"email": "olena@"}, [Kind.BAD_ADDRESS]),
    ({"email": "a@b@c.org"}, [Kind.BAD_ADDRESS]),
    ({"email": "x" * 250 + "@example.org"}, [Kind.BAD_ADDRESS]),
    ({"country": ""}, [Kind.NO_COUNTRY]),
    ({"country": "Atlantis"}, [Kind.UNKNOWN_COUNTRY]),
    ({"country": "ZZ"}, [Kind.UNKNOWN_COUNTRY]),
    ({"postcode": "x" * 17}, [Kind.TOO_LONG]),
    ({"comment": "x" * 1001}, [Kind.TOO_LONG]),
    ({"signed_on": "yesterday"}, [Kind.BAD_DATE]),
    ({"signed_on": "2026-02-30"}, [Kind.BAD_DATE]),
    ({"signed_on": "03/25/2026"}, [Kind.BAD_DATE]),
    ({"signed_on": "٠٥/٠٣/٢٠٢٦"}, [Kind.BAD_DATE]),
    ({"signed_on": "1026-03-05"}, [Kind.EARLY_DATE]),
    ({"signed_on": "2024-02-29"}, [Kind.EARLY_DATE]),
    ({"signed_on": "2026-03-13"}, [Kind.FUTURE_DATE]),
    ({"name": "An\x07n"}, [Kind.CONTROL]),
    ({"name": "Ann\x00"}, [Kind.CONTROL]),
    ({"email": "\x00@example.org"}, [Kind.CONTROL]),
    ({"comment": "a\ufffdb"}, [Kind.UNREADABLE]),
    ({"name": "", "email": "x", "consent": "", "country": "?", "signed_on": "?"}, [
        Kind.NO_CONSENT, Kind.NO_NAME, Kind.NO_AT, Kind.UNKNOWN_COUNTRY, Kind.BAD_DATE,
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "kinds"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_a_bad_row_says_all_that_is_wrong(cells: dict[str, str], kinds: list[Kind]) -> None:
    found = check(**cells)
    assert [finding.kind for finding in found] == kinds
    assert {finding.line for finding in found} == {7}


def test_columns_that_are_left_alone_may_hold_anything() -> None:
    assert isinstance(check(colour="=1+1\x07\ufffd" + "x" * 5000), Candidate)


def test_first_and_last_name_make_a_name() -> None:
    rules = Rules(
        WANTED.read_header(["surname", "first name", "email", "consent"]),
        "GB",
        date(2026, 3, 1),
        date(2024, 3, 1),
        date(2026, 3, 12),
        KEY,
    )
    found = check_row(Record(2, ["Łoś", "Anna", "a@example.org", "yes"]), rules)
    assert isinstance(found, Candidate)
    assert (found.name, found.country) == ("Anna Łoś", "GB")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [(None, Kind.BROKEN), (["a"], Kind.COLUMNS), ([*["x"] * len(COLUMNS), "more"], Kind.COLUMNS)],
)
def test_a_row_of_another_shape_is_not_read_at_all(cells: list[str] | None, kind: Kind) -> None:
    rules = Rules(WANTED.read_header(COLUMNS), "", date(2026, 3, 1), date(2024, 3, 1), date(2026, 3, 12), KEY)
    [finding] = check_row(Record(3, cells), rules)  # type: ignore[misc]
    assert (finding.line, finding.kind) == (3, kind)


def test_empty_cells_too_many_are_no_matter() -> None:
    rules = Rules(WANTED.read_header(COLUMNS), "", date(2026, 3, 1), date(2024, 3, 1), date(2026, 3, 12), KEY)
    cells = [GOOD.get(column, "") for column in COLUMNS]
    assert isinstance(check_row(Record(3, [*cells, "", " "]), rules), Candidate)
