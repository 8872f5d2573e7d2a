"""Exports, from the form over the worker to the file: what leaves, what never does, and what the trail knows when."""

import codecs
import csv
import hashlib
import io
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, Demand
from campaign.core import bulk, clock
from campaign.core.database import db, transaction
from campaign.petitions import export_jobs as jobs
from campaign.petitions.export_jobs import LEASE, LIFE, MOST_ATTEMPTS, PAUSE
from campaign.petitions.models import (
    CommentState,
    Export,
    ExportState,
    Origin,
    Signal,
    Signature,
    SignatureSignal,
    SignatureState,
)
from campaign.settings import Settings
from campaign.staff.models import Role
from campaign.worker import exports as worker
from campaign.worker.exports import make_exports
from tests.factories import make_campaign, make_signature, reread
from tests.integration.admin.conftest import Browser, SignIn
from tests.processes import wait_until

REASON = "Hand over to the Home Office"
S = SignatureState


@pytest.fixture
def storage(settings: Settings) -> Iterator[Path]:
    yield settings.storage
    shutil.rmtree(settings.storage / "exports", ignore_errors=True)


def ask(browser: Browser, campaign: Campaign, **fields: Any) -> Export:
    sent = {"format": "csv", "reason": REASON} | fields
    answer = browser.post(f"/admin/campaigns/{campaign.slug}/exports", sent, token=browser.token("/admin/"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/admin/campaigns/{campaign.slug}/exports")
    db.session.rollback()
    return db.session.scalars(select(Export).order_by(Export.id.desc())).first()


def fetch(browser: Browser, campaign: Campaign, export: Export) -> Any:
    return browser.get(f"/admin/campaigns/{campaign.slug}/exports/{export.public_id}/file")


def table(answer: Any) -> list[dict[str, str]]:
    # With one byte-order mark: Excel reads it as UTF-8 by that alone.
    assert answer.data.startswith(codecs.BOM_UTF8)
    text = answer.data.removeprefix(codecs.BOM_UTF8).decode()
    assert "\ufeff" not in text
    return list(csv.DictReader(io.StringIO(text)))


def actions() -> list[str]:
    db.session.rollback()
    kept = ("export.", "signatures.")
    return [a for a in db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)) if a.startswith(kept)]


