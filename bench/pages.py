"""Server time of requests, from the application's door and back, on a campaign of a million beside an empty one.

Each request is made several times after some to warm up. What must hold is the median. Beside it stand the slowest, and
how long application and database computed for one: where the machine does other things as well, the rest was waiting.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

from bench.figures import Figure
from bench.ground import Ground
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions.models import Signal, Signature, SignatureState
from campaign.staff.models import Role, StaffUser
from campaign.staff.people import create_person
from tests.conftest import BASE_URL
from tests.integration.admin.conftest import PASSWORD, Browser

MOST_MILLISECONDS = 300.0
MOST_TIMES_EMPTY = 1.5
WARMING, TIMES = 2, 9
COMPARED = 60
GET = {"headers": {"Accept-Encoding": "gzip"}, "base_url": BASE_URL}


def timed(ask: Callable[[], int]) -> float:
    """Milliseconds of one request, which must succeed."""
    begun = time.perf_counter()
    status = ask()
    taken = (time.perf_counter() - begun) * 1000
    assert status in (200, 302, 303), status
    return taken


def worked() -> float:
    """Milliseconds that this process and the server's for it have computed so far, whatever else the machine did."""
    found = time.process_time() * 1000
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            pids = connection.exec_driver_sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            found += sum(_on_processor(pid) for (pid,) in pids.all())
    return found


