"""Somebody with unmistakable values in every field is erased: not one of them is left in the database or in a file."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select, update

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.addresses import address_key, mailbox_key
from campaign.core.database import db, transaction
from campaign.donations import gift_aid
from campaign.donations.models import MessageState, OfflineGift, OfflineMethod
from campaign.donations.offline import OfflineFields, add_gift
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue
from campaign.petitions.export.selection import Selection
from campaign.petitions.export_jobs import exports_folder, request_export
from campaign.petitions.models import (
    DecidedSignature,
    Decision,
    ExportFormat,
    Invalidation,
    InvalidationState,
    Listing,
    ListSubject,
    Signature,
    SignatureState,
)
from campaign.petitions.screening import listing
from campaign.settings import Settings
from campaign.worker.exports import make_exports
from tests.factories import NOW, make_campaign, make_signature, reread
from tests.integration.privacy.conftest import Open, count
from tests.integration.public.conftest import confirm_path, make_donation, make_monthly_gift

FORM = {
    "name": "Kanarina Zwitscher", "email": "Kanarina@zwitscher.example", "country": "GB", "postcode": "ZW1 7SCH",
    "comment": "Zwitschernd unterschrieben", "show_name": "1", "updates": "1",
}  # fmt: skip
CANARY = re.compile(r"kanarina|zwitscher|zw1 7sch|tirili", re.IGNORECASE)
ADDRESS = FORM["email"]
# Where the hash of the address may stay: on the anonymous signature, so that nobody else signs with it; on the proof;
# on mails that were sent, which limit how many go to an address; on the link that was mailed.
HASHED = {"signature.email_key", "data_deed.person_key", "outbox_message.recipient_key", "data_access.email_key"}


def cells() -> Iterator[tuple[str, str]]:
    """Every value in the database as text, with where it stands. Asked of the database itself, not of the models."""
    db.session.rollback()
    with db.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"')
            names = list(rows.keys())
            for row in rows:
                for name, value in zip(names, row, strict=True):
                    yield f"{table}.{name}", str(value)


def places(pattern: re.Pattern[str]) -> set[str]:
    return {place for place, text in cells() if pattern.search(text)}


def files(folder: Path) -> list[str]:
    """Files below a folder that hold a value, in their names or inside; the database's own are looked at as tables."""
    found = [path for path in folder.rglob("*") if path.is_file() and ".sqlite3" not in path.name]
    return [
        str(path) for path in found if CANARY.search(path.name) or CANARY.search(path.read_bytes().decode("latin-1"))
    ]


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()


def sign(client: FlaskClient, settings: Settings, campaign: Campaign) -> Signature:
    """Send the form and press the link."""
    client.post(f"/campaigns/{campaign.slug}/sign", data=FORM)
    row = db.session.scalars(select(Signature).where(Signature.email == ADDRESS)).one()
    client.post(confirm_path(settings, row), data={"confirm": "yes"})
    return row


def note_about(settings: Settings, campaign: Campaign, signature: Signature) -> None:
    """What staff and programs write down beside a signature."""
    now, key = clock.now(), settings.hash_key
    with transaction() as session:
        listing.add_entry(
            session, campaign.id, Listing.BLOCKED, ListSubject.ADDRESS, ADDRESS, note="Tirili", hash_key=key,
            actor="test", now=now,
        )  # fmt: skip
        session.add(
            Invalidation(
                campaign_id=campaign.id, state=InvalidationState.READY, conditions={"address": ADDRESS},
                newest_id=signature.id, previewed_by="test", created_at=now, available_at=now, sample=[signature.id],
            )
        )  # fmt: skip
        decision = Decision(campaign_id=campaign.id, actor="test", action="hold", changed=1, created_at=now)
        session.add(decision)
        session.flush()
        session.add(
            DecidedSignature(
                decision_id=decision.id, signature_id=signature.id, edition=1, state=SignatureState.CONFIRMED,
                decision_reason="Zwitscher wrote to us",
            )
        )  # fmt: skip
        session.execute(
            update(Signature).where(Signature.id == signature.id).values(decision_reason="Zwitscher wrote to us")
        )
        enqueue(
            session, MailKind.ALREADY_SIGNED, object_id=signature.id, recipient_key=signature.email_key, language="en",
            now=now,
        )  # fmt: skip


