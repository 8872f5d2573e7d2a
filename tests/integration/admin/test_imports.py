"""Imports as admins make them: a file comes in after the gate, is looked through, and stored once somebody says so."""

import csv
import io
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions.imports import jobs, working
from campaign.petitions.imports.columns import WANTED
from campaign.petitions.imports.jobs import CHECKED_LIFE, FINDINGS_LIFE, LEASE
from campaign.petitions.imports.working import MOST_ATTEMPTS
from campaign.petitions.models import ImportState, Signature, SignatureImport
from campaign.settings import Settings
from campaign.staff.models import Role
from campaign.worker import imports as worker
from campaign.worker.imports import sweep_imports, work_on_imports
from tests.conftest import BASE_URL
from tests.factories import make_campaign, make_demand, make_signature
from tests.integration.admin.conftest import Browser, SignIn

HEAD = "name,email,consent,country\n"
ROWS = HEAD + "".join(f"Person {n},signer{n}@example.org,yes,GB\n" for n in range(5))
MIXED = ROWS + "Nobody,nobody,yes,GB\n<b>Bad</b> evil.com,b@example.org,no,GB\n"
FIELDS = {"origin": "partner", "source": "Open <Hands>", "collected_on": "2026-03-10", "consent": "I sign <this>."}


@pytest.fixture
def storage(settings: Settings) -> Iterator[Path]:
    yield settings.storage
    for name in ("imports", "uploads"):
        shutil.rmtree(settings.storage / name, ignore_errors=True)


def bring(browser: Browser, campaign: Campaign, content: str | bytes = MIXED, **fields: Any) -> Any:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    given = FIELDS | {"file": (file, "..\\list <1>.csv")} | fields
    sent = {name: value for name, value in given.items() if value is not None}
    answer = browser.post(f"/admin/campaigns/{campaign.slug}/imports", sent, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def the_import() -> SignatureImport:
    db.session.rollback()
    return db.session.scalars(select(SignatureImport).order_by(SignatureImport.id.desc())).first()


def page_of(campaign: Campaign, job: SignatureImport) -> str:
    return f"/admin/campaigns/{campaign.slug}/imports/{job.public_id}"


def press(browser: Browser, campaign: Campaign, action: str) -> int:
    answer = browser.post(page_of(campaign, the_import()), {"action": action}, token=browser.token("/admin/"))
    db.session.rollback()
    status: int = answer.status_code
    return status


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Signature.import_id.is_not(None))) or 0


def actions() -> list[str]:
    db.session.rollback()
    query = select(AuditEntry.action).where(AuditEntry.object_type == "import").order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def test_a_file_is_brought_looked_through_and_stored(
    sign_in: SignIn, settings: Settings, storage: Path, client: FlaskClient
) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    make_signature(campaign)
    brought = bring(browser, campaign)
    job = the_import()
    assert (brought.status_code, brought.headers["Location"]) == (303, page_of(campaign, job))
    assert "being looked through" in browser.get(page_of(campaign, job)).text
    assert work_on_imports(settings) == 1
    page = browser.get(page_of(campaign, job)).text
    assert "5 of 7 lines can be stored." in page
    assert "Store 5 signatures" in page
    assert '<th scope="row" class="num">7</th><td>The email address has no @.</td>' in page
    assert "No consent" in page
    assert "Person 0" in page  # a few names, to see that the letters are right
    assert "nobody" not in page
    assert "list &lt;1&gt;.csv" in page
    assert stored() == 0
    assert press(browser, campaign, "start") == 303
    assert work_on_imports(settings) == 1
    assert "5 signatures were stored." in browser.get(page_of(campaign, job)).text
    assert stored() == 5
    assert not jobs.rows_path(storage, job.public_id).exists()
    assert (
        "5 with a partner: Open &lt;Hands&gt;, counted on 10 March." in client.get(f"/campaigns/{campaign.slug}").text
    )
    row = db.session.scalars(select(Signature).where(Signature.email == "signer0@example.org")).one()
    one = sign_in(Role.MODERATOR).get(f"/admin/campaigns/{campaign.slug}/signatures/{row.id}").text
    assert "<bdi>Open &lt;Hands&gt;</bdi>" in one
    assert "Version 1 of the demand" in one
    assert actions() == ["import.requested", "import.checked", "import.started", "import.done"]
    first = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import.requested")).one()
    assert (first.details["consent"], first.details["sha256"]) == ("I sign <this>.", job.sha256)
    assert work_on_imports(settings) == 0


