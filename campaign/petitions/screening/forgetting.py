"""What screening forgets with a person."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from campaign.petitions.models import Signature, SignatureSignal
from campaign.petitions.screening.listing import forget_address


def forget(session: Session, signature: Signature) -> None:
    """Drop what was noticed about somebody who is forgotten, and their address from the campaign's lists.

    The caller empties the columns of the signature itself, `mailbox_key` and `network_hash` among them.
    """
    session.execute(delete(SignatureSignal).where(SignatureSignal.signature_id == signature.id))
    forget_address(session, signature.campaign_id, signature.email_key)
