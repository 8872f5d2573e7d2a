"""An attack replayed through the rooms, form by form and link by link: thousands from one network with throw-away
domains, amid honest people, some of whom share that network, a school's or a library's."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from random import Random

import pytest
from disposable_email_domains import blocklist
from flask import Flask
from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.core.database import db, transaction
from campaign.core.networks import network_hash
from campaign.core.tokens import Token
from campaign.petitions.confirmation import confirm
from campaign.petitions.models import Listing, ListSubject, Signal, Signature, SignatureSignal, SignatureState
from campaign.petitions.screening.listing import add_entry
from campaign.petitions.signing import SignatureForm, sign
from campaign.settings import Settings
from campaign.worker.surges import mark_surges
from tests.factories import NOW, make_campaign
from tests.integration.petitions.invalidation.conftest import preview, states, work

S = SignatureState
ATTACKED, SCHOOL, LIBRARY = "203.0.113.7", "198.51.100.7", "192.0.2.7"
BEGAN = NOW + timedelta(hours=3)
LASTED = timedelta(minutes=25)
DAY = timedelta(hours=8)
AT_ONCE = 100  # forms and presses in one transaction


@dataclass(frozen=True)
class Visit:
    """A form, and how long after it its link is pressed, in seconds."""

    at: float
    email: str
    name: str
    address: str
    pressed_after: float


def honest(random: Random, number: int, address: str, at: float) -> Visit:
    name = f"{random.choice(['Ann', 'Olena', 'Grace', 'Rahul', 'Ілона'])} {random.choice(['Lee', 'Adeyemi', 'Koval'])}"
    return Visit(at, f"reader{number}@mail{number % 40}.example", name, address, random.uniform(40, 3600))


def honest_people(random: Random, count: int) -> Iterator[Visit]:
    """One in ten in the attacked network; as many in a school through the day, and in a library within minutes."""
    few, day = count // 10, DAY.total_seconds()
    for number in range(count):
        group, place = divmod(number, few)
        if group == 0:
            yield honest(random, number, ATTACKED, day * place / few)
        elif group == 1:
            yield honest(random, number, SCHOOL, day * place / few)
        elif group == 2:
            yield honest(random, number, LIBRARY, 7200 + 500 * place / few)
        else:
            yield honest(random, number, f"2001:db8:{number:x}::1", random.uniform(0, day))


def attack(random: Random, count: int) -> Iterator[Visit]:
    """Nine in ten from domains that are known as throw-away ones, the others from domains nobody has heard of yet."""
    known = sorted(blocklist)[:50]
    began, lasted = (BEGAN - NOW).total_seconds(), LASTED.total_seconds()
    for number in range(count):
        domain = f"fresh{number % 7}.example" if number % 10 == 9 else random.choice(known)
        at = began + lasted * number / count
        yield Visit(at, f"bot{number}@{domain}", "Ann Lee", ATTACKED, random.uniform(20, 200))


def replay(campaign: Campaign, visits: list[Visit], settings: Settings) -> dict[str, int]:
    """Every form and every press in the order of time; gives the id of each address's signature."""
    happenings = [(visit.at, 0, visit) for visit in visits]
    happenings += [(visit.at + visit.pressed_after, 1, visit) for visit in visits]
    in_order = iter(sorted(happenings, key=lambda one: one[:2]))
    ids: dict[str, int] = {}
    while some := list(islice(in_order, AT_ONCE)):
        with transaction() as session:
            for at, presses, visit in some:
                now, network = NOW + timedelta(seconds=at), network_hash(settings.hash_key, visit.address)
                if presses:
                    confirm(session, Token(ids[visit.email], 1), now=now, network_hash=network)
                    continue
                form = SignatureForm(name=visit.name, email=visit.email, country="GB", demand=1)
                sign(
                    session, campaign, form,
                    hash_key=settings.hash_key, network_hash=network, language="en", now=now,
                )  # fmt: skip
                newest = select(Signature.id).where(Signature.campaign_id == campaign.id).order_by(Signature.id.desc())
                ids[visit.email] = session.scalars(newest.limit(1)).one()
    return ids


def standing(campaign: Campaign) -> dict[int, SignatureState]:
    db.session.rollback()
    rows = db.session.execute(select(Signature.id, Signature.state).where(Signature.campaign_id == campaign.id))
    return {row_id: state for row_id, state in rows}  # noqa: C416


def share_of(states_now: dict[int, SignatureState], ids: set[int], wanted: set[SignatureState]) -> float:
    return sum(states_now[row_id] in wanted for row_id in ids) / len(ids)


def survive(settings: Settings, *, attackers: int, honest_ones: int) -> None:
    """The whole story: replay, what is held, one preview-and-run, and back."""
    random, campaign = Random("attack"), make_campaign()
    with transaction() as session:
        add_entry(
            session, campaign.id, Listing.ALLOWED, ListSubject.NETWORK, LIBRARY,
            note="City library", hash_key=settings.hash_key, actor="moderator", now=NOW,
        )  # fmt: skip
    people, bots = list(honest_people(random, honest_ones)), list(attack(random, attackers))
    ids = replay(campaign, people + bots, settings)
    mark_surges()
    bot_ids = {ids[bot.email] for bot in bots}
    inside = {ids[one.email] for one in people if one.address == ATTACKED}
    outside = {ids[one.email] for one in people if one.address != ATTACKED}
    assert (len(bot_ids), len(inside) + len(outside)) == (attackers, honest_ones)

    held = standing(campaign)
    assert {held[row_id] for row_id in outside} == {S.CONFIRMED}
    assert share_of(held, bot_ids, {S.HELD}) >= 0.99
    noticed = Counter(db.session.scalars(select(SignatureSignal.signal)))
    assert noticed[Signal.BURST] > attackers * 0.9
    assert noticed[Signal.THROWAWAY_DOMAIN] == sum("fresh" not in bot.email for bot in bots)
    before = states(campaign)

    run = preview(campaign, network_hash=network_hash(settings.hash_key, ATTACKED), since=BEGAN, until=BEGAN + LASTED)
    run.start()
    work()
    after = standing(campaign)
    assert share_of(after, bot_ids, {S.INVALIDATED}) == 1
    assert {after[row_id] for row_id in outside} == {S.CONFIRMED}
    assert run.row.took == run.row.expected == sum(state is S.INVALIDATED for state in after.values())
    then = [
        one for one in people if one.address == ATTACKED and BEGAN <= NOW + timedelta(seconds=one.at) < BEGAN + LASTED
    ]
    assert run.row.took == attackers + len(then)  # who shares the network signs all day, and rarely just then
    assert len(then) < len(inside)
    assert states(campaign)[S.CONFIRMED] == before[S.CONFIRMED] - run.row.took_confirmed

    run.restore()
    work()
    assert standing(campaign) == held
    assert states(campaign) == before


def test_a_tenth_of_the_attack(app: Flask, settings: Settings) -> None:
    survive(settings, attackers=500, honest_ones=50)


@pytest.mark.long
def test_the_attack_in_full(app: Flask, settings: Settings) -> None:
    survive(settings, attackers=5_000, honest_ones=500)
