"""Readers report comments: without cookie, and once for each network."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.limits import limiter
from campaign.petitions.models import CommentReport, CommentState, ReportReason, Signature
from campaign.petitions.reporting import list_reported
from campaign.worker.retention import forget
from tests.factories import make_campaign, make_signature

WORDS = "They were my <b>neighbours</b>."


@pytest.fixture(autouse=True)
def unlimited(app: Flask) -> Iterator[None]:
    limiter.reset()
    yield
    limiter.reset()


def commented(campaign: Campaign, **more: Any) -> Signature:
    values = {"show_name": True, "comment": WORDS, "comment_state": CommentState.PUBLISHED}
    return make_signature(campaign, **(values | more))


def link(client: FlaskClient, campaign: Campaign) -> str:
    (found,) = re.findall(r'href="(/campaigns/[^"]+/report)"', client.get(f"/campaigns/{campaign.slug}").text)
    return str(found)


def send(client: FlaskClient, path: str, network: int = 1, **fields: str) -> Any:
    answer = client.post(path, data=fields, environ_base={"REMOTE_ADDR": f"198.51.{network}.7"})
    db.session.rollback()
    return answer


def reports() -> list[CommentReport]:
    db.session.rollback()
    return list(db.session.scalars(select(CommentReport).order_by(CommentReport.id)))


def site(**more: Any) -> tuple[Campaign, Signature]:
    """A campaign that shows five signers, one of them with a comment."""
    campaign = make_campaign()
    for _number in range(4):
        make_signature(campaign, show_name=True)
    return campaign, commented(campaign, **more)


def test_a_reader_reports_a_comment_by_the_link_beside_it(client: FlaskClient) -> None:
    campaign, signature = site()
    path = link(client, campaign)
    assert str(signature.id) not in path.split("/")
    page = client.get(path)
    assert page.status_code == 200
    assert "They were my &lt;b&gt;neighbours&lt;/b&gt;." in page.text
    assert page.headers["Cache-Control"].startswith("public")
    answer = send(client, path, reason="abuse")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/campaigns/{campaign.slug}/comments/reported")
    assert not answer.headers.getlist("Set-Cookie")
    assert client.get(answer.headers["Location"]).status_code == 200
    (told,) = reports()
    assert (told.signature_id, told.reason, told.settled_at) == (signature.id, ReportReason.ABUSE, None)
    assert "198.51" not in (told.reader_key or "")


def test_a_network_counts_once_for_a_comment(client: FlaskClient) -> None:
    campaign, _signature = site()
    path = link(client, campaign)
    for network, reason in ((1, "abuse"), (1, "spam"), (2, "abuse"), (1, "abuse")):
        assert send(client, path, network, reason=reason).status_code == 303
    (reported,) = list_reported(db.session(), campaign.id)
    assert (reported.number, reported.reasons) == (2, {ReportReason.ABUSE: 2})


def test_fifty_reports_at_once_are_one(app: Flask) -> None:
    campaign, _signature = site()
    path = link(app.test_client(), campaign)

    def one(_number: int) -> int:
        return app.test_client().post(path, data={"reason": "spam"}).status_code

    with ThreadPoolExecutor(10) as pool:
        codes = set(pool.map(one, range(50)))
    # The limit on a network is what most of them meet.
    assert codes <= {303, 429}
    assert len(reports()) == 1


def test_a_report_without_reason_says_what_to_do(client: FlaskClient) -> None:
    campaign, _signature = site()
    for reason in ("", "boring", "\x00"):
        answer = send(client, link(client, campaign), reason=reason)
        assert answer.status_code in (400, 422), reason
    assert "Choose what is wrong with it." in send(client, link(client, campaign)).text
    assert not reports()


def test_a_flood_is_told_when_to_come_back(client: FlaskClient) -> None:
    campaign, _signature = site()
    path = link(client, campaign)
    codes = [send(client, path, reason="spam").status_code for _number in range(12)]
    assert codes == [303] * 10 + [429] * 2
    assert int(send(client, path, reason="spam").headers["Retry-After"]) > 0
    assert send(client, path, 9, reason="spam").status_code == 303


def test_a_robot_sees_the_same_and_changes_nothing(client: FlaskClient) -> None:
    campaign, _signature = site()
    assert send(client, link(client, campaign), reason="spam", website="https://x.example").status_code == 303
    assert not reports()


def test_only_what_readers_see_can_be_reported(client: FlaskClient) -> None:
    campaign, signature = site()
    other, path = make_campaign(slug="another"), link(client, campaign)
    assert client.get(path.replace(campaign.slug, other.slug)).status_code == 404
    for bad in ("0000000000000000", "nonsense", "f" * 16, "%00"):
        broken = f"/campaigns/{campaign.slug}/comments/{bad}/report"
        assert client.get(broken).status_code in (400, 404)
        assert send(client, broken, reason="spam").status_code in (400, 404)
    for hidden in (
        {"comment_state": CommentState.REFUSED},
        {"comment_state": CommentState.PUBLISHED, "show_name": False},
    ):
        with transaction() as session:
            for name, value in hidden.items():
                setattr(session.get_one(Signature, signature.id), name, value)
        assert client.get(path).status_code == 404
        assert send(client, path, reason="spam").status_code == 404
    assert not reports()


def test_a_comment_hidden_elsewhere_no_longer_waits(client: FlaskClient) -> None:
    campaign, signature = site()
    send(client, link(client, campaign), reason="danger")
    with transaction() as session:
        session.get_one(Signature, signature.id).comment_state = CommentState.REFUSED
    assert not list_reported(db.session(), campaign.id)


def test_networks_of_readers_are_forgotten(client: FlaskClient) -> None:
    campaign, _signature = site()
    send(client, link(client, campaign), reason="danger")
    assert forget() == 0
    with transaction() as session:
        session.scalars(select(CommentReport)).one().reported_at = clock.now() - timedelta(days=31)
    assert forget() == 1
    assert [report.reader_key for report in reports()] == [None]
    assert len(list_reported(db.session(), campaign.id)) == 1
