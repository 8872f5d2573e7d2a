"""A mailing on its way: one mail for each who may have it, none for who may not, none twice, and none before others."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.donations.models import Payment
from campaign.mail import bulk, delivery
from campaign.mail.models import MailKind, MailState, OutboxMessage
from campaign.mail.outbox import enqueue
from campaign.mail.transport import MailboxTransport
from campaign.petitions.models import SignatureState
from campaign.reports.audience import Audience, count_audience, sample_audience
from campaign.settings import Settings, current_settings
from campaign.supporters import leaving
from campaign.supporters import mailing_jobs as jobs
from campaign.supporters.mailings import MailingFields, NotNow, Words, add_mailing, move_mailing
from campaign.supporters.models import Donors, Mailing, MailingState, Subscription, Supporter
from campaign.worker.mailings import work_on_mailings
from campaign.worker.mails import Postman
from tests.factories import NOW, make_campaign, make_signature, reread
from tests.integration.public.conftest import make_donation
from tests.integration.supporters.conftest import address_of, make_supporter
from tests.smtp import Inbox


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()


def write(campaign: Campaign, *texts: Words, **more: Any) -> Mailing:
    words = texts or (Words(language="en", subject="The lorry has arrived", body="**All** of it."),)
    with transaction() as session:
        return add_mailing(session, campaign.id, MailingFields(texts=words, **more), actor="ed", now=clock.now())


def do(mailing: Mailing, deed: str, **more: Any) -> Mailing:
    with transaction() as session:
        now_it_is = session.get_one(Mailing, mailing.id)
        move_mailing(session, now_it_is, deed, was=now_it_is.edition, actor="ed", now=clock.now(), **more)
    return reread(mailing)  # type: ignore[no-any-return]


def make_list(mailing: Mailing) -> Mailing:
    """Let the worker's job start it and put everybody on the list."""
    do(mailing, "schedule")
    for _ in range(20):
        work_on_mailings()
        if reread(mailing).made_at:
            break
    return reread(mailing)  # type: ignore[no-any-return]


def send_all(postman: Postman) -> None:
    while postman.deliver_bulk():
        pass


def count_again(mailing: Mailing) -> Mailing:
    with transaction() as session:
        session.execute(update(Mailing).values(available_at=clock.now()))
    work_on_mailings()
    return reread(mailing)  # type: ignore[no-any-return]


def recipients(inbox: Inbox) -> list[str]:
    return sorted(str(message["To"]) for message in inbox.messages)


def states(mailing: Mailing) -> dict[str, int]:
    db.session.rollback()
    return {state.value: count for state, count in bulk.count_mails(db.session(), mailing.id).items() if count}


def test_everybody_who_asked_gets_one_with_a_way_out(
    postman: Postman, inbox: Inbox, campaign: Campaign, client: FlaskClient
) -> None:
    subscribed = [make_supporter(campaign) for _ in range(3)]
    make_supporter(make_campaign())
    mailing = make_list(write(campaign))
    send_all(postman)
    assert recipients(inbox) == sorted(map(address_of, subscribed))
    mail = inbox.to(address_of(subscribed[0]))[0]
    assert mail["Subject"] == "The lorry has arrived"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(mail["List-Unsubscribe"]).strip("<>")
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert link in text
    assert link in html
    assert "<strong>All</strong> of it." in html
    assert (
        client.post(link.removeprefix("http://campaign.test"), data={"List-Unsubscribe": "One-Click"}).status
        == "200 OK"
    )
    assert reread(subscribed[0]).ended_by_mailing_id == mailing.id
    done = count_again(mailing)
    assert (done.state, done.made, done.sent, done.queued) == (MailingState.SENT, 3, 3, 0)
    assert work_on_mailings() == 0


def test_a_long_way_out_stands_on_one_line(app: Flask, settings: Settings, campaign: Campaign, tmp_path: Path) -> None:
    make_supporter(campaign)
    make_list(write(campaign))
    long = settings.model_copy(update={"base_url": f"https://{'campaign.' * 8}example"})
    send_all(Postman(long, MailboxTransport(tmp_path / "box")))
    (file,) = (tmp_path / "box" / "new").iterdir()
    raw = file.read_bytes().replace(b"\r\n", b"\n")
    assert re.search(rb"^List-Unsubscribe: <https://(campaign\.){8}example/unsubscribe/[\w.-]+>$", raw, re.MULTILINE)
    assert re.search(rb"^Message-ID: <[\w-]+@(campaign\.){8}example>$", raw, re.MULTILINE)


