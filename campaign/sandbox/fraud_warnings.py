"""Early fraud warnings: a bank thinks that a charge was fraud (docs.stripe.com/disputes/prevention/fraud-types)."""

from campaign.sandbox.events import change, emit
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World, new_id

_KIND = "radar.early_fraud_warning"


def warn(world: World, paid: Obj) -> Obj:
    """The bank warns of a charge; returns the warning."""
    warning: Obj = {
        "id": new_id("issfr"),
        "object": _KIND,
        "actionable": not paid["refunded"] and not paid["disputed"],
        "charge": paid["id"],
        "created": world.now(),
        "fraud_type": "made_with_stolen_card",
        "livemode": False,
        "payment_intent": paid["payment_intent"],
    }
    world.store.add(warning)
    emit(world, "radar.early_fraud_warning.created", warning)
    return warning


def look_again(world: World, paid: Obj) -> None:
    """After a refund in full or a dispute nothing can be done about a warning any more."""
    if not (paid["refunded"] or paid["disputed"]):
        return
    for warning in world.store.select(_KIND, "json_extract(body, '$.charge') = ?", (paid["id"],)):
        change(world, "radar.early_fraud_warning.updated", warning, actionable=False)
