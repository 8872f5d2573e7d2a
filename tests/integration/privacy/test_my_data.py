"""My data: asked for by mail, opened by its link alone, and what can be done there, each signature by itself."""

import re
import shutil
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from campaign.audit.models import DataDeed, DeedKind
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.donations.models import Donation, MessageState, MonthlyGift
from campaign.mail.models import MailKind, OutboxMessage
from campaign.petitions import rollups, tally
from campaign.petitions.models import CommentState, Dimension, Signature, SignatureState
from campaign.privacy.models import DataAccess
from campaign.settings import Settings
from campaign.supporters.models import Consent, Subscription, Supporter
from campaign.supporters.subscribing import subscribe
from campaign.worker.timetable import run_once
from tests.factories import make_campaign, make_signature, reread
from tests.integration.privacy.conftest import Open, count
from tests.integration.public.conftest import make_donation, make_monthly_gift

ADA, BEN = "ada@example.org", "ben@example.org"
S = SignatureState


def links() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == MailKind.MY_DATA_LINK)))


def deeds() -> list[DeedKind]:
    db.session.rollback()
    return list(db.session.scalars(select(DataDeed.kind).order_by(DataDeed.id)))


def give(campaign: Campaign, settings: Settings, email: str = ADA, **more: object) -> Donation:
    key = address_key(settings.hash_key, email)
    return make_donation(campaign, email=email, email_key=key, **more)


def test_the_answer_is_the_same_for_a_known_an_unknown_and_a_mistyped_address(client: FlaskClient) -> None:
    make_signature(make_campaign(), email=ADA)
    answers = [
        client.post("/my-data", data={"email": email}) for email in (ADA, "nobody@example.org", "ada@exmaple.org")
    ]
    assert {(one.status_code, one.location, one.text) for one in answers} == {
        (303, "/my-data/check-your-inbox", answers[0].text)
    }
    assert len(links()) == 1
    assert client.post("/my-data", data={"email": "ada"}).status_code == 422


def test_the_mail_leads_to_the_page_and_only_three_are_sent_a_day(
    app: Flask, client: FlaskClient, settings: Settings, request: pytest.FixtureRequest
) -> None:
    make_signature(make_campaign(), email="Ada.Love@gmail.com", name="Ada Lovelace")
    for _ in range(5):  # another spelling of the same mailbox: the mail goes where the signature says
        client.post("/my-data", data={"email": "adalove@gmail.com"})
    assert len(links()) == 3
    run_once(app, settings)
    request.addfinalizer(lambda: shutil.rmtree(settings.mailbox))  # other tests count what is in there
    mails = [path.read_text() for path in (settings.mailbox / "new").iterdir()]
    mine = [mail for mail in mails if "To: Ada.Love@gmail.com" in mail]
    assert len(mine) == 3
    found = re.search(r"http://campaign\.test(/my-data/\S+)", mine[0])
    assert found
    page = client.get(found[1])
    assert page.status_code == 200
    assert "Ada Lovelace" in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_a_link_runs_out_can_be_ended_and_opens_one_mailbox_only(client: FlaskClient, open_page: Open) -> None:
    campaign = make_campaign()
    make_signature(campaign, email=ADA, name="Ada Lovelace")
    other = make_signature(campaign, email=BEN, name="Ben Nevis")
    ada, ben = open_page(ADA), open_page(BEN)
    assert "Ben Nevis" not in ada.get().text
    assert client.get(ada.path[:-1] + "x").status_code == 404
    assert client.post(f"{ada.path}/erase", data={"donation": "nothing"}).status_code == 404
    assert client.post(f"{ada.path}/withdraw", data={"signature": "nothing"}).status_code == 404
    with time_machine.travel(clock.now() + timedelta(days=8)):
        for answer in (ada.get(), ada.get("/download"), client.post(f"{ada.path}/erase")):
            assert answer.status_code == 410
            assert "Send me the link" in answer.text
    assert ben.client.post(f"{ben.path}/void").location == "/my-data"
    assert ben.get().status_code == 404
    assert reread(other).name == "Ben Nevis"


def test_each_signature_of_a_shared_mailbox_is_handled_apart(open_page: Open) -> None:
    first, second, third = make_campaign(), make_campaign(), make_campaign()
    ada = make_signature(first, email=ADA, name="Ada Lovelace", show_name=True)
    ben = make_signature(second, email=ADA, name="Ben Nevis")
    eve = make_signature(third, email=ADA, name="Eve Moore")
    page = open_page(ADA)
    page.do("erase", signature=first.slug)
    page.do("withdraw", signature=second.slug)
    assert (reread(ada).name, reread(ada).state) == (None, S.CONFIRMED)
    assert (reread(ben).name, reread(ben).state) == ("Ben Nevis", S.WITHDRAWN)
    assert (reread(eve).name, reread(eve).state) == ("Eve Moore", S.CONFIRMED)
    assert [count(campaign.id) for campaign in (first, second, third)] == [1, 0, 1]
    text = page.get().text
    assert "Ada Lovelace" not in text
    assert "Eve Moore" in text
    assert len(page.references()) == 2
    assert deeds() == [DeedKind.SIGNATURE_ERASED, DeedKind.WITHDRAWN]