def test_who_left_was_silenced_or_forgotten_after_the_list_was_made_gets_nothing(
    postman: Postman, inbox: Inbox, campaign: Campaign
) -> None:
    stays, leaves, silenced, erased = (make_supporter(campaign) for _ in range(4))
    mailing = make_list(write(campaign))
    with transaction() as session:
        session.execute(update(Subscription).where(Subscription.id == leaves.id).values(ended_at=clock.now()))
        key = session.get_one(Supporter, silenced.supporter_id).email_key
        delivery.suppress(session, key, "complaint", now=clock.now())
        key = session.get_one(Supporter, erased.supporter_id).email_key
        assert leaving.erase(session, key, not_after=clock.now())
    send_all(postman)
    assert recipients(inbox) == [address_of(stays)]
    assert count_again(mailing).left_out == 3
    assert reread(mailing).state is MailingState.SENT


def test_somebody_else_with_a_forgotten_number_is_not_written_to(
    postman: Postman, inbox: Inbox, campaign: Campaign
) -> None:
    gone = make_supporter(campaign)
    make_list(write(campaign))
    with transaction() as session:
        session.execute(
            update(Supporter)
            .where(Supporter.id == gone.supporter_id)
            .values(email="new@example.org", email_key=address_key("k", "new@example.org"))
        )
    send_all(postman)
    assert inbox.messages == []


def test_the_list_is_made_once_however_often_it_is_made(campaign: Campaign) -> None:
    for _ in range(4):
        make_supporter(campaign)
    mailing = make_list(write(campaign))
    with transaction() as session:  # as if a worker had died before it noted how far it was
        session.execute(update(Mailing).values(cursor=0, made_at=None, available_at=clock.now()))
    work_on_mailings()
    assert reread(mailing).made_at
    assert states(mailing) == {"queued": 4}
    assert reread(mailing).made == 4


def test_a_batch_that_another_worker_has_stored_is_not_stored_again(campaign: Campaign) -> None:
    make_supporter(campaign)
    mailing = do(write(campaign), "schedule")
    with transaction() as session:
        jobs.start(session, mailing, now=clock.now())
    stale = reread(mailing)
    batch = [(1, bulk.Recipient(1, "k1", "en"))]
    for number in range(2):
        with transaction() as session:
            goes_on = jobs.add_batch(session, stale, batch, is_last=False, now=clock.now())
        assert goes_on is (number == 0)
    assert reread(mailing).made == 1


