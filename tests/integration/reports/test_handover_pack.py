"""The hand-over pack: what it tells, whom it names, and that every byte of it can be checked."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from campaign.campaigns.editing import edit_campaign
from campaign.campaigns.edits import CampaignFields, Wording
from campaign.campaigns.models import Campaign, Demand
from campaign.core.database import snapshot, transaction
from campaign.core.links import Links
from campaign.core.lists.writing import unwatched
from campaign.petitions.export.selection import Selection
from campaign.petitions.models import CollectedTally, CommentState, Origin, SignatureState
from campaign.reports.handover.pack import write_pack
from campaign.reports.printing import print_style
from campaign.settings import Settings, current_settings
from tests.conftest import need
from tests.factories import NOW, make_campaign, make_signature

PUBLISHED = {"comment_state": CommentState.PUBLISHED, "show_name": True}


def pack_of(campaign: Campaign, folder: Path, **more: Any) -> zipfile.ZipFile:
    path = folder / "pack.zip"
    with path.open("wb") as output, snapshot() as session:
        selection, style = Selection(campaign_id=campaign.id), print_style(current_settings())
        more = {"style": style, "links": Links("https://x.example")} | more
        listed = write_pack(session, selection, output, unwatched, **more)
    pack = zipfile.ZipFile(path)
    assert json.loads(pack.read("manifest.json"))["names_listed"] == listed
    assert [entry.name for entry in folder.iterdir()] == ["pack.zip"]
    return pack


def words(pack: zipfile.ZipFile, name: str = "petition.pdf", order: str = "-layout") -> str:
    need(shutil.which("pdftotext"), "pdftotext (poppler-utils)")
    done = subprocess.run(["pdftotext", order, "-", "-"], input=pack.read(name), capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode()


def flat(text: str) -> str:
    """The words without the lines they stand in."""
    return " ".join(text.split())


def totals(pack: zipfile.ZipFile) -> list[tuple[str, str, str]]:
    rows = csv.DictReader(io.StringIO(pack.read("totals.csv").decode("utf-8-sig")))
    return [(row["kind"], row["key"], row["count"]) for row in rows]


def test_the_totals_are_the_campaigns(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign()
    for number in range(12):
        make_signature(campaign, country="UA" if number < 10 else "PL")
    make_signature(campaign, state=SignatureState.HELD)
    make_signature(campaign, state=SignatureState.INVALIDATED)
    make_signature(make_campaign())
    with transaction() as session:
        session.add(Demand(campaign_id=campaign.id, version=2, text="Better.", note="=clearer", created_at=NOW))
        for origin, count in (("paper", 30), ("partner", 500)):
            tally = {"source": "=station", "count": count, "counted_on": date(2026, 3, 11)}
            session.add(CollectedTally(campaign_id=campaign.id, origin=origin, **tally))
    make_signature(campaign, country="PL", origin=Origin.PAPER)
    pack = pack_of(campaign, tmp_path)
    assert totals(pack) == [
        ("total", "", "543"), ("origin", "online", "12"), ("origin", "paper", "1"), ("origin", "paper", "30"), ("origin", "partner", "500"),
        ("country", "other", "13"), ("wording", "1", "12"), ("wording", "2", "1"),
    ]  # fmt: skip
    assert b"'=station" in pack.read("totals.csv")
    manifest = json.loads(pack.read("manifest.json"))
    assert (manifest["signatures"]["total"], manifest["signatures"]["confirmed_here"]) == (543, 12)
    assert manifest["signatures"]["entered"] == {"paper": 1, "partner": 0}
    assert manifest["signatures"]["removed_after_checks"] == 1
    assert manifest["demand"] == {"version": 2, "text": "Better."}
    text = flat(words(pack))
    for told in (
        "543",
        "people have signed",
        "To the Home Secretary",
        "All countries together",
        "1 was removed after checks",
    ):
        assert told in text, told
    assert text.count("12 signed here, each confirmed by email; 531 on paper and with partners. Counted at") == 2
    # Three Poles would follow from the total if the ten Ukrainians were told.
    assert "Poland" not in text
    assert "Ukraine" not in text


def test_where_all_were_given_here_nothing_else_is_said(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign()
    for country in (*["UA"] * 12, *["PL"] * 11, "FR"):
        make_signature(campaign, country=country)
    pack = pack_of(campaign, tmp_path)
    text = flat(words(pack))
    assert text.count("Each was signed here and confirmed by email. Counted at") == 2
    assert "with partners." not in text.split("About this document")[0]
    assert [row for row in totals(pack) if row[0] == "country"] == [("country", "UA", "12"), ("country", "other", "12")]
    assert "Ukraine" in text
    assert "Other countries together" in text


def test_no_name_is_cut(app: Flask, tmp_path: Path) -> None:
    """The columns are wide enough for 26 letters or so; a name may have a hundred (other scripts: test_paper.py)."""
    campaign = make_campaign(names_to_target=True)
    names = [f"Person {n:03} de los Ángeles {'Fernández y Álvarez ' * (n % 4)}Last" for n in range(150)]
    names += ["Wolfeschlegelsteinhausenbergerdorff" * 2 + " " + "W" * 29, "王" * 100]
    for name in [*names, "محمد بن عبد الله بن عبد المطلب بن هاشم بن عبد مناف بن قصي بن كلاب بن مرة بن كعب"]:
        make_signature(campaign, name=name)
    text = words(pack_of(campaign, tmp_path), order="-raw")
    assert "…" not in text
    unspaced = "".join(text.split())
    assert [name for name in names if "".join(name.split()) not in unspaced] == []


def test_every_file_can_be_checked(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign(names_to_target=True)
    make_signature(campaign)
    with pack_of(campaign, tmp_path) as pack:
        assert pack.testzip() is None
        sums = [line.split("  ") for line in pack.read("manifest.txt").decode().splitlines() if line[0] != "#"]
        assert [name for _, name in sums] == ["petition.pdf", "totals.csv", "manifest.json"]
        for digest, name in sums:
            assert hashlib.sha256(pack.read(name)).hexdigest() == digest
        told = {entry["name"]: entry for entry in json.loads(pack.read("manifest.json"))["files"]}
        assert set(told) == {"petition.pdf", "totals.csv"}
        for name, entry in told.items():
            assert (entry["bytes"], entry["sha256"]) == (
                len(pack.read(name)), hashlib.sha256(pack.read(name)).hexdigest(),
            )  # fmt: skip


def test_nobody_is_named_where_names_are_not_handed_over(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign(names_to_target=False)
    make_signature(campaign, name="Canary Hidden")
    pack = pack_of(campaign, tmp_path)
    text = words(pack)
    assert "Canary" not in text
    assert "The names stay with us" in text
    assert "Names of those who signed" not in text


def edit(campaign: Campaign, *, names_to_target: bool, now: datetime) -> None:
    """As an editor does on the campaign's page."""
    fields = CampaignFields(
        slug=campaign.slug, title=campaign.title, short_name=campaign.short_name, goal=campaign.goal,
        target=campaign.target, names_to_target=names_to_target,
    )  # fmt: skip
    with transaction() as session:
        found = session.get(Campaign, campaign.id)
        edit_campaign(
            session,
            campaign.id,
            fields,
            Wording("1. **Do** it.\n2. Soon."),
            edition=found.edition,
            actor="test",
            now=now,
        )


