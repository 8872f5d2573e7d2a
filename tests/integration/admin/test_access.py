"""The access table, walked with everybody: who signed in as what, on which campaign, with how recent a password."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from campaign.admin.access import TABLE
from campaign.campaigns.models import Campaign, Demand, Handover, Update, UpdateKind
from campaign.core import clock
from campaign.core.database import transaction
from campaign.core.identifiers import new_public_id
from campaign.donations.models import OfflineGift, OfflineMethod
from campaign.petitions.export_jobs import export_path
from campaign.petitions.models import (
    CollectedTally,
    Export,
    ExportFormat,
    ExportState,
    ImportState,
    Invalidation,
    InvalidationState,
    Listing,
    ListSubject,
    Origin,
    ScreeningEntry,
    SignatureImport,
)
from campaign.staff.models import Role, StaffUser
from campaign.supporters.models import Mailing, MailingText
from tests.factories import NOW, make_campaign, make_picture, make_signature
from tests.integration.admin.conftest import Browser, SignIn, make_person

R = Role
ANYBODY, SIGNED_IN = "anybody", "signed in"
EDITING, MODERATING, ADMIN = {R.EDITOR, R.ADMIN}, {R.MODERATOR, R.ADMIN}, {R.ADMIN}

# Written down here and not taken from the gate: (route, method) -> who, and whether the password must be recent.
EXPECTED: dict[tuple[str, str], tuple[Any, bool]] = {
    ("security.login", "GET"): (ANYBODY, False),
    ("security.login", "POST"): (ANYBODY, False),
    ("security.logout", "POST"): (SIGNED_IN, False),
    ("security.verify", "GET"): (SIGNED_IN, False),
    ("security.verify", "POST"): (SIGNED_IN, False),
    ("admin.overview", "GET"): ({R.EDITOR, R.MODERATOR, R.ADMIN}, False),
    ("admin.campaigns", "GET"): ({R.EDITOR, R.MODERATOR, R.ADMIN}, False),
    ("admin.campaign_new", "GET"): (EDITING, False),
    ("admin.campaign_new", "POST"): (EDITING, False),
    ("admin.campaign_edit", "GET"): (EDITING, False),
    ("admin.campaign_edit", "POST"): (EDITING, False),
    ("admin.campaign_state", "POST"): (EDITING, False),
    ("admin.campaign_preview", "POST"): (EDITING, False),
    ("admin.campaign_revisions", "GET"): (EDITING, False),
    ("admin.campaign_revision", "GET"): (EDITING, False),
    ("admin.campaign_restore", "POST"): (EDITING, False),
    ("admin.text_preview", "POST"): (EDITING, False),
    ("admin.answers", "GET"): (EDITING, False),
    ("admin.answers", "POST"): (EDITING, False),
    ("admin.goals", "GET"): (EDITING, False),
    ("admin.goals", "POST"): (EDITING, False),
    ("admin.imports", "GET"): (ADMIN, True),
    ("admin.imports", "POST"): (ADMIN, True),
    ("admin.imports_one", "GET"): (ADMIN, True),
    ("admin.imports_one", "POST"): (ADMIN, True),
    ("admin.imports_findings", "GET"): (ADMIN, True),
    ("admin.tallies", "GET"): (ADMIN, False),
    ("admin.tallies", "POST"): (ADMIN, False),
    ("admin.tallies_correct", "GET"): (ADMIN, False),
    ("admin.tallies_correct", "POST"): (ADMIN, False),
    ("admin.updates", "GET"): (EDITING, False),
    ("admin.updates_new", "GET"): (EDITING, False),
    ("admin.updates_new", "POST"): (EDITING, False),
    ("admin.updates_edit", "GET"): (EDITING, False),
    ("admin.updates_edit", "POST"): (EDITING, False),
    ("admin.updates_withdraw", "POST"): (EDITING, False),
    ("admin.updates_mail", "POST"): (EDITING, False),
    ("admin.mailings", "GET"): (EDITING, False),
    ("admin.mailings_new", "GET"): (EDITING, False),
    ("admin.mailings_new", "POST"): (EDITING, False),
    ("admin.mailings_edit", "GET"): (EDITING, False),
    ("admin.mailings_edit", "POST"): (EDITING, False),
    ("admin.mailings_one", "GET"): (EDITING, False),
    ("admin.mailings_one", "POST"): (EDITING, False),
    ("admin.mailings_preview", "GET"): (EDITING, False),
    ("admin.supporters", "GET"): (EDITING, False),
    ("admin.supporters_file", "GET"): (ADMIN, True),
    ("admin.supporters_file", "POST"): (ADMIN, True),
    ("admin.signatures", "GET"): (MODERATING, False),
    ("admin.signatures_find", "POST"): (MODERATING, False),
    ("admin.signatures_moderate", "POST"): (MODERATING, False),
    ("admin.signatures_one", "GET"): (MODERATING, False),
    ("admin.signatures_like", "POST"): (MODERATING, False),
    ("admin.signatures_undo", "POST"): (MODERATING, False),
    ("admin.reports", "GET"): (MODERATING, False),
    ("admin.reports_settle", "POST"): (MODERATING, False),
    ("admin.screening", "GET"): (MODERATING, False),
    ("admin.screening", "POST"): (MODERATING, False),
    ("admin.screening_list", "POST"): (MODERATING, False),
    ("admin.screening_unlist", "POST"): (MODERATING, False),
    ("admin.trends", "GET"): (MODERATING, False),
    ("admin.invalidations", "GET"): (MODERATING, False),
    ("admin.invalidations", "POST"): (MODERATING, False),
    ("admin.invalidations_one", "GET"): (MODERATING, False),
    ("admin.invalidations_one", "POST"): (MODERATING, False),
    ("admin.sharing", "GET"): (EDITING, False),
    ("admin.sharing", "POST"): (EDITING, False),
    ("admin.pictures", "GET"): (EDITING, False),
    ("admin.pictures", "POST"): (EDITING, False),
    ("admin.pictures_one", "GET"): (EDITING, False),
    ("admin.pictures_one", "POST"): (EDITING, False),
    ("admin.pictures_focus", "POST"): (EDITING, False),
    ("admin.pictures_show", "POST"): (EDITING, False),
    ("admin.pictures_remove", "POST"): (EDITING, False),
    ("admin.pictures_whole", "GET"): (EDITING, False),
    ("admin.handovers", "GET"): (EDITING, False),
    ("admin.handovers_new", "GET"): (EDITING, False),
    ("admin.handovers_new", "POST"): (EDITING, False),
    ("admin.handovers_edit", "GET"): (EDITING, False),
    ("admin.handovers_edit", "POST"): (EDITING, False),
    ("admin.handovers_pack", "POST"): (ADMIN, True),
    ("admin.exports", "GET"): (ADMIN, True),
    ("admin.exports", "POST"): (ADMIN, True),
    ("admin.exports_file", "GET"): (ADMIN, True),
    ("admin.exports_cancel", "POST"): (ADMIN, True),
    ("admin.donations", "GET"): (ADMIN, False),
    ("admin.donations_charts", "GET"): (ADMIN, False),
    ("admin.donations_exports", "GET"): (ADMIN, True),
    ("admin.donations_exports", "POST"): (ADMIN, True),
    ("admin.donations_find", "POST"): (ADMIN, False),
    ("admin.donations_one", "GET"): (ADMIN, False),
    ("admin.donations_refund", "GET"): (ADMIN, True),
    ("admin.donations_refund", "POST"): (ADMIN, True),
    ("admin.donations_end", "POST"): (ADMIN, False),
    ("admin.discreet", "GET"): (EDITING, False),
    ("admin.discreet", "POST"): (EDITING, False),
    ("admin.mail", "GET"): (ADMIN, False),
    ("admin.mail_one", "GET"): (ADMIN, False),
    ("admin.mail_again", "POST"): (ADMIN, False),
    ("admin.mail_unbuilt", "POST"): (ADMIN, False),
    ("admin.mail_previews", "GET"): (ADMIN, False),
    ("admin.mail_preview_html", "GET"): (ADMIN, False),
    ("admin.stripe", "GET"): (ADMIN, False),
    ("admin.stripe_sync", "POST"): (ADMIN, False),
    ("admin.stripe_replay", "POST"): (ADMIN, False),
    ("admin.stripe_unmatched", "POST"): (ADMIN, False),
    ("admin.stripe_alarm", "POST"): (ADMIN, False),
    ("admin.messages", "GET"): (MODERATING, False),
    ("admin.messages_decide", "POST"): (MODERATING, False),
    ("admin.offline_gifts", "GET"): (ADMIN, False),
    ("admin.offline_gifts", "POST"): (ADMIN, False),
    ("admin.offline_correct", "GET"): (ADMIN, False),
    ("admin.offline_correct", "POST"): (ADMIN, False),
    ("admin.offline_files", "GET"): (ADMIN, True),
    ("admin.offline_files", "POST"): (ADMIN, True),
    ("admin.offline_files_store", "POST"): (ADMIN, True),
    ("admin.offline_files_take_back", "POST"): (ADMIN, True),
    ("admin.offline_void", "POST"): (ADMIN, False),
    ("admin.stripe_lift", "POST"): (ADMIN, False),
    ("admin.sources", "GET"): ({R.EDITOR, R.MODERATOR, R.ADMIN}, False),
    ("admin.sources_file", "GET"): ({R.EDITOR, R.MODERATOR, R.ADMIN}, False),
    ("admin.statistics", "GET"): ({R.EDITOR, R.MODERATOR, R.ADMIN}, False),
    ("admin.spending_page", "GET"): (EDITING, False),
    ("admin.spending_budget", "POST"): (EDITING, False),
    ("admin.spending_payout", "POST"): (ADMIN, False),
    ("admin.spending_take_back", "POST"): (ADMIN, False),
    ("admin.gift_aid_page", "GET"): (ADMIN, True),
    ("admin.gift_aid_claim", "POST"): (ADMIN, True),
    ("admin.gift_aid_file", "GET"): (ADMIN, True),
    ("admin.gift_aid_declaration", "GET"): (ADMIN, True),
    ("admin.gift_aid_declaration", "POST"): (ADMIN, True),
    ("admin.audit", "GET"): (ADMIN, False),
    ("admin.staff", "GET"): (ADMIN, False),
    ("admin.settings", "GET"): (ADMIN, False),
    ("admin.settings", "POST"): (ADMIN, False),
}
OVER_THE_SITE = [
    "admin.campaign_new",
    "admin.gift_aid_page",
    "admin.mail",
    "admin.stripe",
    "admin.audit",
    "admin.staff",
    "admin.settings",
]
GUARDED = [pair for pair, (who, _) in EXPECTED.items() if who != ANYBODY]
# One sign-in serves a whole walk: hashing the password is what takes time here.


def address(app: Flask, endpoint: str, campaign: Campaign) -> str:
    """The route's path for a campaign, with an update and a finished export of its own where it needs them."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    path = rule.rule.replace("<slug>", campaign.slug)
    with transaction() as session:
        told = Update(campaign_id=campaign.id, kind=UpdateKind.NEWS, title="News", created_at=NOW, updated_at=NOW)
        export = Export(
            campaign_id=campaign.id,
            format=ExportFormat.CSV,
            filters={"state": "confirmed"},
            reason="test",
            requested_by="test",
            state=ExportState.READY,
            created_at=NOW,
            available_at=NOW,
            expires_at=clock.now() + timedelta(hours=2),
        )
        listed = ScreeningEntry(
            campaign_id=campaign.id,
            listing=Listing.BLOCKED,
            subject=ListSubject.DOMAIN,
            shown="spam.example",
            fingerprint=new_public_id(),
            created_by="test",
            created_at=NOW,
        )
        handed = Handover(
            campaign_id=campaign.id, handed_on=NOW.date(), recipient="M", signatures=1, created_at=NOW, updated_at=NOW
        )
        counted = CollectedTally(
            campaign_id=campaign.id, origin=Origin.PAPER, source="lists", count=1, counted_on=NOW.date()
        )
        session.add_all([told, export, listed, handed, counted])
        session.flush()
        # One public id serves both, for the path has room for one.
        session.add(
            Invalidation(
                public_id=export.public_id,
                campaign_id=campaign.id,
                state=InvalidationState.READY,
                conditions={"country": "GB"},
                newest_id=0,
                previewed_by="test",
                created_at=NOW,
                available_at=NOW,
            )
        )
        session.add(
            OfflineGift(
                public_id=export.public_id,
                campaign_id=campaign.id,
                method=OfflineMethod.CASH,
                amount_minor=1,
                currency="GBP",
                given_on=NOW.date(),
                name="",
                email="",
                note="",
                edition=1,
                created_at=NOW,
            )
        )
        session.add(
            SignatureImport(
                public_id=export.public_id,
                campaign_id=campaign.id,
                demand_id=session.query(Demand.id).filter_by(campaign_id=campaign.id).first()[0],
                origin=Origin.PARTNER,
                source="partner",
                collected_on=NOW.date(),
                consent="I sign.",
                file_name="list.csv",
                size=1,
                sha256="0",
                findings={"no_at": 1},
                state=ImportState.DONE,
                requested_by="test",
                created_at=NOW,
                available_at=NOW,
            )
        )
        session.add(
            Mailing(
                public_id=export.public_id,
                campaign_id=campaign.id,
                texts=[MailingText(language="en", subject="News", body="All.")],
                created_by="test",
                created_at=NOW,
                available_at=NOW,
            )
        )
    shown = make_picture(campaign).public_id if "<picture>" in path else ""
    file = export_path(app.extensions["settings"].storage, export)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"canary\r\n")
    path = path.replace("<handover>", handed.public_id).replace("<picture>", shown)
    path = path.replace("<int:entry_id>", str(listed.id)).replace("<int:number>", "1")
    path = path.replace("<int(max=2147483647):edition>", str(campaign.edition))
    path = path.replace("<int:mail_id>", "1")
    path = path.replace("<int:tally_id>", str(counted.id))
    signed = str(make_signature(campaign).id) if "<signature_id>" in path else ""
    return (
        path.replace("<update>", told.public_id)
        .replace("<public_id>", export.public_id)
        .replace("<signature_id>", signed)
    )


