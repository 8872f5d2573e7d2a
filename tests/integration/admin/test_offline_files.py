"""Offline gifts from a file: looked through line by line, entered all at once, nothing twice, and taken back as a whole."""

import base64
import io
import re
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations.models import OfflineFile, OfflineGift, OfflineMethod
from campaign.donations.offline_files import FileKnown, NothingToStore, store_file
from campaign.donations.offline_rows import MOST_ROWS, Rules
from campaign.reports.summary import campaign_gifts
from campaign.staff.models import Role
from tests.factories import NOW, make_campaign
from tests.integration.admin.conftest import Browser, SignIn

FILE = """Date;Amount;Method;Name;Email;Notes;Colour
2026-03-10;25;cash;;;box <one>;red
11/03/2026;1,250.50;Cheque;Żaneta <Żak>;z@example.org;"No. 7;
second line";
12.3.2026;10;BACS;;;;
2026-03-10;5;cash;;;;
2026-03-10;5;cash;;;;
"""


def bring(browser: Browser, campaign: Campaign, content: str | bytes, **fields: str) -> Any:
    data = content if isinstance(content, bytes) else content.encode()
    sent = {"file": (io.BytesIO(data), "C:\\gifts.csv")} | fields
    answer = browser.post(f"/admin/campaigns/{campaign.slug}/offline/files", sent, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def enter(browser: Browser, campaign: Campaign, content: str | bytes, **fields: str) -> Any:
    """Look a file through, and press the button on the page that comes."""
    page = bring(browser, campaign, content, **fields)
    assert page.status_code == 200, page.text
    names = ("content", "file_name", "method")
    sent = {name: re.findall(rf'name="{name}" type="hidden" value="([^"]*)"', page.text)[0] for name in names}
    return store(browser, campaign, **sent)


def store(browser: Browser, campaign: Campaign, **sent: str) -> Any:
    path = f"/admin/campaigns/{campaign.slug}/offline/files/store"
    answer = browser.post(path, sent, token=browser.token("/admin/"), content_type="multipart/form-data")
    db.session.rollback()
    return answer


def stored(campaign: Campaign) -> list[OfflineGift]:
    db.session.rollback()
    gifts = select(OfflineGift).where(OfflineGift.campaign_id == campaign.id, OfflineGift.voided_at.is_(None))
    return list(db.session.scalars(gifts.order_by(OfflineGift.id)))


def test_a_look_stores_nothing_and_says_what_would_be(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    page = bring(browser, campaign, FILE)
    assert page.status_code == 200
    for shown in ("5 gifts can be entered", "£1,295.50", "No line is left out.", "Żaneta &lt;Żak&gt;", "Colour"):
        assert shown in page.text, shown
    assert stored(campaign) == []
    assert db.session.scalar(select(OfflineFile.id)) is None


def test_what_was_looked_through_is_entered_with_one_entry_in_the_trail(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    assert enter(browser, campaign, FILE.encode("cp1250")).status_code == 303
    told = [
        (gift.method, gift.amount_minor, gift.given_on.isoformat(), gift.name, gift.note) for gift in stored(campaign)
    ]
    assert told == [
        (OfflineMethod.CASH, 2500, "2026-03-10", "", "box <one>"),
        (OfflineMethod.CHEQUE, 125050, "2026-03-11", "Żaneta <Żak>", "No. 7;\nsecond line"),
        (OfflineMethod.BANK_TRANSFER, 1000, "2026-03-12", "", ""),
        (OfflineMethod.CASH, 500, "2026-03-10", "", ""),
        (OfflineMethod.CASH, 500, "2026-03-10", "", ""),
    ]
    assert campaign_gifts(db.session(), campaign)[0].offline_minor == 129550
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "offline_file.stored")).one()
    assert (entry.details["gifts"], entry.details["amounts"]) == (5, {"GBP": 129550})
    assert "aneta" not in str(entry.details)
    assert "gifts.csv" in browser.get(f"/admin/campaigns/{campaign.slug}/offline/files").text


def test_every_line_that_is_left_out_says_why(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(other_currencies="EUR"), sign_in(Role.ADMIN)
    rows = [
        "2026-03-10,25,cash,EUR,,",
        "soon,25,cash,,,", "1926-03-10,25,cash,,,", "2999-01-01,25,cash,,,",
        "2026-03-10,,cash,,,", '2026-03-10,"12,5",cash,,,', "2026-03-10,-5,cash,,,", "2026-03-10,1e3,cash,,,",
        "2026-03-10,25,,,,", "2026-03-10,25,barter,,,", "2026-03-10,25,cash,USD,,",
        f"2026-03-10,25,cash,,{'x' * 101},", "2026-03-10,25,cash,,Ann,nobody", "2026-03-10,25,cash",
        "2026-03-10,25,cash,,A\x07nn,", "soon,none,barter,,,",
    ]  # fmt: skip
    page = bring(browser, campaign, "date,amount,method,currency,name,email\n" + "\n".join(rows)).text
    assert "1 gift can be entered" in page
    assert "15 lines are left out" in page
    found = re.findall(r'<th scope="row" class="num">(\d+)</th><td>([^<]+)</td>', page)
    lines = [int(line) for line, _why in found]
    assert sorted(set(lines)) == list(range(3, 18))
    assert lines.count(17) == 3
    for line, words in [(3, "No day"), (5, "still to come"), (8, "No amount"), (10, "Not said how"), (12, "currency")]:
        assert any(int(number) == line and words in why for number, why in found), (line, words)
    assert "cash, cheque or bank transfer" in page


def test_lines_that_do_not_say_how_take_the_way_that_was_chosen(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    assert enter(browser, campaign, "date,amount\n2026-03-10,5\n", method="cheque").status_code == 303
    assert [gift.method for gift in stored(campaign)] == [OfflineMethod.CHEQUE]
    assert bring(browser, campaign, "date,amount\n2026-03-10,5\n", method="barter").status_code == 422


def test_the_same_file_is_not_entered_twice_and_one_saved_anew_only_with_what_is_new(sign_in: SignIn) -> None:
    campaign, other, browser = make_campaign(), make_campaign(), sign_in(Role.ADMIN)
    assert enter(browser, campaign, FILE).status_code == 303
    again = bring(browser, campaign, FILE)
    assert again.status_code == 422
    assert "This very file was entered before" in again.text
    assert store(browser, campaign, content=base64.b64encode(FILE.encode()).decode()).status_code == 409
    assert len(stored(campaign)) == 5
    # The two gifts of £5 are here; a third one, and one of another sum, are new.
    anew = FILE.replace(";", ",").replace("1,250.50", "1250.50").replace('"No. 7,', '"No. 7;')
    page = bring(browser, campaign, anew + "2026-03-10,5,cash,,,,\n2026-03-10,6,cash,,,,\n").text
    assert "2 gifts can be entered" in page
    assert page.count("The same gift is here already") == 5
    assert enter(browser, campaign, anew + "2026-03-10,5,cash,,,,\n2026-03-10,6,cash,,,,\n").status_code == 303
    assert len(stored(campaign)) == 7
    assert "5 gifts can be entered" in bring(browser, other, FILE).text


def test_a_file_that_is_taken_back_counts_no_more_and_may_come_again(sign_in: SignIn) -> None:
    campaign, other, browser = make_campaign(), make_campaign(), sign_in(Role.ADMIN)
    enter(browser, campaign, FILE)
    kept = db.session.scalars(select(OfflineFile)).one()
    for found, code in ((other, 404), (campaign, 303), (campaign, 303)):
        path = f"/admin/campaigns/{found.slug}/offline/files/{kept.public_id}/take-back"
        assert browser.post(path, {"reason": " "}, token=browser.token("/admin/")).status_code == 422
        assert browser.post(path, {"reason": "Wrong year"}, token=browser.token("/admin/")).status_code == code
    assert stored(campaign) == []
    assert campaign_gifts(db.session(), campaign) == []
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "offline_file.taken_back")).all()
    assert [(entry.reason, entry.details["gifts"]) for entry in entries] == [("Wrong year", 5)]
    assert enter(browser, campaign, FILE).status_code == 303
    assert len(stored(campaign)) == 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "The file is empty"), ("PK\x03\x04xlsx", "This is a spreadsheet"), ("name,sum\nA,5", "missing: date"),
        ("date,day,amount\n", "Two columns mean the same"),
        ("date,amount\n" + "2026-03-10,5\n" * (MOST_ROWS + 1), "more than 2000 lines"),
        ("date,amount\n" + "x" * 310_000, "larger than 300 KB"),
    ],
    ids=["empty", "spreadsheet", "missing", "twice", "many", "large"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused(sign_in: SignIn, content: str, words: str) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    answer = bring(browser, campaign, content)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_file_of_the_largest_size_comes_back_whole(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    rows = "".join(f"2026-03-10,{number + 1},cash,{'n' * 125}\n" for number in range(MOST_ROWS))
    assert 290_000 < len(rows) < 300 * 1024
    assert enter(browser, campaign, "date,amount,method,note\n" + rows).status_code == 303
    gifts = stored(campaign)
    assert (len(gifts), gifts[-1].amount_minor) == (MOST_ROWS, MOST_ROWS * 100)
    for broken in ("", "%%%", base64.b64encode(b"date,amount\nsoon,5").decode()):
        assert store(browser, campaign, content=broken).status_code in (409, 422)
    assert len(stored(campaign)) == MOST_ROWS


def test_files_that_share_rows_and_come_at_once_enter_them_once(app: Flask) -> None:
    campaign = make_campaign()
    rules = Rules(["GBP"], OfflineMethod.CASH, NOW.date())
    outcomes: list[int] = []

    def one(extra: str) -> None:
        data = f"date,amount\n2026-03-10,5\n2026-03-11,6\n{extra}".encode()
        with app.app_context():
            try:
                with transaction() as session:
                    outcomes.append(
                        store_file(
                            session, campaign, data, rules, hash_key="k", file_name="", actor="test", now=clock.now()
                        )
                    )
            except (FileKnown, NothingToStore):
                outcomes.append(0)

    threads = [threading.Thread(target=one, args=(extra,)) for extra in ("", "", "\n", "2026-03-12,7\n")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcomes) == 3
    assert sorted(gift.amount_minor for gift in stored(campaign)) == [500, 600, 700]
