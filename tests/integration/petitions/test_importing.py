"""A file of 10,000 rows with 300 bad ones: each is named with why, the others are stored, and nothing twice."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.addresses import mailbox_key
from campaign.core.database import db, transaction
from campaign.mail.models import OutboxMessage
from campaign.petitions import tally
from campaign.petitions.imports import jobs
from campaign.petitions.imports.rows import Kind
from campaign.petitions.models import (
    CommentState,
    ImportState,
    Listing,
    ListSubject,
    Origin,
    Signature,
    SignatureImport,
    SignatureState,
)
from campaign.petitions.screening.listing import add_entry
from campaign.settings import Settings, current_settings
from campaign.supporters.models import Subscription
from tests.factories import make_campaign, make_signature

ROWS, EACH = 10_000, 20
HEAD = "name,email,country,consent,signed_on,comment"
SAYS = {
    Kind.NO_NAME: "No name.",
    Kind.NAME_SIGNS: "The name is a link, an address or a formula.",
    Kind.NO_AT: "The email address has no @.",
    Kind.BAD_ADDRESS: "No email address that can be written to.",
    Kind.UNKNOWN_COUNTRY: "No country is called so; write a code like GB, or the English name.",
    Kind.NO_CONSENT: "No consent: the column says neither “yes” nor the like.",
    Kind.BAD_DATE: "No day; write 2026-03-12 or 12/03/2026, the day first.",
    Kind.FUTURE_DATE: "A day that is still to come.",
    Kind.COLUMNS: "More or fewer columns than the first line has.",
    Kind.CONTROL: "name: Control characters.",
    Kind.UNREADABLE: "name: Bytes that are no letters in the file’s encoding.",
    Kind.TOO_LONG: "comment: longer than 1000 characters.",
    Kind.THERE_ALREADY: "This address has signed here already.",
    Kind.WITHDRAWN: "This address has signed here, and asked us to take the signature out.",
    Kind.BLOCKED: "This address or its domain is on the list of blocked ones.",
}


def bad_row(kind: Kind, number: int) -> bytes:
    email, name = f"bad{kind.value}{number}@example.org", f"Bad Person{number}"
    rows = {
        Kind.NO_NAME: f" ,{email},GB,yes,,",
        Kind.NAME_SIGNS: f"see evil{number}.com,{email},GB,yes,,",
        Kind.NO_AT: f"{name},nobody{number},GB,yes,,",
        Kind.BAD_ADDRESS: f"{name},nobody{number}@,GB,yes,,",
        Kind.UNKNOWN_COUNTRY: f"{name},{email},Atlantis,yes,,",
        Kind.NO_CONSENT: f"{name},{email},GB,no,,",
        Kind.BAD_DATE: f"{name},{email},GB,yes,in March,",
        Kind.FUTURE_DATE: f"{name},{email},GB,yes,2999-01-01,",
        Kind.COLUMNS: f"{name},{email},GB",
        Kind.CONTROL: f"Bad\x07 Person,{email},GB,yes,,",
        Kind.TOO_LONG: f"{name},{email},GB,yes,,{'x' * 1001}",
        Kind.THERE_ALREADY: f"{name},There{number}@example.org,GB,yes,,",
        Kind.WITHDRAWN: f"{name},gone{number}@example.org,GB,yes,,",
        Kind.BLOCKED: f"{name},spam{number}@mail.blocked.example,GB,yes,,",
    }
    if kind is Kind.UNREADABLE:
        return f"B\u00e4d,{email},GB,yes,,".encode("cp1252")
    return rows[kind].encode()


def write_file(path: Path) -> dict[int, str]:
    """A file of good rows with bad ones at random places; gives line → what is to be said of it."""
    chance, said = random.Random(7), {}
    places = chance.sample(range(ROWS), EACH * len(SAYS))
    kinds = dict(zip(sorted(places), [kind for kind in SAYS for _ in range(EACH)], strict=True))
    with path.open("wb") as file:
        file.write(HEAD.encode() + b"\n")
        for number in range(ROWS):
            kind = kinds.get(number)
            if kind is None:
                row = f"Łucja Nr{number},person{number}@example.org,PL,yes,2026-03-05,".encode()
            else:
                row, said[number + 2] = bad_row(kind, number), SAYS[kind]
            file.write(row + b"\n")
    assert len(said) == 300
    return said


def prepare(campaign: Campaign, settings: Settings, path: Path) -> dict[int, str]:
    """The file, and those people in the database that it is about."""
    said = write_file(path)
    for line, sentence in said.items():
        number = line - 2
        if sentence == SAYS[Kind.THERE_ALREADY]:
            make_signature(campaign, email=f"there{number}@example.org", state=SignatureState.PENDING)
        elif sentence == SAYS[Kind.WITHDRAWN]:
            make_signature(campaign, email=f"gone{number}@example.org", state=SignatureState.WITHDRAWN)
    with transaction() as session:
        add_entry(
            session, campaign.id, Listing.BLOCKED, ListSubject.DOMAIN, "blocked.example", note="spam",
            hash_key=settings.hash_key, actor="test", now=clock.now(),
        )  # fmt: skip
    return said


@pytest.fixture
def storage(settings: Settings) -> Iterator[Path]:
    yield settings.storage
    shutil.rmtree(settings.storage / "imports", ignore_errors=True)


def rows_of(campaign: Campaign) -> int:
    db.session.rollback()
    query = select(func.count()).where(Signature.campaign_id == campaign.id, Signature.import_id.is_not(None))
    return db.session.scalar(query) or 0


def test_each_bad_line_is_named_and_the_others_are_stored_once(
    app: Flask, settings: Settings, storage: Path, tmp_path: Path
) -> None:
    campaign, other, path = make_campaign(), make_campaign(), tmp_path / "open-hands.csv"
    said = prepare(campaign, settings, path)
    make_signature(other, email="person0@example.org")  # who signed elsewhere has not signed this one
    expected = {f"line {line}: {sentence}" for line, sentence in said.items()}
    command = [
        "signatures",
        "import",
        campaign.slug,
        str(path),
        "--source",
        "Open Hands",
        "--collected-on",
        "2026-03-10",
    ]
    runner = app.test_cli_runner()

    tried = runner.invoke(args=[*command, "--dry-run"])
    assert tried.exit_code == 0, tried.output
    *told, summary = tried.stdout.splitlines()
    assert (set(told), len(told)) == (expected, 300)
    assert summary == "10000 rows: 9700 would be imported, 300 left out."
    assert rows_of(campaign) == 0
    assert db.session.scalars(select(SignatureImport)).all() == []

    done = runner.invoke(args=command)
    assert done.exit_code == 0, done.output
    *told, summary = done.stdout.splitlines()
    assert (set(told), len(told)) == (expected, 300)
    assert summary == "10000 rows: 9700 imported, 300 left out."
    assert rows_of(campaign) == 9_700
    counts = tally.counts(db.session(), campaign.id)
    assert counts[SignatureState.CONFIRMED] == 9_700

    again = runner.invoke(args=command)
    assert again.exit_code == 0, again.output
    assert again.stdout.splitlines()[-1] == "10000 rows: 0 imported, 10000 left out."
    assert rows_of(campaign) == 9_700
    assert tally.counts(db.session(), campaign.id) == counts
    with transaction() as session:
        assert all(before == now for before, now in tally.recount(session, campaign.id).values())
    _check_rows(campaign)


def _check_rows(campaign: Campaign) -> None:
    row = db.session.scalars(select(Signature).where(Signature.email == "person5000@example.org")).one()
    assert (row.name, row.name_folded, row.country) == ("Łucja Nr5000", "łucja nr5000", "PL")
    assert (row.state, row.origin, row.source) == (SignatureState.CONFIRMED, Origin.PARTNER, "")
    assert (str(row.created_at.date()), row.created_at) == ("2026-03-05", row.confirmed_at)
    assert (row.show_name, row.wants_updates, row.network_hash) == (False, False, None)
    assert row.email_domain == "example.org"
    assert row.mailbox_key == mailbox_key(current_settings().hash_key, "person5000@example.org")
    first = db.session.scalars(select(SignatureImport).order_by(SignatureImport.id)).first()
    assert first is not None
    assert (row.import_id, row.consent_version) == (first.id, f"import {first.public_id}")
    assert (first.state, first.rows_total, first.rows_good, first.rows_imported) == (
        ImportState.DONE,
        10_000,
        9_700,
        9_700,
    )
    assert (first.encoding, first.delimiter, first.source, str(first.collected_on)) == (
        "utf-8",
        ",",
        "Open Hands",
        "2026-03-10",
    )
    assert sum(first.findings.values()) == 300
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
    assert db.session.scalar(select(func.count()).select_from(Subscription)) == 0
    trail = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.object_id == first.public_id).order_by(AuditEntry.id)
    ).all()
    assert trail == ["import.requested", "import.checked", "import.started", "import.done"]


def test_the_same_address_twice_is_stored_once_in_whatever_spelling(app: Flask, storage: Path, tmp_path: Path) -> None:
    campaign, path = make_campaign(), tmp_path / "list.csv"
    path.write_text(
        "name;email;consent;country;comment\n"
        "Nobody;an.na@gmail.com;no;GB;\n"  # a bad row takes nobody's place
        "Anna;anna@gmail.com;yes;GB;Because.\n"
        "Anna A;an.na+x@googlemail.com;yes;GB;\n"
        "Anna B;ANNA@GMAIL.COM;yes;GB;\n"
    )
    done = app.test_cli_runner().invoke(args=["signatures", "import", campaign.slug, str(path)])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "line 2: No consent: the column says neither “yes” nor the like.",
        "line 4: The same address stands on line 3.",
        "line 5: The same address stands on line 3.",
        "4 rows: 1 imported, 3 left out.",
    ]
    row = db.session.scalars(select(Signature)).one()
    assert (row.name, row.email, row.comment, row.comment_state) == (
        "Anna", "anna@gmail.com", "Because.", CommentState.AWAITING,
    )  # fmt: skip
    [job] = db.session.scalars(select(SignatureImport)).all()
    assert (job.source, job.origin) == ("list", Origin.PARTNER)
    assert not jobs.rows_path(storage, job.public_id).exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "The file is empty."),
        ("name,email\nAnn,a@example.org\n", "missing: consent"),
        ("name,email,mail,consent\n", "Two columns mean the same: email"),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_a_sentence(
    app: Flask, storage: Path, tmp_path: Path, content: str, says: str
) -> None:
    campaign, path = make_campaign(), tmp_path / "list.csv"
    path.write_text(content)
    for more in ([], ["--dry-run"]):
        done = app.test_cli_runner().invoke(args=["signatures", "import", campaign.slug, str(path), *more])
        assert (done.exit_code, says in done.stderr) == (1, True), done.output
        assert "Traceback" not in done.output
    db.session.rollback()
    assert db.session.scalars(select(SignatureImport)).all() == []
    assert not any((storage / "imports").glob("*"))


def test_other_failures_are_sentences_too(app: Flask, storage: Path, tmp_path: Path) -> None:
    runner, path = app.test_cli_runner(), tmp_path / "list.csv"
    path.write_text("name,email,consent,country\nAnn,a@example.org,yes,GB\n")
    draft = make_campaign(state="draft", published_at=None)
    tries = [
        (["nothing", str(path)], 1, "There is no campaign nothing."),
        ([draft.slug, str(path)], 1, "Publish the campaign"),
        ([make_campaign().slug, str(path), "--country", "Atlantis"], 1, "is not a country code"),
        ([make_campaign().slug, str(path), "--collected-on", "2000-01-01"], 1, "Nobody signed on 2000-01-01;"),
        ([make_campaign().slug, "/nowhere.csv"], 2, "does not exist"),
    ]
    for args, code, says in tries:
        done = runner.invoke(args=["signatures", "import", *args])
        assert (done.exit_code, says in done.stderr) == (code, True), done.output
    assert db.session.scalars(select(Signature)).all() == []
