"""The figures on the staff's pages: how often they are asked of the database, and how a count with a limit reads."""

import pytest

from campaign.core.database import transaction
from campaign.donations.models import Donation, DonationState, Payment
from campaign.petitions import queue
from campaign.petitions.models import CommentState, SignatureState
from campaign.petitions.queue import comments
from campaign.staff.models import Role
from tests.factories import NOW, make_campaign, make_signature
from tests.integration.admin.conftest import SignIn
from tests.statements import Statement, recorded


def asking(sent: list[Statement], words: str) -> int:
    return len([each for each in sent if words in each.sql])


@pytest.mark.parametrize(("query", "counts"), [("", 1), ("?comment=awaiting", 2), ("?state=held", 1)])
def test_a_page_of_signatures_reads_each_figure_once(sign_in: SignIn, query: str, counts: int) -> None:
    """How many comments wait is counted to one limit, how many are on the list's pages to another."""
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    make_signature(campaign, comment="Because.", comment_state=CommentState.AWAITING)
    with recorded() as sent:
        page = browser.get(f"/admin/campaigns/{campaign.slug}/signatures{query}")
    assert page.status_code == 200
    assert asking(sent, "FROM signature_tally") == 1
    assert asking(sent, "count(*)") == counts


def test_the_page_of_exports_reads_the_tally_once(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    with recorded() as sent:
        assert browser.get(f"/admin/campaigns/{campaign.slug}/exports").status_code == 200
    assert asking(sent, "FROM signature_tally") == 1


def test_two_requests_do_not_share_their_figures(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.MODERATOR)
    path = f"/admin/campaigns/{campaign.slug}/signatures"
    assert "<b>1</b>" not in browser.get(path).text
    make_signature(campaign, state=SignatureState.HELD)
    assert "<b>1</b>" in browser.get(path).text


def test_comments_beyond_the_limit_are_counted_no_further(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (queue, comments):
        monkeypatch.setattr(place, "MOST_COUNTED", 3)
    campaign, browser = make_campaign(short_name="Welcome"), sign_in(Role.MODERATOR)
    path = f"/admin/campaigns/{campaign.slug}/signatures"
    for nav, tab, task in [
        ("1", "1", "1 comment to"),
        ("2", "2", "2 comments to"),
        *[("2+", "2+", "2+ comments to")] * 2,
    ]:
        make_signature(campaign, comment="Because.", comment_state=CommentState.AWAITING)
        page = browser.get(path).text
        assert f"<b>{nav}</b>" in page
        assert f"Comments to read {tab}</a>" in page
        assert f"{task} read (Welcome)" in browser.get("/admin/").text


def give(campaign_id: int) -> None:
    with transaction() as session:
        donation = Donation(
            campaign_id=campaign_id, state=DonationState.SUCCEEDED, amount_minor=2500, currency="GBP", name="Ana",
            email="ana@example.org", email_key="ana", consent_version="1", language="en", form_key=f"form {campaign_id}",
            created_at=NOW, state_changed_at=NOW,
        )  # fmt: skip
        session.add(donation)
        session.flush()
        session.add(
            Payment(
                donation_id=donation.id,
                campaign_id=campaign_id,
                payment_intent=f"pi_{campaign_id}",
                amount_minor=2500,
                currency="GBP",
                paid_at=NOW,
            )
        )


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MODERATOR])
def test_the_overview_asks_as_much_for_ten_campaigns_as_for_two(sign_in: SignIn, role: Role) -> None:
    browser, asked = sign_in(role), []
    for more in (2, 8):
        for _ in range(more):
            campaign = make_campaign()
            make_signature(campaign, comment="Because.", comment_state=CommentState.AWAITING)
            give(campaign.id)
        with recorded() as sent:
            page = browser.get("/admin/")
        assert page.status_code == 200
        asked.append(len(sent))
    assert page.text.count("£25") == 10
    assert asked[0] == asked[1]
