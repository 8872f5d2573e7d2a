"""Blocked beats allowed beats limits; networks and addresses stand on the lists as hashes only."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, CampaignState
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import NotFound
from campaign.core.tokens import Token
from campaign.petitions.confirmation import disown
from campaign.petitions.models import Listing, ListSubject, ScreeningEntry, ScreeningKey, Signal, Signature
from campaign.petitions.screening import listing
from campaign.petitions.screening.listing import EntryProblem, EntryRefused
from campaign.petitions.screening.rules import Numbers
from campaign.settings import Settings
from campaign.worker.retention import forget
from tests.factories import make_campaign
from tests.integration.petitions.screening.conftest import Press, change_rules
from tests.integration.petitions.screening.test_signals import send_mail

S, B, A = Signal, Listing.BLOCKED, Listing.ALLOWED
N, D, P = ListSubject.NETWORK, ListSubject.DOMAIN, ListSubject.ADDRESS
Pending = Callable[..., Signature]
Add = Callable[..., int]


@pytest.fixture
def add(campaign: Campaign, settings: Settings) -> Add:
    def go(kind: Listing, subject: ListSubject, typed: str, note: str = "why", to: Campaign = campaign) -> int:
        with transaction() as session:
            return listing.add_entry(
                session, to.id, kind, subject, typed,
                note=note, hash_key=settings.hash_key, actor="mo@lantern.example", now=clock.now(),
            )  # fmt: skip

    return go


@pytest.mark.parametrize(
    ("subject", "typed", "hits", "misses"),
    [
        (D, "Spam.Example", ["a@spam.example", "b@mx.SPAM.example"], ["a@nospam.example", "spam.example@post.example"]),
        (D, "*.spam.example", ["a@x.spam.example"], ["b@spam.example"]),
        (D, "temp*.example", ["a@temp24.example", "b@mx.temp.example"], ["a@tempo.other"]),
        (D, "bücher.example", ["a@xn--bcher-kva.example"], ["a@bucher.example"]),
        (P, "Bob@Spam.Example", ["bob@spam.example"], ["bobby@spam.example"]),
        (P, "b.o.b+x@gmail.com", ["bob@gmail.com"], ["b.o.b@post.example"]),
        (P, "bot*@*.example", ["bot7@a.example", "bots@b.c.example"], ["robot@a.example", "bot@example.org"]),
        (P, "*+promo@gmail.com", ["ann+promo@gmail.com"], ["bea@gmail.com"]),
    ],
)
def test_domains_and_addresses_block_what_they_say(
    *, pending: Pending, press: Press, add: Add, subject: ListSubject, typed: str, hits: list[str], misses: list[str]
) -> None:
    add(B, subject, typed)
    signal = S.BLOCKED_DOMAIN if subject is D else S.BLOCKED_ADDRESS
    assert [press(pending(email)) for email in hits] == [{signal: True}] * len(hits)
    assert [press(pending(email)) for email in misses] == [{}] * len(misses)


@pytest.mark.parametrize(
    ("typed", "hits", "misses"),
    [
        ("192.0.2.0/24", ["192.0.2.1", "192.0.2.255"], ["192.0.3.1"]),
        ("192.0.2.77", ["192.0.2.1"], ["192.0.3.1"]),
        ("198.51.0.0/16", ["198.51.0.1", "198.51.255.9"], ["198.52.0.1"]),
        ("2001:db8:7::/48", ["2001:db8:7::1", "2001:db8:7:ffff::1"], ["2001:db8:8::1"]),
        ("2001:db8:700::/40", ["2001:db8:7ff::1"], ["2001:db8:800::1"]),
        ("2001:db8:7::5", ["2001:db8:7:1::9"], ["2001:db8:9::1"]),
    ],
)
def test_a_network_blocks_all_that_lie_in_it(
    *, pending: Pending, press: Press, add: Add, network: Any, typed: str, hits: list[str], misses: list[str]
) -> None:
    add(B, N, typed)
    rows = [pending(f"{n}@example.org", network_hash=network(one)) for n, one in enumerate(hits + misses)]
    assert [press(row) for row in rows] == [{S.BLOCKED_NETWORK: True}] * len(hits) + [{}] * len(misses)


def test_another_campaigns_lists_are_its_own(pending: Pending, press: Press, add: Add) -> None:
    add(B, D, "example.org", to=make_campaign())
    add(B, P, "*@example.org", to=make_campaign())
    assert press(pending("a@example.org")) == {}


def crowd(pending: Pending, network_hash: str, domain: str, count: int = 3) -> list[Signature]:
    return [pending(f"p{n}@{domain}", network_hash=network_hash, created_at=clock.now()) for n in range(count)]


@pytest.mark.parametrize(("subject", "typed"), [(N, "192.0.2.0/24"), (D, "school.example"), (P, "p*@school.example")])
def test_allowed_beats_limits_and_blocked_beats_allowed(
    *, campaign: Campaign, pending: Pending, press: Press, add: Add, network: Any, subject: ListSubject, typed: str
) -> None:
    change_rules(campaign, numbers=Numbers(burst_limit=1))
    add(A, subject, typed)
    rows = crowd(pending, network("192.0.2.1"), "school.example")
    assert [press(row) for row in rows[:2]] == [{}, {}]
    add(B, D, "school.example")
    assert press(rows[2]) == {S.BLOCKED_DOMAIN: True}


def test_who_is_not_allowed_is_held_in_the_same_network(
    campaign: Campaign, pending: Pending, press: Press, add: Add, network: Any
) -> None:
    change_rules(campaign, numbers=Numbers(burst_limit=1))
    add(A, D, "school.example")
    assert [press(row) for row in crowd(pending, network("192.0.2.1"), "post.example", 2)] == [{}, {S.BURST: True}]


def test_an_allowed_domain_is_no_throwaway_one_and_an_allowed_address_may_look_like_a_test(
    pending: Pending, press: Press, add: Add
) -> None:
    add(A, D, "mailinator.com")
    add(A, P, "test@example.org")
    assert press(pending("a@mailinator.com")) == {}
    assert press(pending("test@example.org", name="Test Test")) == {}
    assert press(pending("b@mailinator.com", name="Test Test")) == {S.NAME: True}


def test_what_a_robot_or_a_comment_gives_away_is_no_limit(pending: Pending, press: Press, add: Add) -> None:
    add(A, P, "a@example.org")
    signature = pending("a@example.org", honeypot=True, comment="https://spam.example")
    assert press(signature) == {S.HONEYPOT: True, S.COMMENT_LINK: True}


def test_a_link_may_be_pressed_at_once_from_an_allowed_network(
    pending: Pending, press: Press, add: Add, network: Any
) -> None:
    add(A, N, "198.51.100.0/24", "the mail gateway of the university")
    add(B, N, "203.0.113.0/24")
    for number, (address, expected) in enumerate([("198.51.100.1", {}), ("203.0.113.1", {S.QUICK_CONFIRMATION: True})]):
        signature = pending(f"{number}@example.org", network_hash=network("192.0.2.1"))
        send_mail(signature, ago=timedelta(seconds=1))
        assert press(signature, network(address)) == expected


@pytest.mark.parametrize(
    ("subject", "typed", "note", "problem"),
    [
        (N, "192.0.2", "x", EntryProblem.NO_NETWORK),
        (N, "everything", "x", EntryProblem.NO_NETWORK),
        (N, "192.0.0.0/15", "x", EntryProblem.NETWORK_TOO_WIDE),
        (N, "2001:db8::/32", "x", EntryProblem.NETWORK_TOO_WIDE),
        (N, "0.0.0.0/0", "x", EntryProblem.NETWORK_TOO_WIDE),
        (N, "192.0.2.0/24", "", EntryProblem.NOTE_MISSING),
        (D, "example", "", EntryProblem.NO_DOMAIN),
        (D, "*", "", EntryProblem.NO_DOMAIN),
        (D, "a b.example", "", EntryProblem.NO_DOMAIN),
        (D, "", "", EntryProblem.NO_DOMAIN),
        (D, "*a*b*c*d*.example", "", EntryProblem.TOO_MANY_STARS),
        (P, "nobody", "", EntryProblem.NO_ADDRESS),
        (P, "*", "", EntryProblem.NO_ADDRESS),
        (P, "*@*", "", EntryProblem.NO_ADDRESS),
        (P, "a@b@example.org", "", EntryProblem.NO_ADDRESS),
    ],
)
def test_what_is_none_is_refused_and_nothing_is_stored(
    add: Add, subject: ListSubject, typed: str, note: str, problem: EntryProblem
) -> None:
    with pytest.raises(EntryRefused) as refused:
        add(B, subject, typed, note)
    assert refused.value.problem is problem
    assert db.session.scalars(select(ScreeningEntry)).all() == []
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_neither_network_nor_address_is_stored_or_told_to_the_trail(add: Add) -> None:
    add(B, N, "192.0.2.0/24", "the one of Tuesday")
    add(B, N, "198.51.0.0/16", "rented machines")
    add(B, P, "olena.kovalenko@example.org", "asked for it")
    db.session.rollback()
    stored = []
    for model in (ScreeningEntry, ScreeningKey, AuditEntry):
        columns = list(model.__table__.c)
        stored += [
            json.dumps(list(row), default=str, ensure_ascii=False) for row in db.session.execute(select(*columns))
        ]
    text = " ".join(stored)
    assert "o…@example.org" in text
    assert not [word for word in ("192.0", "198.51", "olena", "kovalenko") if word in text]
    assert [row.action for row in db.session.scalars(select(AuditEntry))] == ["screening.listed"] * 3


def test_the_same_again_is_renewed_and_not_doubled(add: Add) -> None:
    first = add(B, N, "192.0.2.0/24", "old")
    with time_machine.travel(clock.now() + timedelta(days=20), tick=True):
        earliest = clock.now() + timedelta(days=30)
        assert add(B, N, "192.0.2.9", "new") == first
    entry = db.session.get_one(ScreeningEntry, first)
    assert entry.note == "new"
    assert entry.expires_at is not None
    assert timedelta(0) <= entry.expires_at - earliest < timedelta(minutes=1)
    assert add(A, N, "192.0.2.0/24", "other list") != first


def test_an_entry_is_taken_off_by_its_own_campaign(
    campaign: Campaign, pending: Pending, press: Press, add: Add
) -> None:
    entry_id = add(B, D, "example.org")
    other = make_campaign()
    with pytest.raises(NotFound), transaction() as session:
        listing.remove_entry(session, other.id, entry_id, actor="x", now=clock.now())
    with transaction() as session:
        listing.remove_entry(session, campaign.id, entry_id, actor="x", now=clock.now())
    assert press(pending("a@example.org")) == {}
    assert db.session.scalars(select(ScreeningKey)).all() == []


def test_lists_stay_short(add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PATTERNS", 1)
    monkeypatch.setattr(listing, "MOST_ENTRIES", 2)
    add(B, P, "a*@example.org")
    with pytest.raises(EntryRefused, match="list_full"):
        add(B, P, "b*@example.org")
    add(B, D, "one.example")
    with pytest.raises(EntryRefused, match="list_full"):
        add(B, D, "two.example")


def test_blocked_networks_go_after_30_days_and_persons_30_days_after_the_end(campaign: Campaign, add: Add) -> None:
    add(B, N, "192.0.2.0/24", "attack")
    add(A, N, "198.51.100.0/24", "city library")
    add(B, P, "a@example.org")
    add(B, D, "spam.example")

    def kept() -> set[tuple[Listing, ListSubject]]:
        db.session.rollback()
        return {(row.listing, row.subject) for row in db.session.scalars(select(ScreeningEntry))}

    with time_machine.travel(clock.now() + timedelta(days=29)):
        assert forget() == 0
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert forget() == 1
        assert kept() == {(A, N), (B, P), (B, D)}
        with transaction() as session:
            closed = session.get_one(Campaign, campaign.id)
            closed.state, closed.closed_at = CampaignState.CLOSED, clock.now() - timedelta(days=31)
        assert forget() == 2
        assert kept() == {(B, D)}


def test_who_is_forgotten_goes_from_the_lists(campaign: Campaign, pending: Pending, press: Press, add: Add) -> None:
    add(B, P, "gone@example.org")
    add(B, P, "stays@example.org")
    signature = pending("gone@example.org")
    press(signature)
    with transaction() as session:
        disown(session, Token(signature.id, 1), now=clock.now())
    assert [row.shown for row in db.session.scalars(select(ScreeningEntry))] == ["s…@example.org"]


def test_a_signatures_own_network_can_be_blocked_without_knowing_it(
    campaign: Campaign, pending: Pending, press: Press, network: Any, settings: Settings
) -> None:
    first = pending("a@example.org", network_hash=network("192.0.2.1"))
    with transaction() as session:
        listing.list_network(
            session, campaign.id, B, first.network_hash or "",
            note="attack", hash_key=settings.hash_key, actor="mo@lantern.example", now=clock.now(),
        )  # fmt: skip
    assert press(pending("b@example.org", network_hash=network("192.0.2.9"))) == {S.BLOCKED_NETWORK: True}