@pytest.mark.parametrize(
    ("state", "left"),
    [
        (S.PENDING, S.WITHDRAWN),
        (S.HELD, S.HELD),
        (S.CONFIRMED, S.CONFIRMED),
        (S.INVALIDATED, S.INVALIDATED),
        (S.WITHDRAWN, S.WITHDRAWN),
    ],
)
def test_erasing_forgets_the_person_in_every_state_and_keeps_the_count(
    client: FlaskClient, open_page: Open, state: S, left: S
) -> None:
    campaign = make_campaign()
    signature = make_signature(
        campaign, email=ADA, state=state, comment="Because.", comment_state=CommentState.PUBLISHED
    )
    before = count(campaign.id)
    page = open_page(ADA)
    page.do("erase", signature=campaign.slug)
    row = reread(signature)
    assert (row.state, row.name, row.email, row.comment, row.comment_state, row.show_name) == (
        left,
        None,
        None,
        "",
        None,
        False,
    )
    assert count(campaign.id) == before
    form = {"name": "Somebody Else", "email": ADA, "country": "GB"}
    client.post(f"/campaigns/{campaign.slug}/sign", data=form)
    assert db.session.scalar(select(func.count(Signature.id))) == 1  # the address cannot be used by others
    assert reread(signature).name is None
    assert page.get().status_code == 200
    assert "nothing that tells who you are" in page.get().text


def test_withdrawing_takes_one_off_and_voids_the_mailed_links(open_page: Open) -> None:
    campaign = make_campaign()
    signature = make_signature(campaign, email=ADA)
    make_signature(campaign)
    page = open_page(ADA)
    page.do("withdraw")
    page.do("withdraw")  # again: nothing more
    assert count(campaign.id) == 1
    assert reread(signature).token_version == 2
    assert deeds() == [DeedKind.WITHDRAWN]


def test_hiding_shows_no_name_and_no_comment_and_counts_as_before(
    client: FlaskClient, open_page: Open, settings: Settings
) -> None:
    campaign = make_campaign()
    make_signature(
        campaign,
        email=ADA,
        name="Adalind Love",
        show_name=True,
        comment="My words.",
        comment_state=CommentState.PUBLISHED,
    )
    for _ in range(6):
        make_signature(campaign, show_name=True)
    gift = give(
        campaign,
        settings,
        name="Adalind Love",
        show_name=True,
        message="For you.",
        message_state=MessageState.PUBLISHED,
    )
    assert "Adalind" in client.get(f"/campaigns/{campaign.slug}").text
    open_page(ADA).do("hide")
    seen = client.get(f"/campaigns/{campaign.slug}").text + client.get(f"/campaigns/{campaign.slug}/money").text
    assert "Adalind" not in seen
    assert "My words." not in seen
    assert count(campaign.id) == 7
    assert (reread(gift).show_name, reread(gift).message_state) == (False, MessageState.REFUSED)


def test_correcting_is_checked_like_signing_and_moves_the_country_in_the_statistics(
    open_page: Open, client: FlaskClient
) -> None:
    campaign = make_campaign()
    signature = make_signature(campaign, email=ADA, name="Ada", comment="Old.", comment_state=CommentState.PUBLISHED)
    page = open_page(ADA)
    wrong = client.post(f"{page.path}/correct", data={"signature": campaign.slug, "name": "", "country": "GB"})
    assert wrong.status_code == 422
    assert "Enter your name." in wrong.text
    page.do("correct", name="Ada Lovelace", country="DE", postcode="ab1", comment="New.")
    row = reread(signature)
    assert (row.name, row.name_folded, row.country, row.postcode, row.comment) == (
        "Ada Lovelace",
        "ada lovelace",
        "DE",
        "AB1",
        "New.",
    )
    assert row.comment_state is CommentState.AWAITING
    with transaction() as session:
        tally.fold(session)
    assert countries(campaign.id) == {"DE": 1, "GB": 0}
    assert count(campaign.id) == 1
    with transaction() as session:
        rollups.rebuild(session, campaign.id)
    assert countries(campaign.id) == {"DE": 1, "GB": 0}
    page.do("correct", name="Ada Lovelace")  # what is not sent stays
    assert reread(signature).comment == "New."
    assert deeds() == [DeedKind.CORRECTED]


