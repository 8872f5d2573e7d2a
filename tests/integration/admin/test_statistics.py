"""The staff's statistics: for every role of the campaign, in charts and tables that say the same, and as a file."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.core.database import db
from campaign.petitions.models import SignatureState
from campaign.staff.models import Role
from tests.factories import NOW, make_campaign, make_signature
from tests.integration.admin.conftest import SignIn
from tests.integration.reports.test_statistics import fold


def a_campaign() -> str:
    campaign = make_campaign()
    for number in range(4):
        at = NOW - timedelta(days=number)
        for state in (SignatureState.CONFIRMED, SignatureState.PENDING):
            make_signature(
                campaign, state=state, created_at=at, source=f"article-{number}", country="PL" if number else "GB",
                confirmed_at=at + timedelta(seconds=100) if state is SignatureState.CONFIRMED else None,
            )  # fmt: skip
    fold()
    return str(campaign.slug)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_the_statistics_of_its_campaign(sign_in: SignIn, role: Role) -> None:
    slug = a_campaign()
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        browser = sign_in(role)
        page = browser.get(f"/admin/campaigns/{slug}/statistics").text
        assert re.search(r"Forms sent</h2>\s*<p class=\"number\">8</p>", page)
        assert "50%" in page
        assert "half within 2 minutes" in page
        for words in ('12 March</th><td class="num">2</td>', ">Poland</", "Most: 1, ", "Thu"):
            assert words in page, words
        assert page.count('<td class="heat-') > 140
        sources = browser.get(f"/admin/campaigns/{slug}/sources").text
        assert all(f"article-{number}" in sources for number in range(4))
        overview = browser.get("/admin/").text
    assert "From form to gift" in overview
    assert (">article-0</bdi></a>" in sources) == (role is not Role.EDITOR)  # who may see the queue is led to it


def test_a_campaign_that_nobody_signed_says_what_will_stand_there(sign_in: SignIn) -> None:
    slug, browser = make_campaign().slug, sign_in(Role.EDITOR)
    assert "Charts appear with the first form" in browser.get(f"/admin/campaigns/{slug}/statistics").text
    assert "No reader has come from an article yet" in browser.get(f"/admin/campaigns/{slug}/sources").text
    assert "From form to gift" not in browser.get("/admin/").text


def test_sources_come_as_a_file_that_the_trail_knows(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    make_signature(campaign, source="article;=1+1")
    # Not folded yet, it has no name yet.
    assert "Further articles" in browser.get(f"/admin/campaigns/{campaign.slug}/sources").text
    answer = browser.get(f"/admin/campaigns/{campaign.slug}/sources.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.text.splitlines()) == 2
    assert all(line.startswith('"') and line.count('","') == 9 for line in answer.text.splitlines())
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sources.exported")).one()
    assert (entry.actor, entry.campaign_id) == ("editor@lantern.example", campaign.id)


def test_sources_are_paged_and_their_names_are_text(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for number in range(52):
        make_signature(campaign, source=f"article-{number:02}")
    make_signature(campaign, source="<b>bold</b>")
    fold()
    first = browser.get(f"/admin/campaigns/{campaign.slug}/sources").text
    assert "&lt;b&gt;bold&lt;/b&gt;" in first
    assert "<b>bold" not in first
    assert ("article-48" in first, "article-49" in first) == (True, False)
    assert "article-51" in browser.get(f"/admin/campaigns/{campaign.slug}/sources?start=50").text
