"""Exports of donations, from the form over the worker to the file: what leaves, what never does unasked, and the trail."""

import codecs
import csv
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations import receipts
from campaign.donations.models import Donation, DonationState, Frequency, Payment
from campaign.donations.queries import totals
from campaign.petitions.models import Export, ExportState
from campaign.settings import Settings
from campaign.staff.models import Role
from campaign.worker.exports import make_exports
from tests.factories import NOW, make_campaign
from tests.integration.admin.conftest import Browser, SignIn, sign_in  # noqa: F401 - a fixture
from tests.integration.public.conftest import make_donation

REASON = "For the auditors"


@pytest.fixture
def desk(sign_in: SignIn, settings: Settings) -> Iterator[Browser]:  # noqa: F811
    yield sign_in(Role.ADMIN)
    shutil.rmtree(settings.storage / "exports", ignore_errors=True)


def make_paid(
    campaign: Campaign, key: str, amount_minor: int, payment: dict[str, Any] | None = None, **more: Any
) -> None:
    currency = more.get("currency", "GBP")
    donation = make_donation(campaign, public_id=key, form_key=key, amount_minor=amount_minor, **more)
    with transaction() as session:
        values = {"amount_minor": amount_minor, "currency": currency, "paid_at": NOW, "payment_intent": f"pi_{key}"}
        row = Payment(donation_id=donation.id, campaign_id=campaign.id, **(values | (payment or {})))
        session.add(row)
        session.flush()
        receipts.issue(session, row.id, now=NOW)


def export(desk: Browser, campaign: Campaign, settings: Settings, **fields: Any) -> Any:
    """Asked for, made, and fetched."""
    path = f"/admin/campaigns/{campaign.slug}/donations/exports"
    answer = desk.post(path, {"format": "csv", "reason": REASON} | fields, token=desk.token("/admin/"))
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    db.session.rollback()
    assert make_exports(settings.storage) == 1
    made = newest()
    assert made.state is ExportState.READY, made.error
    assert f"exports/{made.public_id}/file" in desk.get(path).text
    return desk.get(f"/admin/campaigns/{campaign.slug}/exports/{made.public_id}/file")


def newest() -> Export:
    db.session.rollback()
    return db.session.scalars(select(Export).order_by(Export.id.desc())).first()


def table(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.removeprefix(codecs.BOM_UTF8).decode())))


def test_the_fewest_columns_and_nobody_named(desk: Browser, settings: Settings) -> None:
    campaign = make_campaign()
    make_paid(campaign, "one", 1000)
    make_donation(campaign, public_id="unpaid", form_key="unpaid", state=DonationState.EXPIRED)
    make_paid(make_campaign(), "elsewhere", 7700)
    answer = export(desk, campaign, settings)
    assert table(answer) == [
        {"paid_at": f"{NOW:%Y-%m-%dT%H:%M:%S}Z", "amount": "10.00", "counted": "10.00", "currency": "GBP",
         "frequency": "once", "state": "succeeded"}
    ]  # fmt: skip
    assert "-donations-" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_addresses_leave_with_a_second_tick_only(desk: Browser, settings: Settings) -> None:
    campaign = make_campaign()
    make_paid(campaign, "one", 1000, email="canary@example.org", name="Ada")
    assert b"canary" not in export(desk, campaign, settings, columns=["name", "reference", "receipt"]).data
    (row,) = table(export(desk, campaign, settings, columns=["name", "receipt"], include_addresses="y"))
    assert row == {"receipt": "1", "name": "Ada", "email": "canary@example.org"}
    assert [one.include_addresses for one in db.session.scalars(select(Export).order_by(Export.id))] == [False, True]


def test_no_cell_is_one_that_a_spreadsheet_runs(desk: Browser, settings: Settings) -> None:
    campaign = make_campaign()
    for number, start in enumerate(("=1+1", "+1", "-1", "@a", " =1", "\t=1")):
        make_paid(campaign, f"k{number}", 1000, name=start, source=start)
    fields = {"columns": ["name", "source"]}
    for row in table(export(desk, campaign, settings, **fields)):
        assert all(cell.startswith("'") for cell in row.values()), row
    make_paid(campaign, "k9", 1000, name="Bob;=1+1;", source="x;=1+1")
    fields = {"columns": ["name", "source", "fee", "arrived_in"]}
    data = export(desk, campaign, settings, **fields).data.removeprefix(codecs.BOM_UTF8).decode()
    assert data.splitlines()[-1] == '"","","x;=1+1","Bob;=1+1;"'  # nothing ends a cell, and nothing known is one
    book = zipfile.ZipFile(io.BytesIO(export(desk, campaign, settings, format="xlsx", **fields).data))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet


