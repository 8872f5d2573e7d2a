"""What the public is told of removed signatures: true after each decision, restoring and undoing."""

import re

from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions.models import RemovalReason, Signature
from campaign.petitions.moderation import ModerationAction, moderate
from campaign.petitions.undoing import undo
from tests.factories import NOW
from tests.integration.petitions.invalidation.conftest import NETWORK, campaign, preview, sign_in_bulk, told, work

__all__ = ["campaign"]  # a fixture


def rows(client: FlaskClient, campaign: Campaign) -> list[list[str]]:
    """The cells of both tables of the page, as text."""
    page = client.get(f"/campaigns/{campaign.slug}/removed").get_data(as_text=True)
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", page, re.DOTALL)
    ]


def decide(campaign: Campaign, ids: list[int], action: ModerationAction, **more: RemovalReason) -> int | None:
    with transaction() as session:
        return moderate(
            session, campaign_id=campaign.id, ids=ids, action=action, reason="Looked at", actor="me", now=clock.now(),
            **more,
        ).decision_id  # fmt: skip


def test_the_page_adds_up(client: FlaskClient, campaign: Campaign) -> None:
    assert "No signature of" in client.get(f"/campaigns/{campaign.slug}/removed").text
    sign_in_bulk(campaign, 10)
    sign_in_bulk(campaign, 30, network_hash=NETWORK)
    ids = list(db.session.scalars(select(Signature.id).order_by(Signature.id)))
    run = preview(campaign, network_hash=NETWORK)
    run.start()
    work()
    decide(campaign, ids[:2], ModerationAction.INVALIDATE)
    by_mistake = decide(campaign, ids[2:5], ModerationAction.INVALIDATE, removal_reason=RemovalReason.REQUEST)
    with transaction() as session:
        undo(session, by_mistake or 0, campaign_id=campaign.id, actor="me", now=clock.now())
    decide(campaign, ids[10:14], ModerationAction.RESTORE)
    today = f"{clock.now():%-d %B %Y}"
    expected = [
        ["Sent by a program", "30", "4", "26"],
        ["Looked at one by one", "2", "0", "2"],
        ["Removed on request", "3", "3", "0"],
    ]
    found = rows(client, campaign)
    assert found[:3] == expected
    assert sorted(found[3:]) == sorted([today, *row[:3]] for row in expected)
    assert told(campaign)[RemovalReason.BOTS] == (30, 4)
    text = client.get(f"/campaigns/{campaign.slug}/removed").text
    assert "28 signatures of" in text
    shown = client.get(f"/campaigns/{campaign.slug}").text
    assert f'<a href="/campaigns/{campaign.slug}/removed">28 were removed after checks</a>' in shown
    counted = client.get("/how-we-count").text
    assert f'<td class="num"><a href="/campaigns/{campaign.slug}/removed">28</a></td>' in counted
    run.restore()
    work()
    assert rows(client, campaign)[0] == ["Looked at one by one", "2", "0", "2"]
    assert ["Sent by a program", "30", "30", "0"] in rows(client, campaign)


def test_days_are_those_of_the_sites_zone(client: FlaskClient, campaign: Campaign) -> None:
    sign_in_bulk(campaign, 2)
    ids = list(db.session.scalars(select(Signature.id)))
    for row_id, at in zip(ids, (NOW.replace(month=6, hour=22), NOW.replace(month=6, hour=23)), strict=True):
        with transaction() as session:
            moderate(
                session, campaign_id=campaign.id, ids=[row_id], action=ModerationAction.INVALIDATE, reason="Looked at",
                actor="me", now=at,
            )  # fmt: skip
    assert [row[0] for row in rows(client, campaign)[1:]] == ["13 June 2026", "12 June 2026"]
