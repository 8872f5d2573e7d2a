"""The Gift Aid page: what it shows, schedules made and fetched with the trail knowing it, declarations mended."""

import io
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.core.database import db
from campaign.donations.models import GiftAidClaim, GiftAidDeclaration
from campaign.staff.models import Role
from tests.factories import make_campaign
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.donations.test_gift_aid import make_payment

MARCH = {"first_day": "2026-03-01", "last_day": "2026-03-31"}
QUERY = "/admin/gift-aid?first_day=2026-03-01&last_day=2026-03-31"


def send(browser: Browser, path: str, fields: dict[str, str]) -> Any:
    answer = browser.post(path, fields, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def trail() -> list[str]:
    db.session.rollback()
    return [
        action
        for action in db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
        if action.startswith("gift_aid.")
    ]


def test_schedules_are_made_once_and_fetched_with_a_trail(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    make_payment(campaign, amount_minor=1250)
    make_payment(campaign, name="Олена Шевчук")
    page = browser.get(QUERY).text
    for shown in ("1 gift, £12.50.", "Make the schedules", "Олена", "letters that HMRC does not take"):
        assert shown in page, shown
    assert send(browser, "/admin/gift-aid", MARCH).status_code == 303
    again = send(browser, "/admin/gift-aid", MARCH)
    assert again.status_code == 422
    assert "no gift in this period" in again.text
    (claim,) = db.session.scalars(select(GiftAidClaim))
    file = browser.get(f"/admin/gift-aid/claims/{claim.public_id}/1.ods")
    assert file.mimetype == "application/vnd.oasis.opendocument.spreadsheet"
    assert file.headers["Cache-Control"] == "no-store"
    content = zipfile.ZipFile(io.BytesIO(file.data)).read("content.xml").decode()
    for value in ("R68GAD_V1_00_0_EN", "Ada", "Lovelace", "S19 2BD", "12/03/26", "12.50"):
        assert value in content, value
    for missing in (f"{claim.public_id}/2", f"{claim.public_id}/0", "nothing/1"):
        assert browser.get(f"/admin/gift-aid/claims/{missing}.ods").status_code == 404
    assert trail() == ["gift_aid.viewed", "gift_aid.claim_made", "gift_aid.fetched"]
    assert "submission" not in browser.get(QUERY).text


@pytest.mark.parametrize(
    ("period", "field"),
    [
        ({"first_day": "", "last_day": "2026-03-31"}, "first_day"),
        ({"first_day": "yesterday", "last_day": "2026-03-31"}, "first_day"),
        ({"first_day": "2026-04-01", "last_day": "2026-03-31"}, "last_day"),
        ({"first_day": "2026-03-01", "last_day": "2999-01-01"}, "last_day"),
    ],
)
def test_a_period_that_cannot_be_is_said_at_its_field(sign_in: SignIn, period: dict[str, str], field: str) -> None:
    browser = sign_in(Role.ADMIN)
    answer = send(browser, "/admin/gift-aid", period)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_a_declaration_is_mended_as_hmrc_takes_it(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    make_payment(campaign, name="Олена Шевчук")
    (declaration,) = db.session.scalars(select(GiftAidDeclaration))
    path = f"/admin/gift-aid/declarations/{declaration.public_id}"
    assert "Шевчук" in browser.get(path).text
    fields = {"title": "Ms", "first_name": "Olena", "last_name": "Шевчук", "house": "12", "postcode": "s192bd"}
    wrong = send(browser, path, fields)
    assert wrong.status_code == 422
    assert 'id="last_name-error"' in wrong.text
    assert send(browser, path, fields | {"last_name": "Shevchuk"}).status_code == 303
    assert "1 gift, £10." in browser.get(QUERY).text
    assert send(browser, "/admin/gift-aid", MARCH).status_code == 303
    assert send(browser, path, fields | {"last_name": "Other"}).status_code == 409
    assert browser.get("/admin/gift-aid/declarations/nothing").status_code == 404
    (declaration,) = db.session.scalars(select(GiftAidDeclaration))
    assert (declaration.last_name, declaration.postcode) == ("Shevchuk", "S19 2BD")
