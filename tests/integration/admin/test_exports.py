"""Exports, from the form over the worker to the file: what leaves, what never does, and what the trail knows when."""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions import export as room
from campaign.petitions import export_jobs as jobs
from campaign.petitions.export_jobs import LEASE, LIFE, MOST_ATTEMPTS, PAUSE
from campaign.petitions.models import Export, ExportState, SignatureState
from campaign.settings import Settings
from campaign.staff.models import Role
from campaign.worker.exports import make_exports
from tests.factories import make_campaign, make_signature, reread
from tests.integration.admin.conftest import Browser, SignIn

REASON = "Hand over to the Home Office"
S = SignatureState


@pytest.fixture
def storage(settings: Settings) -> Iterator[Path]:
    yield settings.storage
    for path in (settings.storage / "exports").glob("*"):
        path.unlink()


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
    assert answer.data.endswith(b"\r\n")
    stored = reread(export)
    assert (stored.row_count, stored.sha256) == (2, hashlib.sha256(answer.data).hexdigest())
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
    make_signature(campaign, name="Wrong State", country="UA", source="front")
    export = ask(browser, campaign, state="held", country="UA", source="front")
    make_exports(storage)
    assert [row["name"] for row in table(fetch(browser, campaign, export))] == ["Right One"]


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
    monkeypatch.setattr(room, "CHUNK", 3)
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    names = [make_signature(campaign).name for _ in range(10)]
    export = ask(browser, campaign)
    make_exports(storage)
    assert [row["name"] for row in table(fetch(browser, campaign, export))] == names


def test_a_bad_form_asks_again_and_makes_nothing(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for bad in [{"reason": ""}, {"reason": "abc"}, {"format": "exe"}, {"state": "all"}, {"country": "XX"}]:
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
            assert [job.id for job in jobs.take(session, now=now + attempt * LEASE)] == [export.id]
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
    (storage / "exports" / f"{export.public_id}.csv").unlink()
    answer = fetch(browser, campaign, export)
    assert answer.status_code == 410
    assert "The file is no longer there. Ask for the list again." in answer.text
    assert actions() == ["export.requested", "export.ready"]


def test_the_path_takes_no_detours(app: Flask, sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for name in ("../../secret_key", "..%2f..%2fkeys", "%00", "nothing"):
        assert browser.get(f"/admin/campaigns/{campaign.slug}/exports/{name}/file").status_code == 404
