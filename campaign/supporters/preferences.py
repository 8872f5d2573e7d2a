"""What a supporter gets: seen and changed on a page behind a mailed link.

What the asker for a link sees is the same whether an address is a supporter's.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.errors import NotFound
from campaign.core.tokens import Purpose, Token, Tokens
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue, free_at
from campaign.supporters.leaving import note_ended
from campaign.supporters.models import Consent, Subscription, Supporter

LINK_LIFE = timedelta(days=30)
MAILS_A_DAY = 3
CONSENT_VERSION = "2026-11"  # of "Email me news of …" on the page
CHANNEL = "preferences"


def ask_link(session: Session, email_key: str, *, language: str, now: datetime) -> None:
    """Queue the mail with the link, at most three a day to an address; nothing where it is no supporter's."""
    supporter_id = session.scalar(
        select(Supporter.id).where(Supporter.email_key == email_key).with_for_update()  # asking at once queues up here
    )
    kind = MailKind.PREFERENCES_LINK
    if supporter_id is None or free_at(session, email_key, kinds=(kind,), limit=MAILS_A_DAY, now=now) > now:
        return
    enqueue(session, kind, object_id=supporter_id, recipient_key=email_key, language=language, now=now)


def preferences_token(tokens: Tokens, supporter: Supporter) -> str:
    """The token of a link to the page, made anew at each sending, good for LINK_LIFE from then."""
    return tokens.make(Purpose.PREFERENCES, supporter.id, _version(supporter))


def find_supporter(session: Session, token: Token) -> Supporter:
    """Whose page the link opens. Raises NotFound where that person was forgotten."""
    supporter = session.get(Supporter, token.row_id)
    if supporter is None or _version(supporter) != token.version:
        raise NotFound("There is nobody behind this link any more.")
    return supporter


def list_subscriptions(session: Session, supporter_id: int) -> Sequence[tuple[Subscription, Campaign]]:
    """All that the supporter gets or once got, the latest first."""
    rows = session.execute(
        select(Subscription, Campaign)
        .join(Campaign, Campaign.id == Subscription.campaign_id)
        .where(Subscription.supporter_id == supporter_id)
        .order_by(Subscription.id.desc())
    )
    return [(row.Subscription, row.Campaign) for row in rows]


def choose(session: Session, supporter_id: int, *, wanted: Collection[str], language: str, now: datetime) -> None:
    """Get news of these campaigns (by slug) and no others, in that language.

    Only campaigns that the supporter once asked for can be chosen; one that had ended starts with a new consent.
    """
    session.execute(update(Supporter).where(Supporter.id == supporter_id).values(language=language))
    for subscription, campaign in list_subscriptions(session, supporter_id):
        wants = campaign.slug in wanted
        changed = session.execute(
            update(Subscription)
            .where(
                Subscription.id == subscription.id,
                Subscription.ended_at.is_not(None) if wants else Subscription.ended_at.is_(None),
            )
            .values({"ended_at": None, "started_at": now} if wants else {"ended_at": now})
            .execution_options(synchronize_session=False)
        ).rowcount  # type: ignore[attr-defined]
        if changed and not wants:
            note_ended(session, [subscription.id], now=now)
        if wants and changed:
            session.add(
                Consent(
                    supporter_id=supporter_id,
                    campaign_id=campaign.id,
                    wording_version=CONSENT_VERSION,
                    channel=CHANNEL,
                    given_at=now,
                )
            )


def _version(supporter: Supporter) -> int:
    """Tells this person from one who may get the number after they were forgotten."""
    return int(supporter.created_at.timestamp())