def request_status(browser: Browser, method: str, path: str) -> int:
    if method == "GET":
        return browser.get(path).status_code
    return browser.post(path, token="none").status_code


def let_in(status: int) -> bool:
    """Past the gate: what the view then says, or that the post lacks its token (400), which is asked last."""
    return status not in (302, 401, 403, 405, 500)


def test_nobody_gets_in_without_signing_in(app: Flask, browser: Browser) -> None:
    campaign, token = make_campaign(), browser.token()
    for endpoint, method in GUARDED:
        path = address(app, endpoint, campaign)
        response = browser.get(path) if method == "GET" else browser.post(path, token=token)
        assert response.status_code == 302, path
        assert response.headers["Location"].startswith("/admin/login"), path


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_where_the_table_says(app: Flask, sign_in: SignIn, role: Role) -> None:
    browser, campaign = sign_in(role), make_campaign()
    for endpoint, method in GUARDED:
        who, _ = EXPECTED[endpoint, method]
        if who == SIGNED_IN:  # tried in test_sign_in.py: signing out here would end the walk
            continue
        status = request_status(browser, method, address(app, endpoint, campaign))
        assert let_in(status) if role in who else status == 403, (endpoint, method, status)


def test_every_staff_route_has_its_line_here(app: Flask) -> None:
    real = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/admin")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert real == set(EXPECTED)


