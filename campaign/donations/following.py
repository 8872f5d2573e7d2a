"""Donors who asked for news: they get them once they press the link that their receipt carries.

Before that the box that they ticked says only what somebody wanted who typed this address.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.core.errors import NotFound
from campaign.core.tokens import Purpose, Token, Tokens
from campaign.donations.models import Donation
from campaign.supporters.subscribing import subscribe

LINK_LIFE = timedelta(days=90)
CHANNEL = "donation"
_VERSION = 1


def following_token(tokens: Tokens, donation: Donation) -> str:
    """The token of the link in a receipt, good for LINK_LIFE from its sending."""
    return tokens.make(Purpose.SUBSCRIBE, donation.id, _VERSION)


def find_follower(session: Session, token: Token) -> Donation:
    """The donation whose donor asked for news. Raises NotFound where that was erased."""
    donation = session.get(Donation, token.row_id)
    if donation is None or not donation.email or not donation.wants_updates or token.version != _VERSION:
        raise NotFound("There is no donor behind this link.")
    return donation


def follow(session: Session, donation: Donation, *, now: datetime) -> None:
    """The button was pressed: the consent, in the words that stood beside the box, and the subscription."""
    subscribe(
        session,
        campaign_id=donation.campaign_id,
        email=donation.email,
        email_key=donation.email_key,
        language=donation.language,
        wording_version=donation.consent_version,
        channel=CHANNEL,
        now=now,
    )