def give(settings: Settings, campaign: Campaign, *, declare: bool = False) -> None:
    """A monthly gift with words, and a cheque."""
    donation = make_donation(
        campaign, name=FORM["name"], email=ADDRESS, email_key=address_key(settings.hash_key, ADDRESS), message="Tirili",
        message_state=MessageState.PUBLISHED, in_memory_of="Zwitscher senior", show_name=True, checkout_url="https://x/",
    )  # fmt: skip
    make_monthly_gift(donation)
    cheque = OfflineFields(
        method=OfflineMethod.CHEQUE, amount_minor=2500, currency="GBP", given_on=NOW.date(), name=FORM["name"],
        email=ADDRESS.upper(), note="Tirili",
    )  # fmt: skip
    with transaction() as session:
        add_gift(session, campaign.id, cheque, hash_key=settings.hash_key, form_key="f", actor="test", now=clock.now())
        if declare:
            gift_aid.declare(session, donation, house="7 Zwitscher Lane", postcode="ZW1 7SCH", now=clock.now())


def export(settings: Settings, campaign: Campaign) -> None:
    """A list with addresses, made and kept as a file."""
    selection = Selection.stored(
        campaign.id, {"state": "confirmed"}, ["name", "email", "comment"], include_addresses=True
    )
    with transaction() as session:
        request_export(
            session, selection, export_format=ExportFormat.CSV, reason="for the test", actor="test", now=clock.now()
        )
    make_exports(settings.storage)


def test_not_one_value_is_left_in_the_database_or_in_a_file(
    client: FlaskClient, settings: Settings, campaign: Campaign, open_page: Open
) -> None:
    other = make_signature(campaign, name="Somebody Else", email="else@example.org")
    signature = sign(client, settings, campaign)
    note_about(settings, campaign, signature)
    give(settings, campaign)
    export(settings, campaign)
    before, money = count(campaign.id), client.get(f"/api/v1/campaigns/{campaign.slug}").json
    held = places(CANARY)
    assert {
        "signature.name", "signature.email", "signature.comment", "signature.postcode", "signature.decision_reason",
        "supporter.email", "donation.name", "donation.email", "donation.message", "donation.in_memory_of",
        "offline_gift.name", "offline_gift.email", "offline_gift.note", "screening_entry.note",
        "invalidation.conditions", "decided_signature.decision_reason",
    } <= held  # fmt: skip
    assert len(files(exports_folder(settings.storage))) == 1
    page = open_page(ADDRESS)
    page.do("erase")
    make_exports(settings.storage)
    assert places(CANARY) == set()
    assert files(settings.instance_dir) == []
    key = settings.hash_key
    assert places(re.compile(address_key(key, ADDRESS))) <= HASHED
    assert places(re.compile(mailbox_key(key, ADDRESS))) == set()
    assert reread(signature).network_hash is None
    assert count(campaign.id) == before
    after = client.get(f"/api/v1/campaigns/{campaign.slug}").json
    assert money is not None
    assert after is not None
    assert after["donations"] == money["donations"]
    assert reread(other).email == "else@example.org"
    assert len(page.references()) == 4
    assert not CANARY.search(page.get().text)


def test_a_gift_aid_declaration_is_all_that_the_law_leaves(
    settings: Settings, campaign: Campaign, open_page: Open
) -> None:
    give(settings, campaign, declare=True)
    page = open_page(ADDRESS)
    assert "Your Gift Aid declaration, with the name, house and postcode in it, is kept as well" in page.get().text
    page.do("erase")
    assert {place.partition(".")[0] for place in places(CANARY)} == {"gift_aid_declaration"}


def test_somebody_elses_cheque_with_no_address_is_left_alone(
    settings: Settings, campaign: Campaign, open_page: Open
) -> None:
    give(settings, campaign)
    nobody = OfflineFields(
        method=OfflineMethod.CASH, amount_minor=100, currency="GBP", given_on=NOW.date(), name="No Address"
    )
    with transaction() as session:
        add_gift(session, campaign.id, nobody, hash_key=settings.hash_key, form_key="g", actor="t", now=clock.now())
    open_page(ADDRESS).do("erase")
    db.session.rollback()
    assert sorted(db.session.scalars(select(OfflineGift.name))) == ["", "No Address"]