def test_another_campaign_is_as_unknown_as_none(app: Flask, sign_in: SignIn) -> None:
    own, other = make_campaign(), make_campaign()
    browser = sign_in(Role.ADMIN, campaign_id=own.id)
    for endpoint, method in GUARDED:
        path = address(app, endpoint, other)
        if other.slug not in path:
            continue
        unknown = path.replace(f"/{other.slug}/", "/no-such-campaign/")
        assert request_status(browser, method, path) == 404, path
        assert request_status(browser, method, unknown) == 404, path
        if method == "GET":
            assert browser.get(path).text == browser.get(unknown).text
        assert let_in(request_status(browser, method, address(app, endpoint, own))), path


@pytest.mark.parametrize(
    "endpoint", ["admin.updates_edit", "admin.exports_file", "admin.invalidations_one", "admin.pictures_one"]
)
def test_what_belongs_to_another_campaign_is_not_found_under_ones_own(
    app: Flask, sign_in: SignIn, endpoint: str
) -> None:
    own, other = make_campaign(), make_campaign()
    browser = sign_in(Role.ADMIN)
    path = address(app, endpoint, other)
    foreign = browser.get(path.replace(other.slug, own.slug))
    assert foreign.status_code == 404
    assert "canary" not in foreign.text
    assert browser.get(path).status_code == 200  # it is there, for its own campaign