def _on_processor(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1_000_000  # Linux, proc(5)
    except OSError:
        return 0.0


def figure(what: str, ask: Callable[[], int]) -> Figure:
    """The median of several."""
    for _ in range(WARMING):
        timed(ask)
    before = worked()
    taken = [timed(ask) for _ in range(TIMES)]
    note = f"slowest {max(taken):.0f}, computing {(worked() - before) / TIMES:.0f}"
    return Figure(what, statistics.median(taken), MOST_MILLISECONDS, "ms", note)


def queue(ground: Ground) -> Iterator[Figure]:
    """The moderators' list: its first page, each filter, each search, a page far down, and one signature."""
    browser, base = staff(ground), f"/admin/campaigns/{ground.large.slug}/signatures"
    one = a_signature(ground)
    for what, query in [*filters(), *searches(one), *deep(one)]:
        yield figure(f"queue: {what}", lambda query=query: browser.get(f"{base}?{query}").status_code)
    yield figure("queue: one signature", lambda: browser.get(f"{base}/{one.id}").status_code)
    action = {"action": "hold", "ids": str(one.id), "reason": "Bench."}
    back = {"action": "release", "ids": str(one.id)}
    token = browser.token("/admin/")
    for data in (action, back):
        taken = timed(lambda data=data: browser.post(f"{base}/moderate", data, token=token).status_code)
        yield Figure(f"queue: {data['action']} one", taken, MOST_MILLISECONDS, "ms")


def filters() -> Iterator[tuple[str, str]]:
    yield "first page", ""
    yield from ((f"state {state.value}", f"state={state.value}") for state in SignatureState)
    yield from ((f"reason {flag.value}", f"flag={flag.value}") for flag in Signal)
    for name, values in {
        "source": ("article-1", "article-60", "nowhere"), "country": ("GB", "CY", "AQ"),
        "comment": ("awaiting", "published", "refused"), "since": ("2020-01-01", "2100-01-01"),
    }.items():  # fmt: skip
        yield from ((f"{name} {value}", f"{name}={value}") for value in values)
    yield "confirmed, GB, article-1", "state=confirmed&country=GB&source=article-1"
    yield "held, burst, rare country", "state=held&flag=burst&country=CY"
    yield "removed since 2020, article-2", "state=invalidated&since=2020-01-01&source=article-2"


def searches(one: Signature) -> Iterator[tuple[str, str]]:
    yield "search address", f"q={one.email}"
    yield "search address that is not there", "q=nobody@nowhere.example"
    yield "search whole name", f"q={one.name}"
    yield "search name by 'ma'", "q=ma"
    yield "search name by 'a'", "q=a"
    yield "search name in Cyrillic", "q=О"
    yield "search name that is not there", "q=zzzz"
    yield "search country by name", "q=Georgia"
    yield "search 'ma', confirmed, from GB", "q=ma&state=confirmed&country=GB"


def deep(one: Signature) -> Iterator[tuple[str, str]]:
    yield "a page from the middle", f"after={one.id}"
    yield "confirmed, a page from the middle", f"state=confirmed&after={one.id}"
    yield "search 'ma', from the middle", f"q=ma&after={one.id}"


def overviews(ground: Ground) -> Iterator[Figure]:
    """The staff's first page and the statistics, the sources, and what else reads a campaign's figures."""
    browser, base = staff(ground), f"/admin/campaigns/{ground.large.slug}"
    paths = {
        "overview": "/admin/", "statistics": f"{base}/statistics", "sources": f"{base}/sources",
        "sources as CSV": f"{base}/sources.csv", "screening": f"{base}/screening", "exports": f"{base}/exports",
        "invalidations": f"{base}/invalidations", "donations": f"{base}/donations",
        "sources, 20,000 gifts": f"/admin/campaigns/{ground.given.slug}/sources",
    }  # fmt: skip
    for what, path in paths.items():
        yield figure(what, lambda path=path: browser.get(path).status_code)
    token = browser.token("/admin/")
    for what, conditions in {
        "preview of a large domain": {"domain": "mail0.example"},
        "preview of a source from a country": {"source": "article-7", "country": "CY"},
    }.items():
        yield figure(what, lambda c=conditions: browser.post(f"{base}/invalidations", c, token=token).status_code)


def public(ground: Ground) -> Iterator[Figure]:
    """What readers and scripts ask for: in milliseconds, and in times of what an empty campaign takes."""
    client, large, empty = ground.app.test_client(), ground.large.slug, ground.empty.slug
    for what, path in {
        "campaign's page": "/campaigns/{}", "API count": "/api/v1/campaigns/{}",
        "public statistics": "/campaigns/{}/statistics", "API statistics": "/api/v1/campaigns/{}/statistics",
        "sign form": "/campaigns/{}/sign",
    }.items():  # fmt: skip
        yield figure(what, lambda path=path: get(ground, client, path.format(large)))
        if what in ("campaign's page", "API count"):
            yield compared(ground, client, what, path.format(large), path.format(empty))
    gifts = f"/campaigns/{ground.given.slug}"
    yield figure("campaign's page, 20,000 gifts", lambda: get(ground, client, gifts))
    yield figure("home page", lambda: get(ground, client, "/"))
    number = iter(range(1_000_000))
    for slug, what in ((large, "million"), (empty, "empty")):
        yield figure(f"signing, {what}", lambda slug=slug: sign(ground, client, slug, next(number)))


def get(ground: Ground, client: FlaskClient, path: str) -> int:
    with ground.app.app_context():
        return client.get(path, **GET).status_code


def compared(ground: Ground, client: FlaskClient, what: str, large: str, empty: str) -> Figure:
    """The two in turns, so that whatever else the machine does meets both alike."""
    taken: dict[str, list[float]] = {large: [], empty: []}
    for _ in range(COMPARED):
        for path, times in taken.items():
            times.append(timed(lambda path=path: get(ground, client, path)))
    here, there = (statistics.median(times[5:]) for times in taken.values())
    return Figure(
        f"{what}, times an empty one's", here / there, MOST_TIMES_EMPTY, "times", f"{here:.1f} and {there:.1f} ms"
    )


def sign(ground: Ground, client: FlaskClient, slug: str, number: int) -> int:
    form = {"name": "Ada Bench", "email": f"{clock.now().timestamp()}.{number}@bench.example", "country": "GB"}
    network = f"10.{number // 250 % 250}.{number % 250}.1"
    with ground.app.app_context():
        path = f"/campaigns/{slug}/sign"
        return client.post(path, data=form, base_url=BASE_URL, environ_overrides={"REMOTE_ADDR": network}).status_code


def staff(ground: Ground) -> Browser:
    """A browser in which an admin has signed in."""
    email = "bench@lantern.example"
    if db.session.scalar(select(StaffUser.id).where(StaffUser.email == email)) is None:
        with transaction() as session:
            create_person(session, email=email, password=PASSWORD, role=Role.ADMIN, actor="bench", now=clock.now())
    browser = Browser(ground.app)
    assert browser.sign_in(email).status_code == 302
    return browser


def a_signature(ground: Ground) -> Signature:
    """A confirmed one from the middle of the campaign."""
    newest = select(Signature.id).where(Signature.campaign_id == ground.large.id).order_by(Signature.id.desc()).limit(1)
    middle = (db.session.scalar(newest) or 0) // 2
    return db.session.scalars(
        select(Signature)
        .where(
            Signature.campaign_id == ground.large.id,
            Signature.state == SignatureState.CONFIRMED,
            Signature.id > middle,
        )
        .order_by(Signature.id)
        .limit(1)
    ).one()
