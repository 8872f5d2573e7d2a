"""The trends page: labels instead of networks, and one step to the list or to a prepared rejection."""

from datetime import timedelta

from campaign.core import clock
from campaign.core.networks import network_label
from campaign.staff.models import Role
from tests.factories import make_campaign, make_signature
from tests.integration.admin.conftest import SignIn


def test_trends_lead_to_the_list_and_to_a_prepared_rejection(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    network, lately = "0f3c" * 8, clock.now() - timedelta(minutes=5)
    for number in range(12):
        make_signature(
            campaign, name=f"Canary {number}", email=f"canary{number}@throw.example", network_hash=network,
            country="VA", source="an-article", created_at=lately,
        )  # fmt: skip
    base = f"/admin/campaigns/{campaign.slug}"
    page = browser.get(f"{base}/trends").text
    label = network_label(network)
    for shown in (label, "throw.example", "Vatican City", "an-article", "More than usual", "new"):
        assert shown in page, shown
    assert network not in page
    assert "anary" not in page
    for link in (
        f"{base}/signatures?country=VA",
        f"{base}/signatures?source=an-article",
        f"{base}/signatures?network={label}",
    ):
        assert link in page
        assert "Canary 3" in browser.get(link).text
    prepared = browser.get(f"{base}/invalidations?network={label}").text
    assert f'value="{label}"' in prepared
    assert f'{base}/invalidations?network={label}"' in page
    assert f'{base}/invalidations?domain=throw.example"' in page
    for narrowed in ("country=VA", "source=an-article"):  # only what came lately
        assert f"{base}/invalidations?{narrowed}&amp;since=" in page


def test_a_quiet_hour_says_so(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    page = browser.get(f"/admin/campaigns/{campaign.slug}/trends").text
    assert "Nothing brings more than usual now." in page
