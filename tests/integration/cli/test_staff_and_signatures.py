"""`flask staff create`, `flask signatures export` and `recount`, as somebody at the machine uses them."""

import codecs
import csv
import io
import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.core.database import db, transaction
from campaign.petitions import tally
from campaign.petitions.models import SignatureState, TallyDelta
from campaign.staff.models import Role, StaffUser
from tests.factories import counted, make_campaign, make_signature

PASSWORD = "four unrelated words here"


def test_staff_create_adds_a_person_with_a_role(app: Flask) -> None:
    done = app.test_cli_runner().invoke(
        args=["staff", "create", "Ana@Lantern.example", "--role", "moderator", "--password-stdin"],
        input=PASSWORD + "\n",
    )
    assert (done.exit_code, done.output) == (0, "ana@lantern.example may sign in as moderator.\n")
    person = db.session.scalars(select(StaffUser)).one()
    assert person.roles_for(None) == {Role.MODERATOR}
    assert person.roles_everywhere() == {Role.MODERATOR}


@pytest.mark.parametrize(
    ("email", "password", "says"),
    [
        ("ana@lantern.example", "fourteen chars", "at least 15 characters"),
        ("ana@lantern.example", "aaaaaaaaaaaaaaaaaaaa", "repeats"),
        ("ana@lantern.example", "x" * 300, "at most"),
        ("no address", PASSWORD, "not a mail address"),
        ("there@lantern.example", PASSWORD, "there already"),
    ],
)
def test_staff_create_refuses_with_a_sentence(app: Flask, email: str, password: str, says: str) -> None:
    runner = app.test_cli_runner()
    first = ["staff", "create", "there@lantern.example", "--role", "editor", "--password-stdin"]
    assert runner.invoke(args=first, input=PASSWORD).exit_code == 0
    done = runner.invoke(args=["staff", "create", email, "--role", "editor", "--password-stdin"], input=password)
    assert done.exit_code == 1
    assert says in done.stderr
    assert "Traceback" not in done.output
    assert len(db.session.scalars(select(StaffUser)).all()) == 1


def test_signatures_export_writes_the_same_columns_as_csv_and_json(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign()
    make_signature(campaign, name="Олена К", email="olena@example.org", postcode="ZZ99 9ZZ")
    make_signature(campaign, state=SignatureState.HELD, name="Held Person")
    make_signature(make_campaign(), name="Other Campaign")
    runner = app.test_cli_runner()
    as_csv = runner.invoke(args=["signatures", "export", campaign.slug, "--format", "csv", "--output", "-"])
    assert not as_csv.stdout_bytes.startswith(codecs.BOM_UTF8)  # programs read this, and some take the mark for text
    assert as_csv.stdout_bytes.startswith(b'"name",')
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert [row["name"] for row in rows] == ["Олена К"]
    assert "email" not in rows[0]
    target = tmp_path / "list.json"
    args = ["signatures", "export", campaign.slug, "--format", "json", "--include-addresses", "--output", str(target)]
    assert runner.invoke(args=args).exit_code == 0
    found = json.loads(target.read_text())
    assert [(row["name"], row["email"], row["postcode"]) for row in found] == [
        ("Олена К", "olena@example.org", "ZZ99 9ZZ")
    ]
    assert set(rows[0]) == set(found[0]) - {"email", "postcode"}
    trail = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "signatures.exported").order_by(AuditEntry.id)
    ).all()
    assert [entry.details["include_addresses"] for entry in trail] == [False, True]


def test_signatures_export_of_nothing_is_still_a_list(app: Flask) -> None:
    campaign = make_campaign()
    done = app.test_cli_runner().invoke(args=["signatures", "export", campaign.slug, "--format", "json"])
    assert json.loads(done.stdout) == []


def test_signatures_export_fails_with_a_sentence(app: Flask) -> None:
    runner = app.test_cli_runner()
    unknown = runner.invoke(args=["signatures", "export", "nothing", "--format", "csv"])
    assert (unknown.exit_code, unknown.stderr) == (1, "Error: There is no campaign nothing.\n")
    args = ["signatures", "export", make_campaign().slug, "--format", "csv", "--output", "/nowhere/list.csv"]
    failed = runner.invoke(args=args)
    assert failed.exit_code == 1
    assert "could not be written" in failed.stderr


def test_recount_puts_a_false_tally_right(app: Flask) -> None:
    campaign = make_campaign()
    signature = make_signature(campaign)
    with transaction() as session:
        session.add(TallyDelta(**counted(signature)))
    assert tally.counts(db.session(), campaign.id)[SignatureState.CONFIRMED] == 2
    done = app.test_cli_runner().invoke(args=["signatures", "recount"])
    assert f"{campaign.slug} confirmed: 1 (was counted as 2)" in done.output
    db.session.rollback()
    assert tally.counts(db.session(), campaign.id)[SignatureState.CONFIRMED] == 1
