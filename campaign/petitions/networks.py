"""Finding the network that a label stands for, among those that a campaign's signatures came from."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.core.errors import DomainError, NotFound
from campaign.core.networks import label_digits
from campaign.petitions.models import Signature


class Ambiguous(DomainError):
    """Two of the campaign's networks have the same label, which is one chance in billions for any two."""


def find_network(session: Session, campaign_id: int, label: str) -> str:
    """The network's keyed hash; two reads of the index. Raises NotFound and Ambiguous."""
    digits = label_digits(label)
    if digits is None:
        raise NotFound("There is no such network.")
    ours = select(Signature.network_hash).where(
        Signature.campaign_id == campaign_id,
        Signature.network_hash >= digits,
        Signature.network_hash < f"{digits}g",  # behind every hexadecimal digit
    )
    first = session.scalar(ours.order_by(Signature.network_hash).limit(1))
    last = session.scalar(ours.order_by(Signature.network_hash.desc()).limit(1))
    if first is None:
        raise NotFound("There is no such network.")
    if first != last:
        raise Ambiguous("Two networks have this label.")
    return first
