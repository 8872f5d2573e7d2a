"""No request reads the whole table of signatures: what each page asks the database for is explained by the database.

On a campaign of some ten thousand signatures beside another one's, after the engine has looked at how they are spread.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from campaign.campaigns.models import Campaign
from campaign.cli.seed.bulk import write_in_bulk
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.limits import limiter
from campaign.core.tokens import Purpose, Tokens
from campaign.petitions import tally
from campaign.petitions.models import Signal, Signature, SignatureState
from campaign.petitions.queue import narrowing, pages
from campaign.settings import Settings
from campaign.staff.models import Role
from tests.factories import make_campaign
from tests.integration.admin.conftest import Browser, SignIn, sign_in  # noqa: F401 - a fixture
from tests.integration.public.conftest import make_donation, make_update
from tests.statements import Statement, recorded

ROWS = 16_000
# What a request may look at: a list sifts 5,000, a preview looks at 10,000. What a search sorts is bounded for the test.
MOST_READ = 11_000
MOST_WALKED = 8_000


@pytest.fixture
def campaign(app: Flask, settings: Settings) -> Iterator[Campaign]:
    """A large campaign between two others, none of them folded to the last delta."""
    found, other = make_campaign(), make_campaign()
    for one in (other, found, other):
        with transaction() as session:
            write_in_bulk(session, one, ROWS if one is found else ROWS // 2, settings, clock.now())
    make_update(found, public_id="news")
    make_donation(found, public_id="gift")
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE")
    yield found
    limiter.reset()


def an_id(campaign: Campaign, state: SignatureState) -> int:
    query = select(Signature.id).where(Signature.campaign_id == campaign.id, Signature.state == state)
    return db.session.scalars(query.order_by(Signature.id.desc()).limit(1)).one()


def explained(sent: list[Statement]) -> list[str]:
    """The statements that read too much of the signatures, each with how it was answered."""
    db.session.rollback()
    postgresql = db.engine.dialect.name == "postgresql"
    faults: dict[str, str] = {}
    for one in sent:
        words = one.sql.lstrip().upper()
        if "signature" not in one.sql or not words.startswith(("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")):
            continue
        if one.sql not in faults and (fault := _read_by_postgresql(one) if postgresql else _read_by_sqlite(one)):
            faults[one.sql] = fault
    return [f"{sql}\n{fault}" for sql, fault in faults.items()]


def _read_by_sqlite(one: Statement) -> str:
    parameters = one.parameters[0] if isinstance(one.parameters, list) else one.parameters
    plan = Statement(one.sql, parameters).plan()
    return plan if re.search(r"^SCAN signature(_\d+)?( |$)", plan, re.MULTILINE) else ""


def _read_by_postgresql(one: Statement) -> str:
    """Selects are run, to see how many rows were read; anything else is only planned."""
    parameters = one.parameters[0] if isinstance(one.parameters, list) else one.parameters
    reads = one.sql.lstrip().upper().startswith(("SELECT", "WITH")) and "FOR " not in one.sql
    how = "EXPLAIN (ANALYZE, FORMAT JSON)" if reads else "EXPLAIN (FORMAT JSON)"
    found = db.session.connection().exec_driver_sql(f"{how} {one.sql}", parameters).scalar_one()
    [top] = found if isinstance(found, list) else json.loads(found)
    bad = [node for node in _nodes(top["Plan"]) if node.get("Relation Name") == "signature" and _is_too_much(node)]
    return json.dumps(bad, indent=1, default=str) if bad else ""


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", []):
        yield from _nodes(below)


def _is_too_much(node: dict[str, Any]) -> bool:
    loops = node.get("Actual Loops", 0)
    read = (node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)) * loops
    return node["Node Type"] == "Seq Scan" or read > MOST_READ


def test_no_request_reads_all_signatures(
    app: Flask,
    campaign: Campaign,
    sign_in: SignIn,  # noqa: F811
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One test, so that the campaign is made once: pages, filters and searches, forms, and what the worker does often."""
    for module in (narrowing, pages):
        monkeypatch.setattr(module, "MOST_WALKED", MOST_WALKED)
    faults = _pages(app, campaign, sign_in(Role.ADMIN), settings)
    faults += _filters(campaign, sign_in(Role.MODERATOR))
    faults += _forms(campaign, sign_in(Role.ADMIN, email="other@lantern.example"), settings)
    with recorded() as sent, transaction() as session:
        assert tally.fold(session) > 0
    faults += explained(sent)
    assert faults == []
    assert len(explained([Statement("SELECT id FROM signature WHERE postcode = 'LS1 4AP'", ())])) == 1  # it sees one