def test_the_findings_can_be_had_as_a_file(sign_in: SignIn, settings: Settings, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    bring(browser, campaign)
    path = f"{page_of(campaign, the_import())}/findings"
    assert browser.get(path).status_code == 404
    work_on_imports(settings)
    answer = browser.get(path)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["line"], row["column"]) for row in rows] == [("7", "email"), ("8", "consent"), ("8", "name")]
    assert answer.text.splitlines()[1].startswith('"7","email","')
    assert rows[0]["why"] == "The email address has no @."
    assert "example.org" not in answer.text
    with time_machine.travel(clock.now() + FINDINGS_LIFE, tick=True):
        late = Browser(browser.app)
        late.sign_in("admin@lantern.example")
        work_on_imports(settings)
        assert late.get(path).status_code == 410


def test_many_findings_come_in_pages(
    sign_in: SignIn, settings: Settings, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    monkeypatch.setattr("campaign.admin.imports.FINDINGS_A_PAGE", 3)
    bring(browser, campaign, HEAD + "".join(f"Person,nobody{n},yes,GB\n" for n in range(7)))
    work_on_imports(settings)
    address, lines = page_of(campaign, the_import()), []
    for _ in range(3):
        page = browser.get(address).text
        lines += [line.partition("<")[0] for line in page.split('<th scope="row" class="num">')[1:]]
        address = page.partition('<a href="')[0] and next(
            (
                part.split('"')[0].replace("&amp;", "&")
                for part in page.split('<a href="')
                if 'rel="next"' in part[:300]
            ),
            "",
        )
    assert lines == [str(number) for number in range(2, 9)]
    assert address == ""


def test_the_wording_the_encoding_and_the_country_are_kept(sign_in: SignIn, settings: Settings, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    first = make_signature(campaign).demand_id
    make_demand(campaign)
    content = "name;email;consent\nŁukasz Żak;l@example.org;yes\n".encode("cp1250")
    bring(browser, campaign, content, version="1", encoding="cp1250", country="PL", origin="paper")
    work_on_imports(settings)
    assert press(browser, campaign, "start") == 303
    work_on_imports(settings)
    row = db.session.scalars(select(Signature).where(Signature.import_id.is_not(None))).one()
    assert (row.name, row.country, row.demand_id, row.origin) == ("Łukasz Żak", "PL", first, "paper")
    assert (the_import().encoding, the_import().delimiter) == ("cp1250", ";")


BAD = [
    ({"file": None}, "Choose a file."), ({"source": ""}, "Write who collected them"),
    ({"consent": ""}, "Write what people agreed to"), ({"collected_on": ""}, "Enter the day"),
    ({"collected_on": "2999-01-01"}, "Enter a day that has been."), ({"collected_on": "2000-01-01"}, "at most two years"),
    ({"origin": "online"}, "Choose paper or a partner."),
    ({"country": "XX"}, "Choose a country"), ({"version": "9"}, "Choose a version"),
    ({"encoding": "rot13"}, "Choose an encoding"),
]  # fmt: skip


def test_a_bad_form_asks_again_and_keeps_nothing(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for fields, says in BAD:
        answer = bring(browser, campaign, **fields)
        assert (answer.status_code, says in answer.text) == (422, True), fields
    draft = make_campaign(state="draft", published_at=None)
    answer = bring(browser, draft)
    assert (answer.status_code, "Publish the campaign first" in answer.text) == (422, True)
    assert the_import() is None
    assert not any((storage / "imports").glob("*"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty."), (b"PK\x03\x04...", "This is a spreadsheet."),
        (b"name,email\n", "missing: consent"), (b"name,email,mail,consent\n", "Two columns mean the same: email"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_so(
    sign_in: SignIn, settings: Settings, storage: Path, content: bytes, says: str
) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    bring(browser, campaign, content)
    assert work_on_imports(settings) == 1
    assert the_import().state is ImportState.FAILED
    assert says in browser.get(page_of(campaign, the_import())).text
    assert work_on_imports(settings) == 0


def test_an_import_can_be_stopped_and_started_once_only(sign_in: SignIn, settings: Settings, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    bring(browser, campaign)
    assert press(browser, campaign, "start") == 409  # it has not been looked through
    work_on_imports(settings)
    assert press(browser, campaign, "nonsense") == 422
    assert press(browser, campaign, "start") == 303
    assert press(browser, campaign, "start") == 409
    assert press(browser, campaign, "cancel") == 303
    assert press(browser, campaign, "cancel") == 409
    assert work_on_imports(settings) == 0
    assert (the_import().state, stored()) == (ImportState.CANCELLED, 0)
    age(storage)
    assert sweep_imports(storage) == 1
    assert not jobs.rows_path(storage, the_import().public_id).exists()


def age(storage: Path) -> None:
    """As if the folders had been there for an hour."""
    for path in (storage / "imports").iterdir():
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 3600))


def test_a_stop_reaches_a_worker_that_is_at_it(
    sign_in: SignIn, settings: Settings, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    monkeypatch.setattr("campaign.petitions.imports.storing.BATCH", 2)
    bring(browser, campaign, ROWS)
    work_on_imports(settings)
    press(browser, campaign, "start")
    noted = working.note_stored

    def note_and_cancel(session: Any, job: SignatureImport, **more: Any) -> bool:
        if job.rows_done == 2:  # somebody presses the button between two batches
            jobs.cancel(session, job, actor="somebody", now=clock.now())
            return noted(session, job, **more)
        return noted(session, job, **more)

    monkeypatch.setattr(working, "note_stored", note_and_cancel)
    work_on_imports(settings)
    assert stored() == 2  # the batch that was under way was taken back with it


def test_a_file_that_nobody_decides_about_is_deleted_after_a_day(
    sign_in: SignIn, settings: Settings, storage: Path
) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    bring(browser, campaign)
    work_on_imports(settings)
    age(storage)
    assert sweep_imports(storage) == 0
    with time_machine.travel(clock.now() + CHECKED_LIFE + timedelta(minutes=1), tick=True):
        assert work_on_imports(settings) == 1
        assert the_import().state is ImportState.EXPIRED
        assert not any((storage / "imports").iterdir())
        late = Browser(browser.app)
        late.sign_in("admin@lantern.example")
        assert press(late, campaign, "start") == 409
        assert work_on_imports(settings) == 0
    assert actions()[-1] == "import.expired"


def test_a_worker_goes_on_where_a_killed_one_was(
    sign_in: SignIn, settings: Settings, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the check and in the run, each after its first batch."""
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for room in ("checking", "storing"):
        monkeypatch.setattr(f"campaign.petitions.imports.{room}.BATCH", 3)
    twice = ROWS + "Again,signer0@example.org,yes,GB\n"
    bring(browser, campaign, twice)
    monkeypatch.setattr(worker, "SLICE_SECONDS", 0)  # one batch, and no more

    def killed() -> None:
        with transaction() as session:  # as it left it: its lease still runs, and nobody gave it back
            job = session.scalars(select(SignatureImport)).one()
            job.available_at, job.attempts = clock.now() + LEASE, job.attempts + 1

    for state, after in ((ImportState.CHECKING, ImportState.CHECKED), (ImportState.RUNNING, ImportState.DONE)):
        assert the_import().state is state
        assert work_on_imports(settings) == 1
        assert the_import().rows_done == 3
        killed()
        assert work_on_imports(settings) == 0
        with time_machine.travel(clock.now() + LEASE + timedelta(seconds=1), tick=True):
            while the_import().state is state:
                assert work_on_imports(settings) == 1
        assert the_import().state is after
        if after is ImportState.CHECKED:
            assert (the_import().rows_total, the_import().rows_good, the_import().findings) == (
                6,
                5,
                {"twice_in_file": 1},
            )
            press(browser, campaign, "start")
    assert (stored(), the_import().rows_imported) == (5, 5)


def test_a_slow_worker_that_lost_its_lease_stores_nothing_more(
    sign_in: SignIn, settings: Settings, storage: Path
) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    bring(browser, campaign, ROWS)
    work_on_imports(settings)
    press(browser, campaign, "start")
    with transaction() as session:
        slow = working.take(session, now=clock.now())
    with time_machine.travel(clock.now() + LEASE + timedelta(seconds=1), tick=True):
        assert work_on_imports(settings) == 1  # another one has done it all
        assert stored() == 5
        assert slow is not None
        with pytest.raises(worker.NotWanted):
            worker._run(slow, _copy(storage, slow), worker.look(_copy(storage, slow), WANTED), settings, None)
    assert (stored(), the_import().rows_imported) == (5, 5)


def _copy(storage: Path, job: SignatureImport) -> Path:
    """The file as the slow one still has it open."""
    path = storage / "imports" / job.public_id / "copy"
    path.write_text(ROWS.replace("signer", "other"))
    return path


def test_what_no_worker_survives_is_given_up(sign_in: SignIn, settings: Settings, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    bring(browser, campaign)
    now = clock.now()
    for attempt in range(MOST_ATTEMPTS):
        with transaction() as session:
            assert working.take(session, now=now + attempt * LEASE) is not None
    with time_machine.travel(now + MOST_ATTEMPTS * LEASE, tick=False):
        assert work_on_imports(settings) == 0
    assert (the_import().state, the_import().error) == (ImportState.FAILED, "WorkerDied")


def test_a_fault_of_ours_is_tried_again_and_kept_without_rows(
    sign_in: SignIn, settings: Settings, storage: Path
) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    bring(browser, campaign)
    jobs.rows_path(storage, the_import().public_id).unlink()  # restored without its files
    now = clock.now()
    for attempt in range(MOST_ATTEMPTS):
        with time_machine.travel(now + attempt * 2 * working.PAUSE, tick=False):
            assert work_on_imports(settings) == 1
    assert (the_import().state, the_import().error) == (ImportState.FAILED, "FileNotFoundError")
    assert "Something went wrong on our side (FileNotFoundError)." in browser.get(page_of(campaign, the_import())).text


def test_a_large_file_is_taken_from_those_who_may_alone(app: Flask, sign_in: SignIn, storage: Path) -> None:
    campaign = make_campaign()
    large = HEAD + ("x" * 20 + "\n") * 20_000  # a line begins just where the parser's buffer ends
    assert bring(sign_in(Role.ADMIN), campaign, large).status_code == 303
    assert the_import().size == len(large)
    path = f"/admin/campaigns/{campaign.slug}/imports"
    stranger, moderator = Browser(app), sign_in(Role.MODERATOR)
    token = stranger.token()
    for browser, status in ((stranger, 302), (moderator, 403)):
        sent = FIELDS | {"file": (io.BytesIO(large.encode()), "list.csv")}
        assert browser.post(path, sent, token=token).status_code == status
    assert len(db.session.scalars(select(SignatureImport)).all()) == 1
    fields = FIELDS | {"consent": "x" * 300_000, "file": (io.BytesIO(b"x"), "list.csv")}
    assert sign_in(Role.ADMIN, email="b@lantern.example").post(path, fields).status_code == 413


def test_a_body_over_the_limit_is_refused_unread(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    answer = browser.send(
        f"/admin/campaigns/{campaign.slug}/imports", method="POST", headers={"Origin": BASE_URL}, data=b"--b",
        content_type="multipart/form-data; boundary=b", environ_overrides={"CONTENT_LENGTH": str(65 * 1024 * 1024)},
    )  # fmt: skip
    assert answer.status_code == 413
    assert the_import() is None


def test_broken_text_beside_a_file_is_refused(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    assert bring(browser, campaign, source="A\x00B").status_code == 400
    assert the_import() is None
    assert not any((storage / "uploads").glob("*"))
