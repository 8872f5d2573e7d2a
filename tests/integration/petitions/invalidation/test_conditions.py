"""Each condition finds exactly those that it says, and none of them makes a step read the whole campaign."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.addresses import address_domain
from campaign.core.database import db, transaction
from campaign.petitions.invalidation import records
from campaign.petitions.invalidation.conditions import Conditions, conditions_of
from campaign.petitions.invalidation.previewing import Progress, count_on, ground_for
from campaign.petitions.invalidation.records import CONDITIONS_LIFE, NoConditions
from campaign.petitions.invalidation.walking import windows
from campaign.petitions.models import Invalidation, InvalidationState, Signal, Signature, SignatureSignal
from campaign.worker.retention import forget
from tests.factories import NOW, make_campaign, make_signature
from tests.integration.petitions.invalidation.conftest import NETWORK, preview, sign_in_bulk
from tests.statements import recorded

EARLY, LATE = NOW - timedelta(days=2), NOW + timedelta(days=2)


@pytest.fixture
def people(campaign: Campaign) -> Campaign:
    """Somebody for each condition, and the same in another campaign."""
    for found in (campaign, make_campaign()):
        make_signature(found, name="Anna Nym", email="anna@post.example")
        make_signature(found, name="BOT One", email="Bot1+x@Spam.example", network_hash=NETWORK)
        make_signature(found, name="Bot_Two", email="bot_2@spam.example", country="PL")
        make_signature(found, name="Bot3Two", email="bot32@below.spam.example", source="front-page")
        make_signature(found, name="Ілона Шевчук", email="ilona@пошта.example", created_at=EARLY)
        noticed = make_signature(found, name="100% Person", email="p%c@post.example", created_at=LATE)
        make_signature(found, name="Held Person", email="held@post.example", held_for=Signal.MODERATOR)
        with transaction() as session:
            session.add(
                SignatureSignal(signature_id=noticed.id, signal=Signal.BURST, campaign_id=found.id, created_at=NOW)
            )
    return campaign


CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({"network_hash": NETWORK}, {"BOT One"}),
    ({"domain": "spam.example"}, {"BOT One", "Bot_Two"}),
    ({"domain": "*.spam.example"}, {"Bot3Two"}),
    ({"domain": "*spam.example"}, {"BOT One", "Bot_Two", "Bot3Two"}),
    ({"domain": address_domain("a@пошта.example")}, {"Ілона Шевчук"}),
    ({"address": "bot*@spam.example"}, {"BOT One", "Bot_Two"}),
    ({"address": "BOT1+*@*"}, {"BOT One"}),
    ({"address": "bot_2@*.example"}, {"Bot_Two"}),
    ({"address": "bot_2@below.spam.example"}, set()),
    ({"address": "bot_2@*"}, {"Bot_Two"}),
    ({"address": "*%*@post.example"}, {"100% Person"}),
    ({"name": "bot one"}, {"BOT One"}),
    ({"name": "bot_two"}, {"Bot_Two"}),
    ({"name": "bot*"}, {"BOT One", "Bot_Two", "Bot3Two"}),
    ({"name": "bot_*"}, {"Bot_Two"}),
    ({"name": "*%*"}, {"100% Person"}),
    ({"name": "ілона*"}, {"Ілона Шевчук"}),
    ({"name": "bot"}, set()),
    ({"source": "front-page"}, {"Bot3Two"}),
    ({"country": "PL"}, {"Bot_Two"}),
    ({"until": NOW}, {"Ілона Шевчук"}),
    ({"since": NOW + timedelta(days=1)}, {"100% Person"}),
    ({"since": EARLY, "until": EARLY + timedelta(seconds=1)}, {"Ілона Шевчук"}),
    ({"signal": Signal.BURST}, {"100% Person"}),
    ({"signal": Signal.MODERATOR}, {"Held Person"}),
    ({"signal": Signal.BURST, "name": "100% person"}, {"100% Person"}),
    ({"signal": Signal.BURST, "country": "PL"}, set()),
    ({"name": "bot*", "country": "PL", "domain": "spam.example"}, {"Bot_Two"}),
]


@pytest.mark.parametrize(("conditions", "names"), CASES)
def test_conditions_find_exactly_those(people: Campaign, conditions: dict[str, Any], names: set[str]) -> None:
    wanted = conditions_of(Conditions(**conditions).plain())  # as they come back from the database
    for size in (1, 100):
        ground = ground_for(db.session(), people.id, wanted)
        ids = [row.id for window in windows(db.session(), ground, after=0, size=size) for row in window.fit]
        assert set(db.session.scalars(select(Signature.name).where(Signature.id.in_(ids)))) == names


@pytest.mark.parametrize(("conditions", "names"), CASES)
def test_no_step_reads_the_whole_campaign(people: Campaign, conditions: dict[str, Any], names: set[str]) -> None:
    if db.engine.dialect.name == "postgresql":
        # Of a few rows it would rather read and sort all, or not, as it happens to know of them; asked is what it can do.
        for how in ("seqscan", "bitmapscan", "sort"):
            db.session.connection().exec_driver_sql(f"SET LOCAL enable_{how} = off")
    ground = ground_for(db.session(), people.id, Conditions(**conditions))
    with recorded() as sent:
        list(windows(db.session(), ground, after=0, size=2))
    plans = [statement.plan() for statement in sent]
    assert plans
    for plan in plans:
        assert "SCAN signature" not in plan
        assert "Seq Scan" not in plan
        assert "TEMP B-TREE" not in plan  # found in the order of ids, and not sorted at each step
        assert "Sort Key" not in plan or "= ANY" in plan


def test_counting_in_steps_finds_the_same(campaign: Campaign) -> None:
    sign_in_bulk(campaign, 100, source=lambda number: "a" if number % 3 else "b")
    ground = ground_for(db.session(), campaign.id, Conditions(source="a"))
    whole = count_on(db.session(), ground, Progress(), as_of=clock.now(), most=1_000)
    steps = Progress()
    while not steps.is_finished:
        steps = count_on(db.session(), ground, steps, as_of=clock.now(), most=7)
    assert steps == whole
    assert sum(whole.counts.values()) in (66, 67)
    assert len(set(whole.sample)) == 20


def test_no_conditions_are_no_invalidation(campaign: Campaign) -> None:
    with pytest.raises(NoConditions):
        preview(campaign)
    with pytest.raises(ValueError, match="forgotten"):
        conditions_of({"state": "held"})


def test_networks_and_people_are_forgotten_after_thirty_days(campaign: Campaign) -> None:
    sign_in_bulk(campaign, 3, network_hash=NETWORK)
    wanted = {"network_hash": NETWORK, "address": "person*@example.org", "name": "person*", "country": "GB"}
    old, new = preview(campaign, **wanted), preview(campaign, **wanted)
    old.start()
    with transaction() as session:
        before = clock.now() - CONDITIONS_LIFE - timedelta(minutes=1)
        session.execute(update(Invalidation).where(Invalidation.id == old.id).values(created_at=before))
    while forget():
        pass
    assert (old.row.conditions, old.row.sample) == ({"country": "GB"}, [])
    assert old.row.state is InvalidationState.STOPPED  # or it would take out everybody in the country
    with pytest.raises(records.MovedOn):
        old.act(records.go_on)
    assert new.row.conditions == wanted
    new.start()


def test_who_is_forgotten_is_forgotten_by_conditions_too(campaign: Campaign) -> None:
    make_signature(campaign, email="Ann+x@Post.example")
    theirs = preview(campaign, address="ann+X@post.example", country="GB")
    others = [preview(campaign, address=pattern) for pattern in ("ann*@post.example", "anna@post.example")]
    elsewhere = preview(make_campaign(), address="ann+x@post.example")
    with transaction() as session:
        assert records.forget_address(session, campaign.id, "Ann+x@Post.example", now=clock.now()) == 1
    assert (theirs.row.conditions, theirs.row.sample) == ({"country": "GB"}, [])
    assert all("address" in run.row.conditions for run in (*others, elsewhere))
