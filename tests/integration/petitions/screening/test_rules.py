"""What a campaign sets: kept as what differs, refused when stale, written into the trail."""

import pytest
from flask import Flask
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions.models import ScreeningAction, ScreeningRules, Signal
from campaign.petitions.screening.rules import BOUNDS, Numbers, Rules, RulesChangedMeanwhile, rules_of, set_rules
from campaign.petitions.screening.starting_words import STARTING_WORDS, Words
from tests.factories import make_campaign
from tests.integration.petitions.screening.conftest import change_rules


def test_a_campaign_that_nobody_set_has_the_defaults(app: Flask) -> None:
    rules = rules_of(db.session(), make_campaign().id)
    assert rules == Rules()
    assert (rules.numbers.burst_limit, rules.numbers.burst_minutes) == (20, 10)
    assert set(rules.actions) == set(Signal) - {Signal.MODERATOR}
    assert all(BOUNDS[name].least <= value <= BOUNDS[name].most for name, value in vars(rules.numbers).items())
    assert set(BOUNDS) == set(vars(rules.numbers))


def test_only_what_differs_is_stored_and_the_rest_follows_the_defaults(campaign: Campaign) -> None:
    words = dict(STARTING_WORDS) | {"en": Words(("fake",), ())}
    change_rules(campaign, {Signal.NAME: ScreeningAction.MARK}, numbers=Numbers(burst_limit=7), words=words)
    row = db.session.get_one(ScreeningRules, campaign.id)
    assert (row.actions, row.numbers) == ({"name": "mark"}, {"burst_limit": 7})
    assert row.words == {"en": {"names": ["fake"], "comments": []}}
    rules = rules_of(db.session(), campaign.id)
    assert rules.actions[Signal.NAME] is ScreeningAction.MARK
    assert rules.actions[Signal.BURST] is ScreeningAction.HOLD
    assert rules.numbers == Numbers(burst_limit=7)
    assert rules.words == words
    assert rules_of(db.session(), make_campaign().id) == Rules()


def test_an_emptied_list_stays_empty_and_can_be_put_back(campaign: Campaign) -> None:
    change_rules(campaign, words=dict(STARTING_WORDS) | {"en": Words()})
    assert rules_of(db.session(), campaign.id).words["en"] == Words()
    change_rules(campaign, words=dict(STARTING_WORDS))
    db.session.rollback()
    assert db.session.get_one(ScreeningRules, campaign.id).words == {}


def test_a_stale_change_is_refused_and_an_empty_one_is_none(campaign: Campaign) -> None:
    shown = rules_of(db.session(), campaign.id)
    change_rules(campaign, {Signal.NAME: ScreeningAction.OFF})
    with pytest.raises(RulesChangedMeanwhile), transaction() as session:
        set_rules(session, campaign.id, shown, actor="late", now=clock.now())
    with transaction() as session:
        now = rules_of(session, campaign.id)
        assert not set_rules(session, campaign.id, now, actor="same", now=clock.now())
    change_rules(campaign, {Signal.NAME: ScreeningAction.HOLD})
    db.session.rollback()
    assert db.session.get_one(ScreeningRules, campaign.id).edition == 2


def test_the_trail_says_what_changed(campaign: Campaign) -> None:
    change_rules(
        campaign, {Signal.NAME: ScreeningAction.MARK}, numbers=Numbers(quick_seconds=5), words={"uk": Words(("хтось",))}
    )
    [entry] = db.session.scalars(select(AuditEntry))
    assert (entry.action, entry.actor, entry.campaign_id) == ("screening.rules", "test", campaign.id)
    assert entry.object_id == campaign.slug
    assert entry.details == {"name": "hold → mark", "quick_seconds": "10 → 5", "words": "uk"}
