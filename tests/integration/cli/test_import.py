"""Importing signatures from a file: every bad line is named with its reason, the others come in, and nobody twice."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.cli.imports import SENTENCES
from campaign.core.database import db
from campaign.petitions import tally
from campaign.petitions.imports.checking import Finding
from campaign.petitions.models import ImportState, Origin, Signature, SignatureImport, SignatureState
from tests.factories import make_campaign, make_signature

COLUMNS = ["name", "email", "country", "postcode", "comment", "show_name", "consent", "signed_at"]
F = Finding


def good(number: int) -> list[str]:
    return [f"Олена {number}", f"person{number}@example.org", "UA", "", "", "", "yes", "2026-03-01"]


def change(**fields: str) -> Callable[[list[str]], list[str]]:
    return lambda row: [fields.get(name, value) for name, value in zip(COLUMNS, row, strict=True)]


BAD: list[tuple[Finding, Callable[[list[str]], list[str]]]] = [
    (F.COLUMNS, lambda row: row[:-1]),
    (F.UNREADABLE, change(name="O\x00lena")),
    (F.NAME_MISSING, change(name=" ")),
    (F.NAME_REFUSED, change(name="=cmd()")),
    (F.NAME_LONG, change(name="O" * 101)),
    (F.ADDRESS_MISSING, change(email="")),
    (F.ADDRESS_REFUSED, change(email="olena")),
    (F.COUNTRY, change(country="Atlantis")),
    (F.POSTCODE_LONG, change(postcode="1" * 17)),
    (F.COMMENT_LONG, change(comment="x" * 1001)),
    (F.CONSENT, change(consent="no")),
    (F.DAY, change(signed_at="01/03/2026")),
    (F.DAY_AHEAD, change(signed_at="2999-01-01")),
    (F.TWICE, change(email="person1@example.org")),
    (F.KNOWN, lambda row: [row[0], row[1].replace("person", "known"), *row[2:]]),
    (F.WITHDRAWN, lambda row: [row[0], row[1].replace("person", "withdrawn"), *row[2:]]),
]
STATES = {F.KNOWN: SignatureState.CONFIRMED, F.WITHDRAWN: SignatureState.WITHDRAWN}


def write(path: Path, rows: list[list[str]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([COLUMNS, *rows])
    return path


def run(app: Flask, campaign: Campaign, path: Path, *more: str) -> Result:
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=["signatures", "import", campaign.slug, str(path), *more])
    db.session.rollback()
    return result


def confirmed(campaign: Campaign) -> tuple[int, int]:
    """As counted, and as rows."""
    counted = tally.counts(db.session(), campaign.id)[SignatureState.CONFIRMED]
    rows = select(func.count()).where(Signature.campaign_id == campaign.id, Signature.state == SignatureState.CONFIRMED)
    return counted, db.session.scalar(rows) or 0


def told(result: Result) -> list[str]:
    return [line for line in result.stdout.splitlines() if line.startswith("line ")]


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()


@pytest.mark.parametrize("rows", [10_000])
def test_each_bad_line_is_named_and_the_others_come_in_once(
    app: Flask, campaign: Campaign, tmp_path: Path, rows: int
) -> None:
    bad_lines = {3 + number * (rows // 310): BAD[number % len(BAD)] for number in range(300)}
    assert len(bad_lines) == 300
    content, expected = [], []
    for line in range(2, rows + 2):
        finding, spoil = bad_lines.get(line, (None, None))
        content.append(spoil(good(line)) if spoil else good(line - 1))
        if finding:
            expected.append(f"line {line}: {SENTENCES[finding]}")
        if finding in STATES:
            make_signature(campaign, email=content[-1][1], state=STATES[finding])
    path = write(tmp_path / "list.csv", content)
    dry = run(app, campaign, path, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert sorted(told(dry)) == sorted(expected)
    assert f"{rows} rows: {rows - 300} would be imported, 300 left out." in dry.stdout
    there = confirmed(campaign)[0]
    assert confirmed(campaign) == (18, 18)
    assert db.session.scalar(select(func.count()).select_from(SignatureImport)) == 0
    first = run(app, campaign, path)
    assert sorted(told(first)) == sorted(expected)
    assert f"{rows - 300} imported, 300 left out." in first.stdout
    assert confirmed(campaign) == (there + rows - 300, there + rows - 300)
    again = run(app, campaign, path)
    assert f"{rows} rows: 0 imported, {rows} left out." in again.stdout
    assert confirmed(campaign) == (there + rows - 300, there + rows - 300)


def test_what_comes_in_is_marked_dated_and_in_the_trail(app: Flask, campaign: Campaign, tmp_path: Path) -> None:
    row = ["Ada Lovelace", "ada@example.org", "", "s19 2bd", "Soon.", "yes", "YES", ""]
    path = write(tmp_path / "list.csv", [row])
    result = run(app, campaign, path, "--source", "Open Hands", "--origin", "paper", "--collected-on", "2026-03-05")
    assert result.exit_code == 0, result.output
    (brought,) = db.session.scalars(select(SignatureImport))
    assert (brought.state, brought.rows_imported, brought.source) == (ImportState.DONE, 1, "Open Hands")
    signature = db.session.scalars(select(Signature).where(Signature.import_id == brought.id)).one()
    assert (signature.origin, signature.state, signature.country) == (Origin.PAPER, SignatureState.CONFIRMED, "GB")
    assert (signature.postcode, signature.show_name, signature.wants_updates) == ("S19 2BD", True, False)
    assert signature.created_at.date().isoformat() == "2026-03-05"
    assert signature.email_domain == "example.org"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "signatures.imported")).one()
    assert (entry.details["imported"], entry.details["rows"]) == (1, 1)
    assert "ada" not in str(entry.details).lower().replace(brought.sha256, "")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (("utf-8-sig", ","), "Олена Шевчук"),
        (("cp1252", ";"), "José Müller"),
        (("utf-16", "\t"), "عمر الشامي"),
        (("utf-8", "|"), "李小龍"),
    ],
)
def test_encoding_and_delimiter_are_found_out(
    app: Flask, campaign: Campaign, tmp_path: Path, written: tuple[str, str], name: str
) -> None:
    rows = [[f"{name} {number}", *good(number)[1:]] for number in range(30)]
    path = write(tmp_path / "list.csv", rows, encoding=written[0], delimiter=written[1])
    result = run(app, campaign, path)
    assert "30 rows: 30 imported, 0 left out." in result.stdout, result.output
    names = set(db.session.scalars(select(Signature.name).where(Signature.import_id.is_not(None))))
    assert names == {row[0] for row in rows}


def test_broken_bytes_spoil_their_own_row_only(app: Flask, campaign: Campaign, tmp_path: Path) -> None:
    path = write(tmp_path / "list.csv", [good(number) for number in range(1, 6)])
    path.write_bytes(path.read_bytes().replace("Олена 3".encode(), b"Ol\xffna"))
    result = run(app, campaign, path)
    assert told(result) == [f"line 4: {SENTENCES[F.UNREADABLE]}"]
    assert "4 imported" in result.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("name,email\nAda,a@example.org\n", "consent"),
        ("name,email,consent,name\n", "twice"),
    ],
)
def test_what_is_no_such_table_is_said_in_a_sentence(
    app: Flask, campaign: Campaign, tmp_path: Path, content: str, words: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(content)
    result = run(app, campaign, path)
    assert result.exit_code != 0
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert run(app, make_campaign(), tmp_path / "nothing.csv").exit_code != 0


def test_an_unknown_campaign_is_said(app: Flask, tmp_path: Path) -> None:
    path = write(tmp_path / "list.csv", [good(1)])
    result: Any = app.test_cli_runner().invoke(args=["signatures", "import", "nothing", str(path)])
    assert (result.exit_code, "There is no campaign nothing." in result.stderr) == (1, True)