def countries(campaign_id: int) -> dict[str, int]:
    db.session.rollback()
    rows = db.session.execute(select(rollups.everything(campaign_id, Dimension.COUNTRY)))
    return {row.value: int(row.counted) for row in rows if row.hour == rollups.EVER}


def test_a_corrected_name_that_looks_wrong_waits_for_a_moderator_where_it_is_shown(open_page: Open) -> None:
    campaign = make_campaign()
    shown = make_signature(campaign, email=ADA, name="Ada", show_name=True)
    open_page(ADA).do("correct", name="Mickey Mouse")
    assert reread(shown).state is S.HELD
    assert count(campaign.id) == 0


def test_a_donor_is_forgotten_and_the_money_is_as_before(
    open_page: Open, settings: Settings, client: FlaskClient
) -> None:
    campaign = make_campaign()
    first = give(campaign, settings, message="For you.", message_state=MessageState.PUBLISHED, in_memory_of="Grace")
    monthly = make_monthly_gift(first)
    second = give(campaign, settings, form_key="k2")
    before = client.get(f"/api/v1/campaigns/{campaign.slug}").json
    page = open_page(ADA)
    assert "This monthly gift ends with it." in page.get().text
    page.do("erase", donation=first.public_id)
    row = reread(first)
    assert (row.name, row.email, row.message, row.in_memory_of, row.message_state) == ("", "", "", "", None)
    assert row.email_key == reread(second).email_key  # one donor still counts as one
    assert reread(monthly).cancel_asked_at is not None
    page.do("erase", donation=second.public_id)
    keys = set(db.session.scalars(select(Donation.email_key))) | set(db.session.scalars(select(MonthlyGift.email_key)))
    assert page.key not in keys
    assert len(set(db.session.scalars(select(Donation.email_key)))) == 1
    after = client.get(f"/api/v1/campaigns/{campaign.slug}").json
    assert before is not None
    assert after is not None
    assert before["donations"] == after["donations"] != []


def test_news_is_chosen_stopped_and_its_address_erased(open_page: Open, settings: Settings) -> None:
    first, second = make_campaign(), make_campaign()
    for campaign in (first, second):
        make_signature(campaign, email=ADA)
    with transaction() as session:
        subscribe(
            session, campaign_id=first.id, email=ADA, email_key=address_key(settings.hash_key, ADA), language="en",
            wording_version="1", channel="signature", now=clock.now(),
        )  # fmt: skip
    page = open_page(ADA)
    assert page.get().text.count(" checked>") == 1
    page.do("preferences", news=[second.slug, "of-somebody-else"])
    db.session.rollback()
    ended = dict(db.session.execute(select(Subscription.campaign_id, Subscription.ended_at)).all())
    assert ended[first.id] is not None
    assert ended[second.id] is None
    assert [one.channel for one in db.session.scalars(select(Consent).order_by(Consent.id))] == ["signature", "my data"]
    page.do("erase", news="1")
    assert [
        db.session.scalar(select(func.count()).select_from(model)) for model in (Supporter, Consent, Subscription)
    ] == [0, 0, 0]
    assert set(deeds()) == {DeedKind.UNSUBSCRIBED, DeedKind.SUBSCRIBED, DeedKind.SUPPORTER_ERASED}


def test_the_file_holds_everything_and_nothing_of_others(open_page: Open, settings: Settings) -> None:
    campaign = make_campaign()
    make_signature(campaign, email=ADA, name="Ada Lovelace", comment="Because.", postcode="AB1")
    make_signature(campaign, email=BEN, name="Ben Nevis")
    make_monthly_gift(give(campaign, settings))
    answer = open_page(ADA).get("/download")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert "no-store" in answer.headers["Cache-Control"]
    told = answer.json
    assert told is not None
    assert told["signatures"][0]["name"] == "Ada Lovelace"
    assert told["signatures"][0]["comment"] == "Because."
    assert told["donations"][0]["email"] == ADA
    assert told["receipts"][0]["number"] == 1
    assert "Ben" not in answer.text


def test_erasing_everything_leaves_a_page_with_the_proof(open_page: Open, settings: Settings) -> None:
    campaign = make_campaign()
    make_signature(campaign, email=ADA)
    give(campaign, settings)
    page = open_page(ADA)
    page.do("erase")
    text = page.get().text
    assert "nothing that tells who you are" in text
    assert ADA not in text
    assert len(page.references()) == 2
    assert len(links()) == 1
    assert db.session.scalars(select(DataAccess)).one().email_key == page.key
