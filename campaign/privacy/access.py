"""The link to one's own data: mailed to a mailbox about which something is kept, and what it opens.

What the asker sees is the same whether the address is known: only the mail differs, and it goes to the address as it
is kept. A link opens what belongs to the mailbox, and nothing else; several people may share one.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.addresses import address_key
from campaign.core.database import insert_into
from campaign.core.errors import NotFound
from campaign.core.tokens import Purpose, Token, Tokens
from campaign.donations.models import Donation, OfflineGift
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue, free_at
from campaign.petitions.models import Signature
from campaign.privacy.models import DataAccess
from campaign.supporters.leaving import find_supporter

LINK_LIFE = timedelta(days=7)
MAILS_A_DAY = 3


def ask_link(session: Session, email: str, *, hash_key: str, language: str, now: datetime) -> None:
    """Queue the mail with the link, at most three a day to an address; nothing where nothing is kept about it."""
    ask_link_by_key(session, address_key(hash_key, email), language=language, now=now)


def ask_link_by_key(session: Session, key: str, *, language: str, now: datetime) -> bool:
    """As `ask_link`; gives whether a mail was queued."""
    if not find_address(session, key):
        return False
    row = insert_into(session, DataAccess).values(email_key=key, version=1, asked_at=now)
    # The row is locked until the end, so that asking twice at once queues up here.
    row_id = session.scalar(
        row.on_conflict_do_update(index_elements=["email_key"], set_={"asked_at": now}).returning(DataAccess.id)
    )
    kinds = (MailKind.MY_DATA_LINK,)
    if row_id is None or free_at(session, key, kinds=kinds, limit=MAILS_A_DAY, now=now) > now:
        return False
    enqueue(session, MailKind.MY_DATA_LINK, object_id=row_id, recipient_key=key, language=language, now=now)
    return True


def find_address(session: Session, key: str) -> str:
    """The address of a mailbox about which something is kept, as typed by its owner last; empty where there is none."""
    # By campaign, because that is how signatures are found: no index knows them by their address alone.
    campaigns = session.scalars(select(Campaign.id)).all()
    queries = (
        select(Signature.email)
        .where(Signature.campaign_id.in_(campaigns), Signature.email_key == key, Signature.email.is_not(None))
        .order_by(Signature.id.desc()),
        select(Donation.email).where(Donation.email_key == key, Donation.email != "").order_by(Donation.id.desc()),
        select(OfflineGift.email)
        .where(OfflineGift.email_key == key, OfflineGift.email != "")
        .order_by(OfflineGift.id.desc()),
    )
    for query in queries:
        if found := session.scalar(query.limit(1)):
            return found
    supporter = find_supporter(session, key)
    return supporter.email if supporter else ""


def access_token(tokens: Tokens, access: DataAccess) -> str:
    """The token of the mailed link; made anew at each sending, good for LINK_LIFE from then."""
    return tokens.make(Purpose.MY_DATA, access.id, access.version)


def find_access(session: Session, token: Token) -> DataAccess:
    """The mailbox that the link opens. Raises NotFound where the link was voided."""
    access = session.get(DataAccess, token.row_id)
    if access is None or access.version != token.version:
        raise NotFound("There is nothing behind this link.")
    return access


def void_links(session: Session, access: DataAccess) -> None:
    """Let no link work that was mailed so far."""
    session.execute(
        update(DataAccess)
        .where(DataAccess.id == access.id)
        .values(version=DataAccess.version + 1)
        .execution_options(synchronize_session=False)
    )