@pytest.mark.parametrize("batch", [2, 3])
def test_the_list_is_made_in_batches(campaign: Campaign, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(jobs, "BATCH", batch)
    for _ in range(6):
        make_supporter(campaign)
    assert make_list(write(campaign)).made == 6


def test_a_paused_mailing_waits_and_goes_on(postman: Postman, inbox: Inbox, campaign: Campaign) -> None:
    for _ in range(3):
        make_supporter(campaign)
    mailing = make_list(write(campaign))
    with transaction() as session:  # a worker has just taken them
        taken = bulk.take(session, [mailing.id], per_minute=100_000, now=clock.now())
    do(mailing, "pause")
    assert postman.deliver_bulk() == 0
    with transaction() as session:
        delivery.release(session, taken, now=clock.now())
    assert postman.deliver_bulk() == 0
    do(mailing, "resume")
    send_all(postman)
    assert len(inbox.messages) == 3


def test_a_mail_that_was_taken_before_the_pause_is_given_back(
    postman: Postman, inbox: Inbox, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_supporter(campaign)
    mailing = make_list(write(campaign))
    take = bulk.take

    def take_and_pause(*args: Any, **more: Any) -> Any:
        taken = take(*args, **more)
        args[0].execute(update(Mailing).values(state=MailingState.PAUSED))
        return taken

    monkeypatch.setattr(bulk, "take", take_and_pause)
    postman.deliver_bulk()
    assert inbox.messages == []
    assert states(mailing) == {"queued": 1}
    monkeypatch.undo()
    do(mailing, "resume")
    send_all(postman)
    assert len(inbox.messages) == 1


def test_a_cancelled_mailing_leaves_the_queue(postman: Postman, inbox: Inbox, campaign: Campaign) -> None:
    for _ in range(3):
        make_supporter(campaign)
    mailing, other = make_list(write(campaign)), make_list(write(campaign))
    do(mailing, "cancel")
    while reread(mailing).finished_at is None:
        assert work_on_mailings()
    send_all(postman)
    assert len(inbox.messages) == 3
    assert (states(mailing), states(other)) == ({"dropped": 3}, {"sent": 3})
    assert (reread(mailing).state, reread(mailing).left_out) == (MailingState.CANCELLED, 3)


def test_nothing_goes_before_its_time(postman: Postman, inbox: Inbox, campaign: Campaign) -> None:
    make_supporter(campaign)
    mailing = do(write(campaign), "schedule", send_at=clock.now() + timedelta(hours=1))
    assert work_on_mailings() == 0
    do(mailing, "pause")
    do(mailing, "resume")
    assert work_on_mailings() == 0
    with transaction() as session:
        session.execute(update(Mailing).values(available_at=clock.now()))
    work_on_mailings()
    assert reread(mailing).state is MailingState.SENDING


def test_who_asks_for_news_after_the_start_gets_the_next_one(campaign: Campaign) -> None:
    make_supporter(campaign)
    mailing = do(write(campaign), "schedule")
    with transaction() as session:
        jobs.start(session, mailing, now=clock.now())
    late = make_supporter(campaign)
    with transaction() as session:
        moment = clock.now() + timedelta(seconds=1)
        session.execute(update(Subscription).where(Subscription.id == late.id).values(started_at=moment))
    work_on_mailings()
    assert reread(mailing).made == 1


@pytest.mark.parametrize("deed", ["draft", "schedule", "resume"])
def test_what_is_under_way_is_not_moved_otherwise(campaign: Campaign, deed: str) -> None:
    make_supporter(campaign)
    mailing = make_list(write(campaign))
    with pytest.raises(NotNow):
        do(mailing, deed)


def test_the_rate_holds_for_all_workers_together(campaign: Campaign) -> None:
    for _ in range(12):
        make_supporter(campaign)
    mailing, now = make_list(write(campaign)), clock.now() + timedelta(minutes=1)

    def took(seconds: float) -> int:
        with transaction() as session:
            return len(bulk.take(session, [mailing.id], per_minute=60, now=now + timedelta(seconds=seconds)))

    assert [took(at) for at in (0, 0, 0.5, 1, 1, 3, 60, 60)] == [1, 0, 0, 1, 0, 2, 3, 0]


def test_a_confirmation_goes_before_a_thousand(postman: Postman, inbox: Inbox, campaign: Campaign) -> None:
    for _ in range(40):
        make_supporter(campaign)
    make_list(write(campaign))
    signature = make_signature(campaign, state=SignatureState.PENDING)
    with transaction() as session:
        enqueue(
            session, MailKind.CONFIRM_SIGNATURE, object_id=signature.id, recipient_key=signature.email_key,
            language="en", now=clock.now(),
        )  # fmt: skip
    assert postman.deliver() == 1
    assert recipients(inbox) == [signature.email]
    assert postman.deliver() == 0


def test_each_reads_it_in_their_language_where_it_was_written(
    postman: Postman, inbox: Inbox, campaign: Campaign
) -> None:
    for language in ("en", "uk", "ar"):
        make_supporter(campaign, f"{language}@example.org", language=language)
    make_list(
        write(
            campaign,
            Words(language="en", subject="It arrived", body="All."),
            Words(language="uk", subject="Прибуло", body="Усе."),
        )
    )
    send_all(postman)
    subjects = {str(message["To"])[:2]: message["Subject"] for message in inbox.messages}
    assert subjects == {"en": "It arrived", "uk": "Прибуло", "ar": "It arrived"}


def test_a_refused_mailbox_is_told_and_silenced(postman: Postman, inbox: Inbox, campaign: Campaign) -> None:
    dead, alive = make_supporter(campaign), make_supporter(campaign)
    inbox.answers[address_of(dead)] = ["550 no such user"]
    mailing = make_list(write(campaign))
    send_all(postman)
    assert recipients(inbox) == [address_of(alive)]
    told = count_again(mailing)
    assert (told.sent, told.refused, told.state) == (1, 1, MailingState.SENT)
    assert make_list(write(campaign)).made == 1


@pytest.fixture
def crowd(campaign: Campaign) -> dict[str, Subscription]:
    """Supporters of whom the petition and the donations know different things."""
    found = {name: make_supporter(campaign, f"{name}@example.org") for name in ("signer", "foreign", "donor", "asked")}
    other = make_campaign()
    make_signature(campaign, email="signer@example.org", country="GB", source="front-page")
    make_signature(campaign, email="foreign@example.org", country="DE", source="dispatch")
    make_signature(other, email="donor@example.org", country="GB", source="front-page")
    for name in ("donor", "asked"):
        key = address_key(current_settings().hash_key, f"{name}@example.org")
        donation = make_donation(campaign, email=f"{name}@example.org", email_key=key, source="dispatch", form_key=name)
        if name == "donor":
            with transaction() as session:
                session.add(
                    Payment(
                        donation_id=donation.id,
                        campaign_id=campaign.id,
                        payment_intent="pi_a",
                        amount_minor=1000,
                        currency="GBP",
                        paid_at=NOW,
                    )
                )
    return found


@pytest.mark.parametrize(
    ("narrowed", "names"),
    [
        ({}, {"signer", "foreign", "donor", "asked"}),
        ({"country": "GB"}, {"signer"}),
        ({"source": "dispatch"}, {"foreign", "donor"}),
        ({"donors": Donors.GAVE}, {"donor"}),
        ({"donors": Donors.NOT_YET}, {"signer", "foreign", "asked"}),
        ({"country": "DE", "donors": Donors.GAVE}, set()),
    ],
)
def test_an_audience_is_narrowed_and_counted_exactly(
    campaign: Campaign, crowd: dict[str, Subscription], narrowed: dict[str, Any], names: set[str]
) -> None:
    audience = Audience(campaign.id, **narrowed)
    assert count_audience(db.session(), audience) == len(names)
    assert {one.email.partition("@")[0] for one, _ in sample_audience(db.session(), audience)} == names
    mailing = make_list(write(campaign, **narrowed))
    assert mailing.made == len(names)


def test_four_workers_at_once_send_each_mail_once(
    app: Flask, settings: Settings, postman: Postman, inbox: Inbox, campaign: Campaign
) -> None:
    for _ in range(60):
        make_supporter(campaign)
    mailing = make_list(write(campaign))

    def at_work() -> None:
        with app.app_context():
            send_all(postman)
            db.session.remove()

    together(at_work, 4)
    assert len(inbox.messages) == len(set(recipients(inbox))) == 60
    assert states(mailing) == {"sent": 60}


def together(work: Callable[[], None], number: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_all_mails_of_a_mailing_come_from_one_list(campaign: Campaign) -> None:
    make_supporter(campaign)
    mailing = make_list(write(campaign))
    with transaction() as session:
        (row,) = session.scalars(select(OutboxMessage))
        again = bulk.Recipient(row.object_id, row.recipient_key, "en")
        assert bulk.add_mails(session, mailing.id, [again], now=clock.now()) == 0
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 1
    assert row.state is MailState.QUEUED


def test_somebody_erased_while_their_mail_is_handed_over_holds_up_nobody(campaign: Campaign) -> None:
    erased = make_supporter(campaign)
    mailing = make_list(write(campaign))
    with transaction() as session:
        (taken,) = bulk.take(session, [mailing.id], per_minute=100_000, now=clock.now())
    with transaction() as session:
        key = session.get_one(Supporter, erased.supporter_id).email_key
        assert leaving.erase(session, key, not_after=clock.now())
    with transaction() as session:
        delivery.note_sent(session, taken, now=clock.now())
    assert states(mailing) == {}
    done = count_again(mailing)
    assert (done.state, done.sent, done.left_out) == (MailingState.SENT, 0, 1)
