"""What some test cards bring after they have paid (docs.stripe.com/testing)."""

from campaign.sandbox import cards, disputes, fraud_warnings
from campaign.sandbox.cards import Behaviour
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World


def follow(world: World, paid: Obj, behaviour: Behaviour) -> None:
    """Open the dispute, inquiry or warning that belongs to the card, if any."""
    if behaviour.act == cards.DISPUTED:
        disputes.open_dispute(world, paid, reason=behaviour.code or "fraudulent")
    elif behaviour.act == cards.INQUIRED:
        disputes.open_dispute(world, paid, inquiry=True)
    elif behaviour.act == cards.WARNED:
        fraud_warnings.warn(world, paid)
