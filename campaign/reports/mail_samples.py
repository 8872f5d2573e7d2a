"""Each kind of mail with invented contents, to look at. A test holds them against the templates."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from campaign.campaigns.models import Campaign, Update, UpdateKind
from campaign.core.links import Links
from campaign.mail.health import MailTrouble
from campaign.reports.staff_mails import alert_context, digest_context
from campaign.reports.troubles import Topic, Trouble
from campaign.reports.waiting import CampaignWaiting, Waiting

WEEK = timedelta(days=7)
NAME, TOKEN, NUMBER = "Olena", "sample", "2026-000123"
_MONEY = {"amount_minor": 2500, "currency": "GBP"}

Context = dict[str, Any]


def _confirm_signature(campaign: Campaign, links: Links, now: datetime) -> Context:
    return {"first_name": NAME, "confirm_url": links.confirm(TOKEN), "expires_at": now + WEEK, "wants_updates": True}


def _already_signed(campaign: Campaign, links: Links, now: datetime) -> Context:
    return {"first_name": NAME, "campaign_url": links.campaign(campaign.slug)}


def _donation_receipt(campaign: Campaign, links: Links, now: datetime) -> Context:
    return {
        "donation": SimpleNamespace(**_MONEY, public_id=TOKEN), "first_name": NAME, "paid_at": now,
        "donation_url": links.donation(TOKEN), "receipt_number": NUMBER, "giving_url": links.giving(TOKEN),
        "expires_at": now + WEEK, "subscribe_url": links.subscribe(TOKEN),
    }  # fmt: skip


def _renewal_failed(campaign: Campaign, links: Links, now: datetime) -> Context:
    return {
        "renewal": SimpleNamespace(**_MONEY), "first_name": NAME, "failed_at": now, "next_attempt_at": now + WEEK,
        "has_ended": False, "donate_url": links.donate(campaign.slug), "giving_url": links.giving(TOKEN),
        "expires_at": now + WEEK,
    }  # fmt: skip


def _giving_link(campaign: Campaign, links: Links, now: datetime) -> Context:
    return {"giving_url": links.giving(TOKEN), "expires_at": now + WEEK}


def _mailing(campaign: Campaign, links: Links, now: datetime) -> Context:
    return {
        "subject": "The first lorry has arrived", "body": "What you gave is **there**.", "text_language": "en",
        "campaign_url": links.campaign(campaign.slug), "unsubscribe_url": links.unsubscribe(TOKEN),
        "preferences_url": links.preferences(TOKEN),
    }  # fmt: skip


def _preferences_link(campaign: Campaign, links: Links, now: datetime) -> Context:
    return {"preferences_url": links.preferences(TOKEN), "expires_at": now + WEEK}


def _my_data_link(campaign: Campaign, links: Links, now: datetime) -> Context:
    return {"my_data_url": links.my_data(TOKEN), "expires_at": now + WEEK}


def _staff_digest(campaign: Campaign, links: Links, now: datetime) -> Context:
    places = [CampaignWaiting(campaign, held=12, comments=3, messages=1)]
    return digest_context(Waiting(places, MailTrouble(late=0, failed=2), payments=1), links)


def _staff_alert(campaign: Campaign, links: Links, now: datetime) -> Context:
    return alert_context(Trouble(Topic.HELD, 64, campaign), links)


def _threshold_reached(campaign: Campaign, links: Links, now: datetime) -> Context:
    return {"count": 10_000, "label": "", "reached_at": now, "campaign_url": links.campaign(campaign.slug)}


def _card_testing(campaign: Campaign, links: Links, now: datetime) -> Context:
    return {"paused": False, "began_at": now, "stripe_url": links.admin_stripe()}


def _update(campaign: Campaign, links: Links, now: datetime) -> Context:
    told = Update(
        kind=UpdateKind.NEWS, title="The first lorry has arrived", body="What you gave is **there**.", link=None,
        public_id=TOKEN,
    )  # fmt: skip
    return {
        "update": told, "update_url": links.update(campaign.slug, TOKEN),
        "campaign_url": links.campaign(campaign.slug), "unsubscribe_url": f"{links.home()}unsubscribe/{TOKEN}",
    }  # fmt: skip


SAMPLES: dict[str, Callable[[Campaign, Links, datetime], Context]] = {
    "confirm_signature": _confirm_signature,
    "already_signed": _already_signed,
    "mailing": _mailing,
    "update": _update,
    "donation_receipt": _donation_receipt,
    "renewal_failed": _renewal_failed,
    "giving_link": _giving_link,
    "preferences_link": _preferences_link,
    "my_data_link": _my_data_link,
    "staff_digest": _staff_digest,
    "staff_alert": _staff_alert,
    "threshold_reached": _threshold_reached,
    "card_testing": _card_testing,
}


def sample_context(kind: str, campaign: Campaign, links: Links, *, now: datetime) -> Context:
    """What the templates of that kind ask for. Its links look like real ones and lead nowhere."""
    return {"campaign": campaign, "privacy_url": links.privacy(), **SAMPLES[kind](campaign, links, now)}
