"""Reported comments before a moderator: with the reasons, kept or hidden, and settled with that."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core.database import db
from campaign.core.http.limits import limiter
from campaign.petitions.reporting import list_reported
from campaign.staff.models import Role
from tests.factories import make_campaign
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.public.test_reporting import link, reports, send, site


@pytest.fixture(autouse=True)
def unlimited(app: Flask) -> None:
    with app.app_context():
        limiter.reset()


def settle(browser: Browser, campaign: Campaign, action: str, *ids: str) -> Any:
    path = f"/admin/campaigns/{campaign.slug}/reports/settle"
    answer = browser.post(path, {"action": action, "ids": list(ids)}, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def test_a_moderator_sees_the_reasons_and_keeps_the_comment(client: FlaskClient, sign_in: SignIn) -> None:
    campaign, signature = site()
    path = link(client, campaign)
    for network, reason in ((1, "abuse"), (2, "abuse"), (3, "personal")):
        send(client, path, network, reason=reason)
    browser = sign_in(Role.MODERATOR)
    assert "1 comment reported" in browser.get("/admin/").text
    page = browser.get(f"/admin/campaigns/{campaign.slug}/reports").text
    for shown in (
        "They were my &lt;b&gt;neighbours",
        "3 reports",
        "insults or humiliates (2)",
        "something private (1)",
    ):
        assert shown in page, shown
    assert settle(browser, campaign, "keep", f"{signature.id}.{signature.edition}").status_code == 303
    assert "No comment is reported." in browser.get(f"/admin/campaigns/{campaign.slug}/reports").text
    assert "neighbours" in client.get(f"/campaigns/{campaign.slug}").text
    send(client, path, 2, reason="abuse")  # has been heard
    assert not list_reported(db.session(), campaign.id)
    send(client, path, 4, reason="spam")
    (again,) = list_reported(db.session(), campaign.id)
    assert (again.number, again.kept_at is not None) == (1, True)
    trail = db.session.execute(
        select(AuditEntry.action, AuditEntry.details).where(AuditEntry.action.like("reports.%")).order_by(AuditEntry.id)
    ).all()
    assert [row.action for row in trail] == ["reports.viewed", "reports.settled", "reports.viewed"]
    assert trail[1].details == {"reports": 3, "kept": True}


def test_a_moderator_hides_the_comment(client: FlaskClient, sign_in: SignIn) -> None:
    campaign, signature = site()
    send(client, link(client, campaign), reason="danger")
    browser = sign_in(Role.MODERATOR)
    stale = settle(browser, campaign, "hide", f"{signature.id}.{signature.edition + 1}")
    assert stale.status_code == 303
    assert "neighbours" in client.get(f"/campaigns/{campaign.slug}").text
    assert settle(browser, campaign, "hide", f"{signature.id}.{signature.edition}").status_code == 303
    assert "neighbours" not in client.get(f"/campaigns/{campaign.slug}").text
    assert all(report.settled_at for report in reports())
    assert settle(browser, campaign, "burn", f"{signature.id}.1").status_code == 422
    assert settle(browser, campaign, "keep").status_code == 422


def test_reports_of_another_campaign_are_left_alone(client: FlaskClient, sign_in: SignIn) -> None:
    campaign, signature = site()
    other = make_campaign(slug="another")
    send(client, link(client, campaign), reason="danger")
    browser = sign_in(Role.MODERATOR)
    for action in ("keep", "hide"):
        settle(browser, other, action, f"{signature.id}.{signature.edition}")
    assert len(list_reported(db.session(), campaign.id)) == 1
    assert "neighbours" in client.get(f"/campaigns/{campaign.slug}").text
