"""The statistics for everybody: per day, per country, nothing small, one moment, cached and for any site."""

from datetime import timedelta

from flask.testing import FlaskClient

from campaign.petitions.models import SignatureState
from tests.factories import NOW, make_campaign, make_signature


def test_days_and_countries_add_up_and_small_countries_are_not_told(client: FlaskClient) -> None:
    campaign = make_campaign()
    for code, number in (("GB", 12), ("PL", 10), ("FR", 2), ("DE", 1)):
        for one in range(number):
            at = NOW - timedelta(days=one % 2)
            make_signature(campaign, country=code, created_at=at, confirmed_at=at)
    for state in (SignatureState.HELD, SignatureState.PENDING, SignatureState.INVALIDATED):
        make_signature(campaign, country="UA", state=state)
    answer = client.get(f"/api/v1/campaigns/{campaign.slug}/statistics")
    assert answer.json == {
        "slug": campaign.slug,
        "confirmed": 25,
        "time_zone": "Europe/London",
        "smallest_cell": 10,
        "earlier": 0,
        "per_day": [{"date": "2026-03-11", "confirmed": 12}, {"date": "2026-03-12", "confirmed": 13}],
        "per_country": [{"country": "GB", "confirmed": 12}],
        "other_countries": 13,  # three French and Germans would follow if the ten Poles were told
    }
    page = client.get(f"/campaigns/{campaign.slug}/statistics").text
    assert "25 people have signed" in page
    assert "United Kingdom" in page
    assert not any(country in page for country in ("Poland", "France", "Germany", "Ukraine"))
    assert "Other countries together" in page


def test_a_day_long_ago_is_told_in_one_number(client: FlaskClient) -> None:
    campaign = make_campaign()
    for at in (NOW.replace(year=2000), NOW):
        make_signature(campaign, created_at=at, confirmed_at=at)
    answer = client.get(f"/api/v1/campaigns/{campaign.slug}/statistics")
    assert answer.json["earlier"] == 1
    assert len(answer.json["per_day"]) == 731
    assert answer.json["confirmed"] == 2 == 1 + sum(day["confirmed"] for day in answer.json["per_day"])
    assert 'scope="row">Before ' in client.get(f"/campaigns/{campaign.slug}/statistics").text


def test_the_answer_is_for_any_site_and_is_kept(client: FlaskClient) -> None:
    campaign = make_campaign()
    make_signature(campaign)
    path = f"/api/v1/campaigns/{campaign.slug}/statistics"
    answer = client.get(path)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "public, max-age=" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert path.replace(campaign.slug, "{slug}") in client.get("/api/v1/openapi.json").json["paths"]


def test_what_is_not_public_has_no_statistics(client: FlaskClient) -> None:
    draft, withdrawn = make_campaign(state="draft", published_at=None), make_campaign(state="withdrawn")
    empty = make_campaign()
    for path in ("/api/v1/campaigns/{}/statistics", "/campaigns/{}/statistics"):
        assert client.get(path.format(draft.slug)).status_code == 404
        assert client.get(path.format(withdrawn.slug)).status_code == 410
    assert "Figures by day and by country stand here once" in client.get(f"/campaigns/{empty.slug}/statistics").text
    assert client.get(f"/api/v1/campaigns/{empty.slug}/statistics").json["per_day"] == []
