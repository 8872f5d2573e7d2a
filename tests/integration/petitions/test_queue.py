"""The moderators' list: which index answers which filter, what a search brings, and how many it says there are."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from campaign.campaigns.models import Campaign
from campaign.core.database import db, transaction
from campaign.petitions import queue, tally
from campaign.petitions.models import CommentState, Signal, Signature, SignatureSignal, SignatureState
from campaign.petitions.queue import MOST_COUNTED, PAGE_SIZE, Asked, Filters, Likeness, QueuePage, narrowing, pages
from tests.factories import NOW, make_campaign, make_signature, reread
from tests.statements import Statement, recorded

S = SignatureState
ROWS = 4000
NAMES = ("anna", "berit", "cem", "dora", "emre", "finn", "gül", "hana", "ivo", "jana")


def fill(campaign: Campaign, rows: int = ROWS) -> None:
    """Thousands of signatures, most of them alike; few have what moderators look for."""
    first = make_signature(campaign)
    values = [
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
            "network_hash": f"network {number % 40}",
            "show_name": False,
            "wants_updates": False,
            "honeypot": False,
            "consent_version": "1",
            "language": "en",
            "decision_reason": "",
            "token_version": 1,
            "created_at": NOW + timedelta(seconds=number),
            "state_changed_at": NOW,
        }
        for number in range(rows)
    ]
    with transaction() as session:
        ids = session.scalars(insert(Signature).returning(Signature.id, sort_by_parameter_order=True), values).all()
        noticed = [
            {"signature_id": row_id, "campaign_id": campaign.id, "signal": signal, "holds": True, "created_at": NOW}
            for row_id, row in zip(ids, values, strict=True)
            for signal in (row["held_for"], Signal.NAME if str(row["name"]).endswith("7") else None)
            if signal
        ]
        session.execute(insert(SignatureSignal), noticed)
        tally.recount(session, campaign.id)
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE signature, signature_signal"))


def ask(campaign: Campaign, filters: Filters) -> Asked:
    return Asked(campaign.id, filters, tally.counts(db.session(), campaign.id), "x")


def listed(campaign: Campaign, filters: Filters, after: int | None = None) -> tuple[QueuePage, list[Statement]]:
    asked = ask(campaign, filters)
    with recorded() as sent:
        listing = queue.list_signatures(db.session(), asked, after=after)
    return listing, [each for each in sent if "FROM signature" in each.sql]


def found(campaign: Campaign, filters: Filters, after: int | None = None) -> list[int]:
    return [row.id for row in listed(campaign, filters, after)[0].items]


ANSWERED_BY = [
    (Filters(), ["campaign_id_id"]),
    (Filters(state=S.HELD), ["campaign_id_state_id"]),
    (Filters(flag=Signal.BURST), ["campaign_id_signal_signature_id"]),
    (Filters(flag=Signal.HONEYPOT), ["campaign_id_signal_signature_id"]),
    (Filters(flag=Signal.MODERATOR), ["campaign_id_held_for_state_id"]),
    (Filters(comment=CommentState.AWAITING), ["campaign_id_comment_state_state_id"]),
    (Filters(comment=CommentState.REFUSED), ["campaign_id_comment_state_state_id"]),
    (Filters(source="front"), ["campaign_id_source_id"]),
    (Filters(country="UA"), ["campaign_id_country_id"]),
    (Filters(since=NOW + timedelta(hours=1)), ["campaign_id_created_at_id"]),
    (Filters(search="anna"), ["campaign_id_name_folded_id"]),
    (Filters(search="ukraine", countries=("UA",)), ["campaign_id_name_folded_id", "campaign_id_country_id"]),
    (Filters(search="andorra", countries=("AD",)), ["campaign_id_name_folded_id", "campaign_id_country_id"]),
    (Filters(like=(Likeness(S.HELD, Signal.BURST),)), ["campaign_id_held_for_state_id"]),
    (Filters(like=(Likeness(S.CONFIRMED, None, "network 3"),)), ["campaign_id_network_hash_"]),
]
WALKED = ["SCAN signature", "Seq Scan on signature"]


def refuse_bad_plans() -> bool:
    """On PostgreSQL, of a few thousand rows it would rather read all; the question is what it can do with many."""
    postgres = db.engine.dialect.name == "postgresql"
    if postgres:
        for how in ("seqscan", "bitmapscan"):
            db.session.execute(text(f"SET enable_{how} = off"))
    return postgres


def test_every_filter_is_answered_by_its_index(app: Flask) -> None:
    campaign = make_campaign()
    fill(campaign)
    postgres = refuse_bad_plans()
    for filters, indexes in ANSWERED_BY:
        plan = "\n".join(each.plan() for each in listed(campaign, filters)[1])
        # On PostgreSQL one campaign holds all there is: the newest rows of the table are its own.
        for index in ["pk_signature"] if postgres and filters == Filters() else indexes:
            assert index in plan, (filters, plan)
        walked = WALKED + (["campaign_id_id "] if filters != Filters() else [])
        assert not [words for words in walked if words in plan], (filters, plan)


PARTS = [
    {"state": S.HELD}, {"flag": Signal.NAME}, {"source": "front"}, {"country": "GB"}, {"search": "anna"},
    {"since": NOW + timedelta(minutes=10)}, {"like": (Likeness(S.HELD, Signal.BURST),)},
]  # fmt: skip


@pytest.mark.parametrize(("sifted", "walked"), [(5_000, 100_000), (60, 2_000), (1, 1)], ids=["few", "many", "huge"])
def test_any_filters_together_find_what_each_finds(
    app: Flask, monkeypatch: pytest.MonkeyPatch, sifted: int, walked: int
) -> None:
    """However many rows each filter finds, which only decides where the list begins to look."""
    campaign, other = make_campaign(), make_campaign()
    fill(campaign, 1500)
    make_signature(other, source="front", state=S.HELD, held_for=Signal.NAME, name="Anna")
    whole = {str(part): set(_all_ids(campaign, Filters(**part))) for part in PARTS}  # type: ignore[arg-type]
    assert min(len(ids) for ids in whole.values()) > 10
    monkeypatch.setattr(pages, "MOST_SIFTED", sifted)
    for place in (pages, narrowing):
        monkeypatch.setattr(place, "MOST_WALKED", walked)
    refuse_bad_plans()
    for chosen in combinations(PARTS, 2):
        filters = Filters()
        for part in chosen:
            filters = replace(filters, **part)  # type: ignore[arg-type]
        expected = sorted(whole[str(chosen[0])] & whole[str(chosen[1])], reverse=True)
        listing, sent = listed(campaign, filters)
        assert [row.id for row in listing.items] == expected[:PAGE_SIZE], filters
        assert listing.total in (None, len(expected)), filters
        assert sifted < 5_000 or listing.total == len(expected)
        assert found(campaign, filters, expected[3] if len(expected) > 3 else 0) == expected[4 : 4 + PAGE_SIZE]
        plan = "\n".join(each.plan() for each in sent)
        assert not [words for words in WALKED if words in plan], (filters, plan)


def _all_ids(campaign: Campaign, filters: Filters) -> list[int]:
    editions = queue.list_editions(db.session(), ask(campaign, filters), most=10_000)
    assert editions is not None
    return list(editions)


def test_the_total_is_exact_or_says_that_there_are_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = make_campaign()
    fill(campaign, 300)
    monkeypatch.setattr(pages, "MOST_SIFTED", 100)
    monkeypatch.setattr(pages, "MOST_WALKED", 200)
    told = {
        filters: (listed(campaign, filters)[0].total, listed(campaign, filters)[0].is_more)
        for filters in (
            Filters(), Filters(state=S.CONFIRMED), Filters(source="front"), Filters(country="GB"),
            Filters(search="nobody"), Filters(since=NOW + timedelta(seconds=150)),
        )
    }  # fmt: skip
    assert list(told.values()) == [(301, False), (295, False), (3, False), (200, True), (0, False), (150, False)]


def test_all_that_match_are_listed_up_to_a_limit(app: Flask) -> None:
    campaign = make_campaign()
    fill(campaign, 300)
    asked = ask(campaign, Filters(state=S.HELD))
    editions = queue.list_editions(db.session(), asked, most=6)
    assert editions is not None
    assert set(editions) == set(
        db.session.scalars(select(Signature.id).where(Signature.campaign_id == campaign.id, Signature.state == S.HELD))
    )
    assert queue.list_editions(db.session(), asked, most=5) is None
    assert queue.sealed(editions).startswith("6.")
    assert queue.sealed(editions) != queue.sealed(editions | {min(editions): 2})


def test_what_signatures_are_alike_in(app: Flask) -> None:
    campaign, other = make_campaign(), make_campaign()
    burst = [
        make_signature(campaign, state=S.HELD, held_for=Signal.BURST, network_hash=network).id for network in "aab"
    ]
    name = [make_signature(campaign, state=S.HELD, held_for=Signal.NAME, network_hash=one).id for one in "ac"]
    decided = make_signature(campaign, state=S.INVALIDATED, held_for=Signal.BURST, network_hash="a")
    counted = [make_signature(campaign, network_hash="a").id, make_signature(campaign, network_hash=None).id]
    make_signature(other, state=S.HELD, held_for=Signal.BURST, network_hash="a")
    kinds = queue.find_likenesses(db.session(), campaign.id, [*burst, *name, decided.id, *counted])
    assert set(kinds) == {*burst, *name, decided.id, counted[0]}
    assert kinds[burst[0]] == kinds[burst[1]] != kinds[burst[2]]
    assert kinds[name[0]] == kinds[name[1]] == Likeness(S.HELD, Signal.NAME)
    different = list(dict.fromkeys(kinds.values()))
    assert queue.count_alike(db.session(), campaign.id, different, most=500) == [2, 1, 2, 1, 1]
    assert queue.count_alike(db.session(), campaign.id, [], most=500) == []
    assert sorted(found(campaign, Filters(like=(kinds[burst[0]], kinds[name[0]])))) == sorted([*burst[:2], *name])
    assert found(campaign, Filters(like=())) == []


def test_a_search_finds_names_and_countries_once_each_and_newest_first(app: Flask) -> None:
    campaign, other = make_campaign(), make_campaign()
    iceland = make_signature(campaign, name="Somebody", country="IS")
    both = make_signature(campaign, name="Isa", country="IS")
    name = make_signature(campaign, name="Ismail", state=S.HELD)
    make_signature(campaign, name="Lisa")
    make_signature(other, name="Isa", country="IS")
    iceland_or_name = Filters(search="Is", countries=("IS",))
    assert found(campaign, iceland_or_name) == [name.id, both.id, iceland.id]
    assert listed(campaign, iceland_or_name)[0].total == 3
    assert found(campaign, replace(iceland_or_name, search="is"), both.id) == [iceland.id]
    assert found(campaign, replace(iceland_or_name, state=S.HELD)) == [name.id]


def test_a_long_search_goes_on_where_the_page_ended(app: Flask) -> None:
    campaign = make_campaign()
    ids = [
        make_signature(campaign, name="Isa" if number % 2 else "Else", country="GB" if number % 2 else "IS").id
        for number in range(PAGE_SIZE + 7)
    ]
    filters, seen, after = Filters(search="is", countries=("IS",)), [], None
    for size in (PAGE_SIZE, 7):
        page = listed(campaign, filters, after)[0]
        assert (len(page.items), page.total) == (size, PAGE_SIZE + 7)
        seen += [row.id for row in page.items]
        after = page.next
    assert (seen, after) == (ids[::-1], None)


@pytest.mark.parametrize("search", ["@", "%40", "somebody@nowhere"])
def test_what_is_no_address_of_anybody_finds_nobody(app: Flask, search: str) -> None:
    campaign = make_campaign()
    make_signature(campaign)
    assert found(campaign, Filters(search=search)) == []


def test_waiting_comments_are_counted_to_a_limit(app: Flask) -> None:
    many, few, none = make_campaign(), make_campaign(), make_campaign()
    fill(many)
    waiting = make_signature(few, comment="Because.", comment_state=CommentState.AWAITING)
    make_signature(few, comment="Because.", comment_state=CommentState.AWAITING, state=S.HELD)
    make_signature(few, comment="Because.", comment_state=CommentState.REFUSED)
    assert reread(waiting).comment_state is CommentState.AWAITING
    with recorded() as sent:
        counted = queue.count_awaiting_comments(db.session(), [many.id, few.id, none.id])
    assert counted == {many.id: MOST_COUNTED, few.id: 1, none.id: 0}
    assert len([each for each in sent if "FROM signature" in each.sql]) == 1
    assert queue.count_awaiting_comments(db.session(), []) == {}
