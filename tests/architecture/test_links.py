"""The links that mails carry lead to routes that exist."""

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed

from campaign.core.links import Links, links_for

LINKS = Links("http://campaign.test")


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        (LINKS.home(), "public.home"),
        (LINKS.campaign("a-b"), "public.campaign"),
        (LINKS.campaign_privacy("a-b"), "public.campaign_privacy"),
        (LINKS.preview("to.ken"), "public.preview"),
        (LINKS.history("a-b"), "public.history"),
        (LINKS.update("a-b", "x1"), "public.update"),
        (LINKS.updates_feed("a-b"), "public.updates_feed"),
        (LINKS.confirm("to.ken"), "public.confirm"),
        (LINKS.donate("a-b"), "public.donate"),
        (LINKS.donation("x1"), "public.donation"),
        (LINKS.ask_giving(), "public.giving"),
        (LINKS.giving("to.ken"), "public.own_giving"),
        (LINKS.my_data("to.ken"), "public.own_data"),
        (LINKS.unsubscribe("to.ken"), "public.unsubscribe"),
        (LINKS.subscribe("to.ken"), "public.subscribe"),
        (LINKS.preferences("to.ken"), "public.own_preferences"),
        (LINKS.admin_home(), "admin.overview"),
        (LINKS.admin_mail(), "admin.mail"),
        (LINKS.admin_signatures("a-b"), "admin.signatures"),
        (LINKS.admin_messages("a-b"), "admin.messages"),
        (LINKS.admin_stripe(), "admin.stripe"),
        (LINKS.privacy(), "public.privacy"),
    ],
)
def test_each_link_has_its_route(app: Flask, url: str, endpoint: str) -> None:
    adapter = app.url_map.bind("campaign.test")
    try:
        found, _ = adapter.match(url.removeprefix("http://campaign.test"), method="GET")
    except MethodNotAllowed:
        found = ""
    assert found == endpoint


def test_every_link_is_tried_above() -> None:
    methods = {name for name in vars(Links) if not name.startswith("_") and name not in ("base_url", "prefix")}
    assert methods == {
        "admin_stripe",
        "admin_home",
        "admin_mail",
        "admin_signatures",
        "admin_messages",
        "home",
        "campaign",
        "campaign_privacy",
        "preview",
        "history",
        "update",
        "updates_feed",
        "confirm",
        "donate",
        "donation",
        "ask_giving",
        "giving",
        "my_data",
        "preferences",
        "privacy",
        "subscribe",
        "unsubscribe",
    }


def test_a_language_has_its_prefix_and_the_default_none() -> None:
    assert links_for("https://x.example", ("en", "uk"), "uk").home() == "https://x.example/uk/"
    assert links_for("https://x.example", ("en", "uk"), "en").home() == "https://x.example/"
    assert links_for("https://x.example", ("en", "uk"), "pl").home() == "https://x.example/"
