"""What the tests of the readers' pages share: a site with every kind of page, and applications with other settings."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from campaign.app import create_app
from campaign.campaigns.models import Campaign, Update, UpdateKind, UpdateState
from campaign.core.database import db, transaction
from campaign.core.masking import mask
from campaign.core.tokens import Purpose, Tokens
from campaign.donations import receipts
from campaign.donations.following import following_token
from campaign.donations.giver import giving_token
from campaign.donations.models import Donation, DonationState, MonthlyGift, MonthlyGiftState, Payment
from campaign.petitions.models import CommentState, Signature, SignatureState
from campaign.privacy.access import access_token
from campaign.privacy.models import DataAccess
from campaign.settings import Settings
from campaign.supporters.models import Subscription, Supporter
from campaign.supporters.preferences import preferences_token
from campaign.supporters.subscribing import subscribe
from campaign.supporters.unsubscribing import unsubscribe_token
from tests.factories import NOW, make_campaign, make_signature

Build = Callable[..., Flask]


@pytest.fixture
def build(app: Flask, settings: Settings) -> Iterator[Build]:
    """Gives the application again, on the same database, with some other settings."""
    made: list[Flask] = []

    def make(**more: Any) -> Flask:
        made.append(create_app(Settings(_env_file=None, **(settings.model_dump() | more))))
        return made[-1]

    yield make
    for application in made:
        with application.app_context():
            db.engine.dispose()


def make_update(campaign: Campaign, **more: Any) -> Update:
    """A published update."""
    values: dict[str, Any] = {
        "campaign_id": campaign.id,
        "kind": UpdateKind.NEWS,
        "state": UpdateState.PUBLISHED,
        "title": "The lorry has arrived",
        "body": "All of it.",
        "published_at": NOW,
        "created_at": NOW,
        "updated_at": NOW,
    }
    with transaction() as session:
        update = Update(**(values | more))
        session.add(update)
    return update


def make_donation(campaign: Campaign, **more: Any) -> Donation:
    """A donation that was paid."""
    values: dict[str, Any] = {
        "campaign_id": campaign.id,
        "state": DonationState.SUCCEEDED,
        "amount_minor": 1000,
        "currency": "GBP",
        "name": "Ada Lovelace",
        "email": "ada@example.org",
        "email_key": "0" * 32,
        "consent_version": "1",
        "language": "en",
        "form_key": "k",
        "created_at": NOW,
        "state_changed_at": NOW,
    }
    with transaction() as session:
        donation = Donation(**(values | more))
        session.add(donation)
    return donation


def make_monthly_gift(donation: Donation) -> MonthlyGift:
    """A monthly gift that the donation began, with its first payment and the receipt for it."""
    with transaction() as session:
        gift = MonthlyGift(
            donation_id=donation.id, campaign_id=donation.campaign_id, email_key=donation.email_key,
            subscription="sub_1", customer="cus_1", state=MonthlyGiftState.ACTIVE, amount_minor=1000, currency="GBP",
            started_at=NOW, state_changed_at=NOW,
        )  # fmt: skip
        payment = Payment(
            donation_id=donation.id, campaign_id=donation.campaign_id, payment_intent="pi_1", amount_minor=1000,
            currency="GBP", paid_at=NOW,
        )  # fmt: skip
        session.add_all([gift, payment])
        session.flush()
        receipts.issue(session, payment.id, now=NOW)
    return gift


def confirm_path(settings: Settings, signature: Signature) -> str:
    """The path of the link that would be mailed now."""
    token = Tokens(settings.secret_key).make(Purpose.CONFIRM_SIGNATURE, signature.id, signature.token_version)
    return f"/confirm/{token}"


def supporter_paths(settings: Settings, campaign: Campaign) -> list[str]:
    """The paths of the links that a mailing to somebody would carry: to leave, and to choose."""
    tokens = Tokens(settings.secret_key)
    with transaction() as session:
        subscribe(
            session, campaign_id=campaign.id, email="reader@example.org", email_key="1" * 32, language="en",
            wording_version="1", channel="signature", now=NOW,
        )  # fmt: skip
        reader, subscription = session.query(Supporter).one(), session.query(Subscription).one()
    return [
        f"/unsubscribe/{unsubscribe_token(tokens, subscription.id, 1)}",
        f"/preferences/{preferences_token(tokens, reader)}",
    ]


class Pages:
    """A campaign with an update, a gift and signers, and the addresses of what readers meet of it."""

    def __init__(self, settings: Settings) -> None:
        self.campaign = make_campaign(summary="What we ask.", goal=500)
        self.closed = make_campaign(state="closed")
        self.withdrawn = make_campaign(state="withdrawn")
        draft = make_campaign(state="draft", published_at=None, preview_open=True)
        self.preview = f"/preview/{Tokens(settings.secret_key).make(Purpose.PREVIEW, draft.id, draft.preview_version)}"
        self.update = make_update(self.campaign)
        self.donation = make_donation(self.campaign, wants_updates=True)
        for _ in range(6):
            make_signature(self.campaign, show_name=True)
        remark = make_signature(self.campaign, show_name=True, comment="Yes.", comment_state=CommentState.PUBLISHED)
        self.remark = mask(settings.hash_key, "comment", remark.id)
        gone = make_update(self.campaign, state=UpdateState.WITHDRAWN, withdrawn_at=NOW, withdrawal_note="Wrong.")
        waiting = make_signature(self.campaign, state=SignatureState.PENDING, name="Token Holder")
        self.confirm = confirm_path(settings, waiting)
        self.monthly = make_monthly_gift(self.donation)
        self.giving = f"/giving/{giving_token(Tokens(settings.secret_key), self.donation)}"
        with transaction() as session:
            access = DataAccess(email_key=self.donation.email_key, asked_at=NOW)
            session.add(access)
        self.own_data = f"/my-data/{access_token(Tokens(settings.secret_key), access)}"
        base = f"/campaigns/{self.campaign.slug}"
        self.donate = f"{base}/donate"
        self.status = f"/donations/{self.donation.public_id}"
        # The same for everybody, so kept by caches between us and readers.
        self.shared = [
            "/", base, f"{base}/updates", f"{base}/sign", f"{base}/check-your-inbox", f"{base}/signed", f"{base}/money", f"{base}/statistics", f"{base}/removed",
            f"{base}/history", f"{base}/handovers", "/giving", "/giving/check-your-inbox", "/my-data", "/my-data/check-your-inbox", "/preferences", "/preferences/check-your-inbox",
            f"{base}/privacy", f"{base}/theme.css",
            f"{base}/updates/{self.update.public_id}", f"{base}/updates.atom", f"/campaigns/{self.closed.slug}",
            "/about", "/privacy", "/how-we-count", "/accessibility", "/contact",
            f"{base}/comments/{self.remark}/report", f"{base}/comments/reported",
            "/robots.txt", "/sitemap.xml", "/.well-known/security.txt",
        ]  # fmt: skip
        self.files = [f"{self.giving}/receipts/1.pdf", f"{self.giving}/statements/{NOW.year}.pdf"]
        # Of a token, a person, a moment or an error: kept by nobody.
        self.private = {
            self.confirm: 200,
            self.donate: 200,
            self.status: 200,
            self.giving: 200,
            f"/subscribe/{following_token(Tokens(settings.secret_key), self.donation)}": 200,
            self.own_data: 200,
            f"{self.own_data}/download": 200,
            f"{self.giving}/monthly/{self.monthly.public_id}/cancel": 200,
            **dict.fromkeys(supporter_paths(settings, self.campaign), 200),
            "/healthz": 200,
            "/readyz": 200,
            "/confirm/no-such-token": 404,
            "/unsubscribe/no-such-token": 404,
            "/subscribe/no-such-token": 404,
            "/preferences/no-such-token": 404,
            self.preview: 200,
            f"{self.preview}/theme.css": 200,
            "/preview/no-such-token": 404,
            "/donations/nothing": 404,
            "/campaigns/nothing": 404,
            "/nothing": 404,
            f"{base}/updates/nothing": 404,
            f"{base}/updates/{gone.public_id}": 410,
            f"{base}/comments/nothing/report": 404,
            f"/campaigns/{self.closed.slug}/sign": 410,
            f"/campaigns/{self.closed.slug}/donate": 410,
            f"/campaigns/{self.withdrawn.slug}": 410,
            "/?source=%ff": 400,
            "/%ff": 404,
        }


@pytest.fixture
def pages(settings: Settings, app: Flask) -> Pages:
    return Pages(settings)