def _pages(app: Flask, campaign: Campaign, browser: Browser, settings: Settings) -> list[str]:
    values = {"slug": campaign.slug, "update": "news", "signature_id": an_id(campaign, SignatureState.HELD)}
    walked, faults = {}, []
    adapter = app.url_map.bind("campaign.test")
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments <= set(values):
            walked[rule.endpoint] = adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})
    assert {"admin.signatures", "admin.overview", "public.campaign", "api.statistics", "admin.sources"} <= set(walked)
    walked |= {"a gift": "/donations/gift", "a link": confirm_path(settings, campaign)}
    for path in walked.values():
        with recorded() as sent:
            assert browser.get(path).status_code in (200, 302), path
        faults += [f"{path}: {fault}" for fault in explained(sent)]
    return faults


def _filters(campaign: Campaign, browser: Browser) -> list[str]:
    path, faults = f"/admin/campaigns/{campaign.slug}/signatures", []
    oldest = db.session.scalar(select(func.min(Signature.id)).where(Signature.campaign_id == campaign.id))
    assert oldest is not None
    deep = [f"after={oldest + ROWS // 2}", f"state=confirmed&after={oldest + 100}", f"q=ma&after={oldest + 5}"]
    for query in [*QUERIES, *deep]:
        with recorded() as sent:
            assert browser.get(f"{path}?{query}").status_code == 200, query
        faults += [f"{query}: {fault}" for fault in explained(sent)]
    return faults


def _forms(campaign: Campaign, browser: Browser, settings: Settings) -> list[str]:
    base, admin, faults = f"/campaigns/{campaign.slug}", f"/admin/campaigns/{campaign.slug}", []
    held, counted = an_id(campaign, SignatureState.HELD), an_id(campaign, SignatureState.CONFIRMED)
    form = {"name": "Ada Lovelace", "email": "ada@example.org", "country": "GB"}
    link, waiting = confirm_path(settings, campaign), an_id(campaign, SignatureState.PENDING)
    sendings: list[tuple[str, dict[str, str]]] = [
        (f"{base}/sign", form),
        (f"{base}/sign", form),
        (f"{admin}/signatures/moderate", {"action": "resend", "ids": f"{waiting}"}),
        (link, {"confirm": "yes"}),
        (f"{link}/not-me", {}),
        (f"{admin}/signatures/moderate", {"action": "invalidate", "ids": f"{counted}.1", "reason": "A test."}),
        (f"{admin}/signatures/moderate", {"action": "release", "ids": f"{held}.1"}),
        (f"{admin}/signatures/like", {"ids": f"{held}.1"}),
        (f"{admin}/invalidations", {"address": "a*@mail7.example"}),
        (f"{admin}/invalidations", {"source": "article-3", "country": "GB", "domain": "mail1.example"}),
        (f"{admin}/exports", {"format": "csv", "reason": "A test."}),
        (f"{admin}/state", {"state": "closed"}),
    ]
    for path, data in sendings:
        token = browser.token("/admin/")
        with recorded() as sent:
            answer = browser.post(path, data, token=token)
        assert answer.status_code in (200, 302, 303), (path, answer.text)
        faults += [f"{path}: {fault}" for fault in explained(sent)]
    return faults


def confirm_path(settings: Settings, campaign: Campaign) -> str:
    row_id = an_id(campaign, SignatureState.PENDING)
    return f"/confirm/{Tokens(settings.secret_key).make(Purpose.CONFIRM_SIGNATURE, row_id, 1)}"


QUERIES = [
    *(f"state={state.value}" for state in SignatureState),
    *(f"flag={flag.value}" for flag in (Signal.BURST, Signal.QUICK_CONFIRMATION, Signal.MODERATOR)),
    "source=article-1", "source=article-55", "source=nothing", "country=GB", "country=GE", "country=AQ", "q=ma", "q=nobody",
    "q=person@mail1.example", "q=Georgia", "comment=awaiting", "comment=published", "since=2020-01-01", "since=2090-01-01",
    "state=held&flag=burst&country=GB&source=article-1&q=m", "country=GB&source=article-1&state=confirmed",
    "state=invalidated&q=a&since=2020-01-01",
]  # fmt: skip
