"""Who is named in public: only confirmed people who asked for it, by first name, and never fewer than five."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from campaign.core.database import db
from campaign.petitions.models import CommentState, SignatureState
from campaign.petitions.queries import PublicSigner, list_public_signers
from campaign.settings import Settings
from tests.factories import NOW, make_campaign, make_signature
from tests.integration.public.conftest import confirm_path

UNCONFIRMED = [state for state in SignatureState if state is not SignatureState.CONFIRMED]


def shown(client: FlaskClient, slug: str) -> list[str]:
    """The rows of "People who signed", as a reader sees them, in order."""
    page = client.get(f"/campaigns/{slug}")
    assert page.status_code == 200
    found = re.search(r'<ul class="signers">(.*?)</ul>', page.text, re.DOTALL)
    rows = re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL) if found else []
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


@pytest.mark.parametrize("state", UNCONFIRMED)
def test_nobody_is_named_before_or_after_being_confirmed(app: Flask, state: SignatureState) -> None:
    campaign = make_campaign()
    make_signature(campaign, state=state, show_name=True, confirmed_at=NOW)
    assert list_public_signers(db.session(), campaign.id) == []


def test_nobody_is_named_who_did_not_ask_for_it_or_signed_elsewhere(app: Flask) -> None:
    campaign = make_campaign()
    make_signature(campaign, show_name=False)
    make_signature(make_campaign(), show_name=True)
    make_signature(campaign, show_name=True, name="Ada Lovelace", country="UA")
    expected = PublicSigner(first_name="Ada", country="UA", confirmed_at=NOW, comment=None)
    assert list_public_signers(db.session(), campaign.id) == [expected]


def test_the_latest_twelve_are_named_newest_first(app: Flask) -> None:
    campaign = make_campaign()
    for number in range(14):
        name = f"{'ABCDEFGHIJKLMN'[number]} Person"
        make_signature(campaign, show_name=True, name=name, confirmed_at=NOW + timedelta(minutes=number * 3 % 14))
    found = list_public_signers(db.session(), campaign.id)
    assert len(found) == 12
    assert [signer.confirmed_at for signer in found] == sorted(
        (NOW + timedelta(minutes=number) for number in range(2, 14)), reverse=True
    )


@pytest.mark.parametrize("state", [None, *CommentState])
def test_a_comment_is_shown_once_a_moderator_has_published_it(client: FlaskClient, state: CommentState | None) -> None:
    campaign = make_campaign()
    for number in range(5):
        words = "Canary words <b>" if number == 0 else ""
        make_signature(campaign, show_name=True, comment=words, comment_state=state if words else None)
    page = client.get(f"/campaigns/{campaign.slug}").text
    is_published = state is CommentState.PUBLISHED
    assert ("“<bdi>Canary words &lt;b&gt;</bdi>”" in page) is is_published
    assert ("Canary" in page) is is_published


def test_only_the_first_name_is_shown(client: FlaskClient) -> None:
    campaign = make_campaign()
    names = ["Ada Lovelace", "Олена Коваленко", "李小龍", "محمد علي", "José-María Ñandú"]
    for number, name in enumerate(names):
        make_signature(campaign, show_name=True, name=name, confirmed_at=NOW - timedelta(minutes=number))
    rows = shown(client, campaign.slug)
    assert [row.partition(" ")[0] for row in rows] == ["Ada", "Олена", "李", "محمد", "José-María"]
    page = client.get(f"/campaigns/{campaign.slug}").text
    for hidden in ("Lovelace", "Коваленко", "小龍", "علي", "Ñandú"):
        assert hidden not in page


def test_names_are_hidden_while_fewer_than_five_may_be_shown(client: FlaskClient) -> None:
    campaign = make_campaign()
    for number in range(4):
        make_signature(campaign, show_name=True, name=f"Shown{number} Person")
        make_signature(campaign, show_name=False)
    assert shown(client, campaign.slug) == []
    assert "Shown" not in client.get(f"/campaigns/{campaign.slug}").text
    make_signature(campaign, show_name=True, name="Shown4 Person")
    assert len(shown(client, campaign.slug)) == 5


def test_a_name_is_gone_once_it_is_withdrawn(client: FlaskClient, settings: Settings) -> None:
    campaign = make_campaign()
    canary = make_signature(campaign, show_name=True, name="Kanarienvogel Person")
    for _ in range(5):
        make_signature(campaign, show_name=True)
    assert "Kanarienvogel" in client.get(f"/campaigns/{campaign.slug}").text
    assert client.post(f"{confirm_path(settings, canary)}/not-me").status_code == 200
    assert "Kanarienvogel" not in client.get(f"/campaigns/{campaign.slug}").text
