"""The JSON API: what it says, what it never says, how it pages, caches and refuses."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from campaign.campaigns.models import Update, UpdateState
from campaign.core.database import transaction
from campaign.petitions.models import SignatureState
from tests.factories import NOW, make_campaign, make_signature

FIELDS = {"slug", "title", "url", "state", "signatures", "donations", "updated_at"}


def test_a_campaign_and_its_numbers(client: FlaskClient) -> None:
    campaign = make_campaign(goal=500)
    for state in SignatureState:
        make_signature(campaign, state=state, name="Canary Person", email=f"canary-{state}@example.org")
    answer = client.get(f"/api/v1/campaigns/{campaign.slug}")
    assert answer.json == {
        "slug": campaign.slug,
        "title": campaign.title,
        "url": f"http://campaign.test/campaigns/{campaign.slug}",
        "state": "published",
        "signatures": {"confirmed": 1, "goal": 500},
        "donations": [],
        "updated_at": "2026-03-12T14:00:00+00:00",
    }
    assert "anary" not in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "public, max-age=" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    again = client.get(f"/api/v1/campaigns/{campaign.slug}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_drafts_and_withdrawn_campaigns_are_not_told(client: FlaskClient) -> None:
    open_one, closed = make_campaign(), make_campaign(state="closed")
    draft, withdrawn = make_campaign(state="draft", published_at=None), make_campaign(state="withdrawn")
    items = client.get("/api/v1/campaigns").json["items"]
    assert [(item["slug"], item["state"]) for item in items] == [(closed.slug, "closed"), (open_one.slug, "published")]
    assert all(set(item) == FIELDS for item in items)
    assert client.get(f"/api/v1/campaigns/{draft.slug}").status_code == 404
    assert client.get(f"/api/v1/campaigns/{withdrawn.slug}").status_code == 410


def test_a_list_is_walked_by_its_cursor(client: FlaskClient) -> None:
    slugs = [make_campaign().slug for _ in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/api/v1/campaigns?limit=2&cursor={cursor}" if cursor else "/api/v1/campaigns?limit=2").json
        seen += [item["slug"] for item in page["items"]]
        cursor = page["next"]
    assert seen == slugs[::-1]


def test_updates_are_walked_by_when_they_were_published(client: FlaskClient) -> None:
    campaign = make_campaign()
    hours = [3, 1, 1, 5, 2]  # in the order in which they were written
    with transaction() as session:
        rows = [
            Update(
                campaign_id=campaign.id, kind="news", state="published", title=str(number),
                published_at=NOW + timedelta(hours=hour), created_at=NOW, updated_at=NOW,
            )
            for number, hour in enumerate(hours)
        ]  # fmt: skip
        session.add_all(rows)
    path = f"/api/v1/campaigns/{campaign.slug}/updates?limit=2"
    first = client.get(path).json
    with transaction() as session:  # the last one seen goes while somebody walks
        session.get_one(Update, first["next"]).state = UpdateState.WITHDRAWN
    seen, cursor = [item["title"] for item in first["items"]], first["next"]
    while cursor is not None:
        page = client.get(f"{path}&cursor={cursor}").json
        seen += [item["title"] for item in page["items"]]
        cursor = page["next"]
    assert seen == ["3", "0", "4", "2", "1"]


def test_updates_are_those_that_are_published(client: FlaskClient) -> None:
    campaign = make_campaign()
    with transaction() as session:
        for state in UpdateState:
            session.add(
                Update(
                    campaign_id=campaign.id, kind="news", state=state, title=f"{state} <b>", body="**x**",
                    published_at=NOW, created_at=NOW, updated_at=NOW,
                )
            )  # fmt: skip
    [update] = client.get(f"/api/v1/campaigns/{campaign.slug}/updates").json["items"]
    assert (update["title"], update["body"], update["kind"]) == ("published <b>", "**x**", "news")
    assert client.get(update["url"].removeprefix("http://campaign.test")).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/campaigns/nothing", 404),
        ("/api/v1/nothing", 404),
        ("/api/v1/campaigns?limit=0", 422),
        ("/api/v1/campaigns?limit=1000", 422),
        ("/api/v1/campaigns?cursor=x", 422),
        ("/api/v1/campaigns?cursor=99999999999999999999", 422),
        ("/api/v1/campaigns?limit=%ff", 400),
    ],
)
def test_errors_are_problem_documents(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    problem = answer.get_json(force=True)
    assert problem["status"] == status
    assert problem["title"]
    assert ("errors" in problem) == (status == 422)


def test_pages_still_get_pages(client: FlaskClient) -> None:
    assert client.get("/nothing").mimetype == "text/html"


def test_the_description_names_every_path(client: FlaskClient) -> None:
    paths = client.get("/api/v1/openapi.json").json["paths"]
    assert set(paths) == {
        "/api/v1/campaigns",
        "/api/v1/campaigns/{slug}",
        "/api/v1/campaigns/{slug}/signatures",
        "/api/v1/campaigns/{slug}/statistics",
        "/api/v1/campaigns/{slug}/updates",
    }