def test_an_export_is_asked_for_made_and_fetched(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    make_signature(campaign, name="Олена К", email="canary@example.org", postcode="ZZ99 9ZZ", country="UA")
    make_signature(campaign, name="ليلى", show_name=True)
    make_signature(campaign, name="Held Person", state=S.HELD)
    make_signature(make_campaign(), name="Somebody Else")
    export = ask(browser, campaign)
    assert actions() == ["export.requested"]
    assert fetch(browser, campaign, export).status_code == 404
    assert make_exports(storage) == 1
    assert make_exports(storage) == 0
    assert actions() == ["export.requested", "export.ready"]
    assert "Download" in browser.get(f"/admin/campaigns/{campaign.slug}/exports").text
    answer = fetch(browser, campaign, export)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "text/csv"
    rows = table(answer)
    assert list(rows[0]) == ["name", "country", "signed_at", "confirmed_at", "show_name"]
    assert [(row["name"], row["country"], row["show_name"]) for row in rows] == [
        ("Олена К", "UA", "no"),
        ("ليلى", "GB", "yes"),
    ]
    assert rows[0]["confirmed_at"] == "2026-03-12T14:00:00Z"
    assert b"canary" not in answer.data
    assert b"ZZ99" not in answer.data
    assert answer.data.endswith(b'"yes"\n')
    stored = reread(export)
    assert (stored.row_count, stored.size) == (2, len(answer.data))
    assert stored.sha256 == hashlib.sha256(answer.data).hexdigest()
    ready = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export.ready")).one()
    assert (ready.details["rows"], ready.details["sha256"]) == (2, stored.sha256)
    assert actions()[-1] == "export.fetched"


def test_addresses_leave_with_a_second_tick_only(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    make_signature(campaign, email="with@example.org", postcode="ZZ99 9ZZ")
    export = ask(browser, campaign, include_addresses="y")
    make_exports(storage)
    row = table(fetch(browser, campaign, export))[0]
    assert (row["email"], row["postcode"]) == ("with@example.org", "ZZ99 9ZZ")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export.requested")).one()
    assert (entry.reason, entry.details["include_addresses"]) == (REASON, True)


def test_filters_narrow_the_list(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    make_signature(campaign, name="Right One", country="UA", source="front", state=S.HELD)
    make_signature(campaign, name="Wrong Country", country="GB", source="front", state=S.HELD)
    make_signature(campaign, name="Wrong Source", country="UA", source="back", state=S.HELD)
    make_signature(campaign, name="Wrong Origin", country="UA", source="front", state=S.HELD, origin=Origin.PAPER)
    make_signature(campaign, name="Wrong State", country="UA", source="front")
    export = ask(browser, campaign, state="held", country="UA", source="front", origin="online")
    make_exports(storage)
    assert [row["name"] for row in table(fetch(browser, campaign, export))] == ["Right One"]


def test_wording_days_and_what_was_noticed_narrow_the_list(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    day = datetime(2026, 6, 1, 12, tzinfo=UTC)
    make_signature(campaign, name="First Wording", created_at=day)
    with transaction() as session:
        session.add(Demand(campaign_id=campaign.id, version=2, text="Better.", created_at=day))
    make_signature(campaign, name="Too Early", created_at=datetime(2026, 5, 31, 22, 59, tzinfo=UTC))
    right = make_signature(campaign, name="Just Right", created_at=datetime(2026, 5, 31, 23, 0, tzinfo=UTC))
    last = make_signature(campaign, name="Last Minute", created_at=datetime(2026, 6, 2, 22, 59, tzinfo=UTC))
    make_signature(campaign, name="Too Late", created_at=datetime(2026, 6, 2, 23, 0, tzinfo=UTC))
    window = {"demand_version": "2", "signed_from": "2026-06-01", "signed_until": "2026-06-02"}  # London's summer days
    export = ask(browser, campaign, columns=["name", "demand_version"], **window)
    make_exports(storage)
    found = [{"name": name, "demand_version": "2"} for name in ("Just Right", "Last Minute")]
    assert table(fetch(browser, campaign, export)) == found
    with transaction() as session:
        values = {"signal": Signal.BURST, "campaign_id": campaign.id, "created_at": day}
        session.add(SignatureSignal(signature_id=last.id, **values))
        session.get(Signature, right.id).held_for = Signal.THROWAWAY_DOMAIN
    marked = ask(browser, campaign, columns=["name"], flag="burst", **window)
    held = ask(browser, campaign, columns=["name"], flag="throwaway_domain", **window)
    make_exports(storage)
    make_exports(storage)
    assert table(fetch(browser, campaign, marked)) == [{"name": "Last Minute"}]
    assert table(fetch(browser, campaign, held)) == [{"name": "Just Right"}]


def test_only_published_comments_leave(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for state in CommentState:
        make_signature(campaign, name=f"A {state}", comment=f"Is {state}", comment_state=state, source="front")
    export = ask(browser, campaign, columns=["comment", "source", "name"])
    make_exports(storage)
    rows = table(fetch(browser, campaign, export))
    assert list(rows[0]) == ["name", "source", "comment"]
    assert {row["name"]: row["comment"] for row in rows} == {
        "A awaiting": "", "A published": "Is published", "A refused": "",
    }  # fmt: skip


def test_no_cell_is_one_that_a_spreadsheet_would_run(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    starts = ("=", "+", "-", "@", "\t=", "%", "|", "＝", " =")
    for start in starts:
        make_signature(campaign, name=f'{start}HYPERLINK("http://evil.example")', postcode=f"{start}1+1")
    export = ask(browser, campaign, include_addresses="y")
    make_exports(storage)
    rows = table(fetch(browser, campaign, export))
    assert [row["name"][:1] + row["postcode"][:1] for row in rows] == ["''"] * len(starts)


def test_quotes_and_commas_come_back_as_they_were(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    make_signature(campaign, name='Anna "Anne" O\'Neil, née Łoś')
    export = ask(browser, campaign)
    make_exports(storage)
    assert table(fetch(browser, campaign, export))[0]["name"] == 'Anna "Anne" O\'Neil, née Łoś'


def test_more_rows_than_a_chunk_all_leave_once(sign_in: SignIn, storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 3)
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    names = [make_signature(campaign).name for _ in range(10)]
    export = ask(browser, campaign)
    make_exports(storage)
    assert [row["name"] for row in table(fetch(browser, campaign, export))] == names


def test_a_bad_form_asks_again_and_makes_nothing(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for bad in [{"reason": ""}, {"reason": "abc"}, {"format": "exe"}, {"state": "all"}, {"country": "XX"},
        {"columns": "email"}, {"columns": "email_key"}, {"flag": "x"}, {"origin": "x"}, {"demand_version": "7"}, {"signed_from": "soon"},
        {"signed_from": "2026-03-12", "signed_until": "2026-03-11"},
    ]:  # fmt: skip
        sent = {"format": "csv", "reason": REASON, "source": "typed-before"} | bad
        answer = browser.post(f"/admin/campaigns/{campaign.slug}/exports", sent, token=browser.token("/admin/"))
        assert answer.status_code == 422, bad
        assert "There is a problem" in answer.text
        assert "typed-before" in answer.text
    assert not db.session.scalars(select(Export)).all()


def test_a_file_lives_for_a_day(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    make_signature(campaign)
    export = ask(browser, campaign)
    make_exports(storage)
    assert list((storage / "exports").iterdir())
    with time_machine.travel(clock.now() + LIFE + timedelta(minutes=1), tick=True):
        # Even before the worker comes by; the admin signs in afresh by then.
        late = Browser(browser.app)
        late.sign_in("admin@lantern.example")
        assert fetch(late, campaign, export).status_code == 410
        assert make_exports(storage) == 1
        assert not list((storage / "exports").iterdir())
        assert reread(export).state is ExportState.EXPIRED
        assert fetch(late, campaign, export).status_code == 410
        assert make_exports(storage) == 0
    assert actions()[-1] == "export.expired"


def test_a_failure_is_tried_again_and_then_kept_without_personal_data(
    sign_in: SignIn, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    export = ask(browser, campaign)
    with transaction() as session:
        session.get(Export, export.id).filters = {"state": "no such state"}
    now = clock.now()
    for attempt in range(MOST_ATTEMPTS):
        with time_machine.travel(now + attempt * 2 * PAUSE, tick=False):
            assert make_exports(storage) == 1
    failed = reread(export)
    assert (failed.state, failed.error) == (ExportState.FAILED, "ValueError")
    assert fetch(browser, campaign, export).status_code == 404
    assert not list((storage / "exports").glob("*"))
    assert actions()[-1] == "export.failed"


def test_a_worker_that_died_is_followed_by_another(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    make_signature(campaign)
    export = ask(browser, campaign)
    with transaction() as session:  # what a worker has done that was killed while it wrote
        row = session.get(Export, export.id)
        row.available_at, row.attempts = clock.now() + LEASE, 1
    assert make_exports(storage) == 0
    with time_machine.travel(clock.now() + LEASE + timedelta(seconds=1), tick=True):
        assert make_exports(storage) == 1
    assert reread(export).state is ExportState.READY


def test_what_no_worker_survives_is_given_up(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    export = ask(browser, campaign)
    now = clock.now()
    for attempt in range(MOST_ATTEMPTS):  # each leased by a worker that was killed before it could note anything
        with transaction() as session:
            taken = jobs.take(session, now=now + attempt * LEASE)
            assert taken is not None
            assert taken.id == export.id
    with time_machine.travel(now + MOST_ATTEMPTS * LEASE, tick=False):
        assert make_exports(storage) == 0
    assert (reread(export).state, export.row_count) == (ExportState.FAILED, None)
    assert reread(export).error == "WorkerDied"
    assert not list((storage / "exports").glob("*"))
    assert actions() == ["export.requested", "export.failed"]
    with time_machine.travel(now + 2 * MOST_ATTEMPTS * LEASE, tick=False):
        assert make_exports(storage) == 0
    assert actions() == ["export.requested", "export.failed"]


def test_a_file_that_is_missing_is_gone_and_was_not_fetched(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    export = ask(browser, campaign)
    make_exports(storage)
    (storage / "exports" / f"{export.public_id}.1.csv").unlink()
    answer = fetch(browser, campaign, export)
    assert answer.status_code == 410
    assert "The file is no longer there. Ask for the list again." in answer.text
    assert actions() == ["export.requested", "export.ready"]


def test_a_cancelled_export_is_not_made(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    export = ask(browser, campaign)
    page = f"/admin/campaigns/{campaign.slug}/exports"
    assert "Being made" in browser.get(page).text
    cancel = f"{page}/{export.public_id}/cancel"
    assert browser.post(cancel, token=browser.token("/admin/")).status_code == 303
    assert make_exports(storage) == 0
    assert reread(export).state is ExportState.CANCELLED
    assert fetch(browser, campaign, export).status_code == 404
    assert browser.post(cancel, token=browser.token("/admin/")).status_code == 303
    assert browser.post(f"{page}/nothing/cancel", token=browser.token("/admin/")).status_code == 404
    elsewhere = f"/admin/campaigns/{make_campaign().slug}/exports/{export.public_id}/cancel"
    assert browser.post(elsewhere, token=browser.token("/admin/")).status_code == 404
    assert actions() == ["export.requested", "export.cancelled"]


def test_cancelling_stops_a_worker_that_is_writing(
    sign_in: SignIn, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's first beat comes after some rows; by then the admin has cancelled."""
    monkeypatch.setattr(bulk, "CHUNK", 1)
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.01)
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for _ in range(5):
        make_signature(campaign)
    export = ask(browser, campaign, format="json")
    seen: list[int] = []

    class Watched(worker.Heartbeat):
        def progress(self, rows_done: int) -> None:
            seen.append(rows_done)
            if rows_done == 2:
                with transaction() as session:
                    assert jobs.cancel(session, campaign.id, export.public_id, actor="test", now=clock.now())
                wait_until(lambda: not self.wanted, "the heartbeat notices")
            super().progress(rows_done)

    monkeypatch.setattr(worker, "Heartbeat", Watched)
    assert make_exports(storage) == 1
    assert seen == [1, 2]
    assert reread(export).state is ExportState.CANCELLED
    assert not list((storage / "exports").iterdir())


def test_the_lease_is_renewed_while_the_file_is_written(
    sign_in: SignIn, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 1)
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.01)
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for _ in range(4):
        make_signature(campaign)
    export = ask(browser, campaign, format="json")

    class Watched(worker.Heartbeat):
        def progress(self, rows_done: int) -> None:
            super().progress(rows_done)
            if rows_done == 3:
                wait_until(lambda: reread(export).rows_done == 3, "the page can tell how far it is")
                told = reread(export)
                assert (told.rows_total, told.attempts) == (4, 1)
                assert told.available_at > clock.now() + LEASE / 2
                assert "3 of 4 rows" in browser.get(f"/admin/campaigns/{campaign.slug}/exports").text

    monkeypatch.setattr(worker, "Heartbeat", Watched)
    assert make_exports(storage) == 1
    assert reread(export).state is ExportState.READY


def test_two_workers_with_one_export_leave_one_whole_file(sign_in: SignIn, storage: Path) -> None:
    """One was asleep past its lease: what it then finishes is not taken for the other's."""
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    make_signature(campaign)
    export = ask(browser, campaign)
    with transaction() as session:
        asleep = jobs.take(session, now=clock.now())
    assert asleep is not None
    with time_machine.travel(clock.now() + LEASE + timedelta(seconds=1), tick=True):
        assert make_exports(storage) == 1
    late = jobs.Made(rows=7, size=7, sha256="7", as_of=clock.now())
    with transaction() as session:
        assert not jobs.note_ready(session, asleep, late, now=clock.now())
        jobs.note_failure(session, asleep, "Late", now=clock.now())
    stored = reread(export)
    assert (stored.state, stored.row_count, stored.attempts) == (ExportState.READY, 1, 2)
    assert fetch(browser, campaign, export).status_code == 200


def test_what_a_killed_worker_left_is_swept(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    export = ask(browser, campaign)
    make_exports(storage)
    folder = storage / "exports"
    left = [folder / f"{export.public_id}.0.x1", folder / "unknown.1.csv", folder / "command.x2"]
    for path in left:
        path.mkdir()
        (path / "draft").write_text("names")
    assert worker.sweep(storage) == 2
    assert {path.name for path in folder.iterdir()} == {"command.x2", f"{export.public_id}.1.csv"}
    with time_machine.travel(clock.now() + 2 * LIFE, tick=False):
        assert make_exports(storage) == 1
    assert not list(folder.iterdir())


def test_the_path_takes_no_detours(app: Flask, sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for name in ("../../secret_key", "..%2f..%2fkeys", "%00", "nothing"):
        assert browser.get(f"/admin/campaigns/{campaign.slug}/exports/{name}/file").status_code == 404