def test_only_those_are_named_who_were_told(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign(names_to_target=False)
    later = NOW + timedelta(days=1)
    make_signature(campaign, name="Canary Early")
    edit(campaign, names_to_target=True, now=later)
    make_signature(campaign, name="Олена Told", created_at=later + timedelta(hours=1))
    make_signature(campaign, name="Canary Paper", created_at=later + timedelta(hours=1), origin=Origin.PAPER)
    make_signature(campaign, name="Canary Held", created_at=later + timedelta(hours=1), state=SignatureState.HELD)
    text = flat(words(pack_of(campaign, tmp_path)))
    assert "Олена Told" in text
    assert "Canary" not in text
    assert "1 name is listed." in text
    assert "before the form said that names are handed over" in text


def test_names_stand_in_the_order_of_the_alphabet_with_their_countries(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign(names_to_target=True)
    for name, country in (("Zoë Last", "FR"), ("anna first", "GB"), ("Олена Друга", "UA"), ("Bob Next", "PL")):
        make_signature(campaign, name=name, country=country)
    text = words(pack_of(campaign, tmp_path))
    listed = text[text.index("Names of those who signed") :]
    places = [listed.index(name) for name in ("anna first", "Bob Next", "Zoë Last", "Олена Друга")]
    assert places == sorted(places)
    assert [line.split()[-1] for line in listed.splitlines() if "Олена" in line] == ["UA"]


def test_more_names_than_a_document_holds_go_into_volumes(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign(names_to_target=True)
    names = [make_signature(campaign, name=f"Person {number:03}").name for number in range(7)]
    pack = pack_of(campaign, tmp_path, most_names=3)
    assert pack.namelist() == [
        "petition.pdf", "names-2.pdf", "names-3.pdf", "totals.csv", "manifest.json", "manifest.txt",
    ]  # fmt: skip
    parts = [words(pack, name) for name in pack.namelist()[:3]]
    assert [[name for name in names if str(name) in part] for part in parts] == [names[:3], names[3:6], names[6:]]
    assert "volume 3" in parts[2]


def test_the_comments_are_published_ones_of_people_who_chose_to_be_shown(app: Flask, tmp_path: Path) -> None:
    campaign = make_campaign()
    shown = make_signature(campaign, name="Dev Shown", country="IE", comment="Open the door.", **PUBLISHED)
    other = make_signature(campaign, name="Olena Other", comment="Do it today.", **PUBLISHED)
    refused = make_signature(campaign, comment="Canary refused", comment_state=CommentState.REFUSED, show_name=True)
    make_signature(campaign, comment="Canary awaiting", comment_state=CommentState.AWAITING, show_name=True)
    hidden = make_signature(campaign, comment="Canary hidden", comment_state=CommentState.PUBLISHED)
    held = make_signature(campaign, comment="Canary held", state=SignatureState.HELD, **PUBLISHED)
    foreign = make_signature(make_campaign(), comment="Canary foreign", **PUBLISHED)
    text = words(pack_of(campaign, tmp_path))
    assert "Canary" not in text
    assert "Shown" not in text
    assert text.index("Do it today.") < text.index("Open the door.")
    assert "Dev, Ireland" in text
    ids = [row.id for row in (shown, refused, hidden, held, foreign)]
    chosen = words(pack_of(campaign, tmp_path, comment_ids=ids))
    assert ("Open the door." in chosen, "Do it today." in chosen, "Canary" in chosen) == (True, False, False)
    assert other.id not in ids
    assert "In their own words" not in words(pack_of(campaign, tmp_path, comment_ids=[]))


def test_any_script_and_long_texts_fit(app: Flask, settings: Settings, tmp_path: Path) -> None:
    campaign = make_campaign(
        title="Відчиніть двері родинам, які тікають від війни, і дайте їм дім " * 2, target="وزيرة الداخلية",
        names_to_target=True, picture="missing.jpg", summary="A summary. " * 90,
    )  # fmt: skip
    with transaction() as session:
        demand = session.query(Demand).filter_by(campaign_id=campaign.id).one()
        demand.text = "# Ask\n\n" + "\n".join(f"{n}. **Point {n}.** {'Words and words. ' * 30}" for n in range(1, 12))
        demand.text += (
            "\n\n* One [link](https://x.example) ![](x.png)\n\n`code` and\nmore\n\n    indented\n\n"
            + "long " * 1500
            + "end."
        )
    for name in ("محمد الأحمد", "प्रिया शर्मा", "সুমাইয়া আক্তার", "王小明", "😀 Face"):
        make_signature(campaign, name=name, country="SY", comment=f"{name}. " * 60, **PUBLISHED)
    pack = pack_of(campaign, tmp_path)
    text = words(pack)
    assert "Point 11." in text
    assert "indented" in text
    assert text.split().count("long") == 1500
    assert "end." in text
    assert "https://x.example" not in text
    assert "王小明" in text
    assert "a sign that none of our fonts has" in flat(text)


def test_the_pack_shows_one_moment(app: Flask, tmp_path: Path) -> None:
    """Somebody who signs while the pack is written is in none of its parts."""
    campaign = make_campaign(names_to_target=True)
    make_signature(campaign, name="Person First")
    path = tmp_path / "pack.zip"
    with path.open("wb") as output, snapshot() as session:
        assert session.scalar(Selection(campaign_id=campaign.id).count()) == 1
        make_signature(campaign, name="Person Late")
        more: dict[str, Any] = {"style": print_style(current_settings()), "links": Links("https://x.example")}
        assert write_pack(session, Selection(campaign_id=campaign.id), output, unwatched, **more) == 1
    pack = zipfile.ZipFile(path)
    assert ("total", "", "1") in totals(pack)
    assert "Late" not in words(pack)
    moment = datetime.fromisoformat(json.loads(pack.read("manifest.json"))["as_of"])
    assert moment.tzinfo == UTC