def test_amounts_are_exact_in_every_currency_and_add_up_to_the_totals(desk: Browser, settings: Settings) -> None:
    campaign = make_campaign()
    make_paid(
        campaign, "pence", 1005, {"refunded_minor": 5, "settled_currency": "GBP", "fee_minor": 35, "net_minor": -3}
    )
    make_paid(campaign, "yen", 1500, currency="JPY")
    make_paid(campaign, "dinar", 12040, {"disputed_minor": 40}, currency="KWD")
    make_paid(campaign, "other", 900, {"mismatched": True})
    columns = ["reference", "amount", "counted", "currency", "refunded", "disputed", "fee", "arrived"]
    rows = {row["reference"]: row for row in table(export(desk, campaign, settings, columns=columns))}
    pence = {"amount": "10.05", "counted": "10.00", "refunded": "0.05", "fee": "0.35", "arrived": "-0.03"}
    assert pence.items() <= rows["pence"].items()
    assert (rows["yen"]["amount"], rows["dinar"]["counted"], rows["dinar"]["disputed"]) == ("1500", "12.000", "0.040")
    assert (rows["other"]["amount"], rows["other"]["counted"]) == ("9.00", "0.00")
    sums: dict[str, Decimal] = {}
    for row in rows.values():
        sums[row["currency"]] = sums.get(row["currency"], Decimal(0)) + Decimal(row["counted"])
    db.session.rollback()
    assert sums == {"GBP": Decimal("10.00"), "JPY": Decimal(1500), "KWD": Decimal("12.000")}
    assert [(code, amount) for code, amount, _ in totals(db.session(), campaign.id)] == [
        ("GBP", 1000), ("JPY", 1500), ("KWD", 12000)
    ]  # fmt: skip
    plain = json.loads(export(desk, campaign, settings, format="json", columns=["amount", "show_name", "receipt"]).data)
    assert plain[1] == {"amount": "1500", "receipt": 2, "show_name": False}


def test_only_some_of_them(desk: Browser, settings: Settings) -> None:
    campaign = make_campaign(other_currencies="EUR")
    late = NOW + timedelta(days=2)
    make_paid(campaign, "a", 100, frequency=Frequency.MONTHLY, source="evening-edition")
    with transaction() as session:  # a second month of the same gift
        again = {"payment_intent": "pi_a2", "amount_minor": 200, "currency": "GBP", "paid_at": late}
        gift = session.scalar(select(Donation).where(Donation.public_id == "a"))
        assert gift
        session.add(Payment(donation_id=gift.id, campaign_id=campaign.id, **again))
    make_paid(campaign, "b", 300, currency="EUR")
    make_donation(campaign, public_id="c", form_key="c", state=DonationState.EXPIRED, amount_minor=400)

    def amounts(**fields: Any) -> list[str]:
        return [row["amount"] for row in table(export(desk, campaign, settings, columns=["amount"], **fields))]

    assert amounts() == ["1.00", "2.00", "3.00"]
    assert amounts(frequency="monthly", source="evening-edition") == ["1.00", "2.00"]
    assert amounts(currency="EUR") == ["3.00"]
    assert amounts(state="expired") == ["4.00"]
    assert amounts(paid_from=f"{late:%Y-%m-%d}") == ["2.00"]
    assert amounts(paid_until=f"{NOW:%Y-%m-%d}") == ["1.00", "3.00"]


def test_the_trail_knows_what_left(desk: Browser, settings: Settings) -> None:
    campaign = make_campaign()
    make_paid(campaign, "one", 1000)
    answer = export(desk, campaign, settings, include_addresses="y", state="succeeded")
    db.session.rollback()
    trail = [
        entry for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)) if "export" in entry.action
    ]
    assert [entry.action for entry in trail] == ["export.requested", "export.ready", "export.fetched"]
    asked, _ready, fetched = (entry.details for entry in trail)
    assert (asked["subject"], asked["include_addresses"], asked["state"]) == ("donations", True, "succeeded")
    assert (fetched["rows"], fetched["sha256"]) == (1, hashlib.sha256(answer.data).hexdigest())
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        make_exports(settings.storage)
    assert newest().state is ExportState.EXPIRED
    assert list((settings.storage / "exports").iterdir()) == []


def test_a_wrong_form_asks_for_nothing_and_lists_stay_apart(desk: Browser, settings: Settings) -> None:
    campaign = make_campaign()
    path = f"/admin/campaigns/{campaign.slug}/donations/exports"
    wrong = [
        {"reason": ""}, {"format": "pdf"}, {"format": "pack"}, {"columns": ["email"]}, {"state": "stolen"},
        {"currency": "XXX"}, {"frequency": "daily"}, {"paid_from": "2026-03-12", "paid_until": "2026-03-11"},
    ]  # fmt: skip
    for fields in wrong:
        answer = desk.post(path, {"format": "csv", "reason": REASON} | fields, token=desk.token("/admin/"))
        assert answer.status_code == 422, fields
    assert newest() is None
    export(desk, campaign, settings)
    assert REASON in desk.get(path).text
    assert REASON not in desk.get(f"/admin/campaigns/{campaign.slug}/exports").text
