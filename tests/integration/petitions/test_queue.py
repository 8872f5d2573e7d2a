"""The moderators' list: which index answers which filter, and what a search and the count of comments bring."""

import pytest
from flask import Flask
from sqlalchemy import insert, text

from campaign.campaigns.models import Campaign
from campaign.core.database import db, transaction
from campaign.petitions import queue
from campaign.petitions.models import CommentState, Signal, Signature, SignatureState
from campaign.petitions.queue import MOST_COUNTED, PAGE_SIZE, Filters
from tests.factories import NOW, make_campaign, make_signature, reread
from tests.statements import Statement, recorded

S = SignatureState
ROWS = 4000
NAMES = ("anna", "berit", "cem", "dora", "emre", "finn", "gül", "hana", "ivo", "jana")


def fill(campaign: Campaign) -> None:
    """Thousands of signatures, most of them alike; few have what moderators look for."""
    first = make_signature(campaign)
    rows = [
        {
            "campaign_id": campaign.id,
            "demand_id": first.demand_id,
            "state": S.HELD if number % 50 == 0 else S.CONFIRMED,
            "held_for": Signal.BURST if number % 50 == 0 else None,
            "name": f"{NAMES[number % 10]} {number}",
            "name_folded": f"{NAMES[number % 10]} {number}",
            "email_key": f"key {number}",
            "country": "UA" if number % 100 == 1 else "GB",
            "postcode": "",
            "source": "front" if number % 100 == 2 else "",
            "comment": "Because." if number % 20 == 3 else "",
            "comment_state": CommentState.AWAITING if number % 20 == 3 else None,
            "show_name": False,
            "wants_updates": False,
            "honeypot": False,
            "consent_version": "1",
            "language": "en",
            "decision_reason": "",
            "token_version": 1,
            "created_at": NOW,
            "state_changed_at": NOW,
        }
        for number in range(ROWS)
    ]
    with transaction() as session:
        session.execute(insert(Signature), rows)
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE signature"))


def listed(campaign: Campaign, filters: Filters, after: int | None = None) -> tuple[list[Signature], Statement]:
    with recorded() as sent:
        page = queue.list_signatures(db.session(), campaign.id, filters, hash_key="x", after=after)
    (statement,) = [each for each in sent if "FROM signature" in each.sql]
    return list(page.items), statement


ANSWERED_BY = [
    (Filters(), ["campaign_id_id"]),
    (Filters(state=S.HELD), ["campaign_id_state_id"]),
    (Filters(flag=Signal.BURST), ["campaign_id_held_for_id"]),
    (Filters(flag=Signal.HONEYPOT), ["campaign_id_held_for_id"]),
    (Filters(comment=CommentState.AWAITING), ["campaign_id_comment_state_state_id"]),
    (Filters(comment=CommentState.REFUSED), ["campaign_id_comment_state_state_id"]),
    (Filters(source="front"), ["campaign_id_source_id"]),
    (Filters(country="UA"), ["campaign_id_country_id"]),
    (Filters(search="anna"), ["campaign_id_name_folded_id"]),
    (Filters(search="ukraine", countries=("UA",)), ["campaign_id_name_folded_id", "campaign_id_country_id"]),
    (Filters(search="andorra", countries=("AD",)), ["campaign_id_name_folded_id", "campaign_id_country_id"]),
]


def test_every_filter_is_answered_by_its_index(app: Flask) -> None:
    campaign = make_campaign()
    fill(campaign)
    postgres = db.engine.dialect.name == "postgresql"
    if postgres:  # of a few thousand rows it would rather read all; the question is what it can do with many
        db.session.execute(text("SET enable_seqscan = off"))
        db.session.execute(text("SET enable_bitmapscan = off"))
    for filters, indexes in ANSWERED_BY:
        plan = listed(campaign, filters)[1].plan()
        # On PostgreSQL one campaign holds all there is: the newest rows of the table are its own.
        for index in ["pk_signature"] if postgres and filters == Filters() else indexes:
            assert index in plan, (filters, plan)
        walked = ["SCAN signature", "Seq Scan on signature"] + (["campaign_id_id "] if filters != Filters() else [])
        assert not [words for words in walked if words in plan], (filters, plan)


def test_a_search_finds_names_and_countries_once_each_and_newest_first(app: Flask) -> None:
    campaign, other = make_campaign(), make_campaign()
    iceland = make_signature(campaign, name="Somebody", country="IS")
    both = make_signature(campaign, name="Isa", country="IS")
    name = make_signature(campaign, name="Ismail", state=S.HELD)
    make_signature(campaign, name="Lisa")
    make_signature(other, name="Isa", country="IS")
    found = listed(campaign, Filters(search="Is", countries=("IS",)))[0]
    assert [row.id for row in found] == [name.id, both.id, iceland.id]
    assert [row.id for row in listed(campaign, Filters(search="is", countries=("IS",)), both.id)[0]] == [iceland.id]
    assert [row.id for row in listed(campaign, Filters(search="is", countries=("IS",), state=S.HELD))[0]] == [name.id]


def test_a_long_search_goes_on_where_the_page_ended(app: Flask) -> None:
    campaign = make_campaign()
    ids = [
        make_signature(campaign, name="Isa" if number % 2 else "Else", country="GB" if number % 2 else "IS").id
        for number in range(PAGE_SIZE + 7)
    ]
    filters, seen, after = Filters(search="is", countries=("IS",)), [], None
    for size in (PAGE_SIZE, 7):
        page = queue.list_signatures(db.session(), campaign.id, filters, hash_key="x", after=after)
        assert len(page.items) == size
        seen += [row.id for row in page.items]
        after = page.next
    assert (seen, after) == (ids[::-1], None)


@pytest.mark.parametrize("search", ["@", "%40", "somebody@nowhere"])
def test_what_is_no_address_of_anybody_finds_nobody(app: Flask, search: str) -> None:
    campaign = make_campaign()
    make_signature(campaign)
    assert listed(campaign, Filters(search=search))[0] == []


def test_waiting_comments_are_counted_to_a_limit(app: Flask) -> None:
    many, few, none = make_campaign(), make_campaign(), make_campaign()
    fill(many)
    waiting = make_signature(few, comment="Because.", comment_state=CommentState.AWAITING)
    make_signature(few, comment="Because.", comment_state=CommentState.AWAITING, state=S.HELD)
    make_signature(few, comment="Because.", comment_state=CommentState.REFUSED)
    assert reread(waiting).comment_state is CommentState.AWAITING
    with recorded() as sent:
        found = queue.count_awaiting_comments(db.session(), [many.id, few.id, none.id])
    assert found == {many.id: MOST_COUNTED, few.id: 1, none.id: 0}
    assert len([each for each in sent if "FROM signature" in each.sql]) == 1
    assert queue.count_awaiting_comments(db.session(), []) == {}