@pytest.mark.parametrize("endpoint", OVER_THE_SITE)
def test_a_role_for_one_campaign_does_not_reach_over_the_site(app: Flask, sign_in: SignIn, endpoint: str) -> None:
    campaign = make_campaign()
    browser = sign_in(Role.ADMIN, campaign_id=campaign.id)
    assert browser.get(address(app, endpoint, campaign)).status_code == 403


def test_a_disabled_person_gets_nowhere(app: Flask, sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.ADMIN), make_campaign()
    with transaction() as session:
        session.execute(update(StaffUser).values(active=False))
    for endpoint, method in GUARDED:
        assert request_status(browser, method, address(app, endpoint, campaign)) == 302, endpoint
    assert browser.get("/admin/").headers["Location"].startswith("/admin/login")


def test_an_old_sign_in_is_asked_again_where_the_table_says(app: Flask, sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.ADMIN), make_campaign()
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
        for endpoint, method in GUARDED:
            path = address(app, endpoint, campaign)
            response = browser.get(path) if method == "GET" else browser.post(path, token="none")
            asked = response.headers.get("Location", "").startswith("/admin/verify")
            assert asked is EXPECTED[endpoint, method][1], (endpoint, method)


def test_a_post_from_another_site_does_nothing(sign_in: SignIn) -> None:
    campaign = make_campaign()
    browser = sign_in(Role.ADMIN)
    path, token = f"/admin/campaigns/{campaign.slug}/state", browser.token("/admin/")
    evil = {"Origin": "https://evil.example"}
    assert browser.post(path, {"state": "closed"}, token=token, headers=evil).status_code == 403
    assert browser.post(path, {"state": "closed"}, token="forged").status_code == 400
    assert browser.post(path, {"state": "closed"}, token=token).status_code == 303


def test_a_route_that_is_not_in_the_table_is_refused(app: Flask, sign_in: SignIn, monkeypatch) -> None:
    browser = sign_in(Role.ADMIN)
    monkeypatch.delitem(TABLE, "admin.campaigns")
    assert browser.get("/admin/campaigns").status_code == 403


def test_the_overview_shows_only_ones_own_campaigns(sign_in: SignIn) -> None:
    own, other = make_campaign(title="Our own"), make_campaign(title="Somebody else's")
    page = sign_in(Role.EDITOR, campaign_id=own.id).get("/admin/").text
    assert "Our own" in page
    assert "Somebody else" not in page
    assert other.slug not in page


def test_a_language_prefix_is_no_way_around(browser: Browser) -> None:
    make_person(Role.ADMIN)
    for path in ("/uk/admin/", "/en/admin/", "/ADMIN/"):
        assert browser.get(path).status_code in (302, 308, 404)
