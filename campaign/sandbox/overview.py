"""What the control page shows of the newest payments and monthly gifts, with what can be done to each."""

from datetime import UTC, datetime

from campaign.sandbox import agenda, subscriptions
from campaign.sandbox.disputes import UNDECIDED
from campaign.sandbox.money import format_amount
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

_SHOWN = 12
_STATES = {
    "processing": "waits for the bank",
    "requires_action": "asks to authenticate",
    "requires_payment_method": "not paid",
    "succeeded": "paid",
}


def payments(world: World) -> list[Obj]:
    """The newest payment intents: what happened, and the ids that the controls take."""
    return [_payment(world, intent) for intent in world.store.select("payment_intent", limit=_SHOWN)]


def _payment(world: World, intent: Obj) -> Obj:
    charge = world.store.find(intent["latest_charge"] or "", "charge")
    of_charge = ("json_extract(body, '$.charge') = ?", (charge["id"],)) if charge else ("0", ())
    refunds = world.store.select("refund", *of_charge)
    disputes = world.store.select("dispute", *of_charge)
    sessions = world.store.select("checkout.session", "json_extract(body, '$.payment_intent') = ?", (intent["id"],))
    left = charge["amount"] - charge["amount_refunded"] if charge and charge["paid"] else 0
    return {
        "id": intent["id"],
        "when": moment(intent["created"]),
        "amount": format_amount(intent["amount"], intent["currency"]),
        "who": charge["billing_details"]["email"] if charge else "",
        "state": _STATES.get(intent["status"], intent["status"]),
        "refunds": [
            {
                "id": refund["id"],
                "amount": format_amount(refund["amount"], refund["currency"]),
                "state": refund["status"],
            }
            for refund in refunds
        ],
        "disputes": [
            {"id": each["id"], "state": each["status"].replace("_", " "), "open": each["status"] in UNDECIDED}
            for each in disputes
        ],
        "refundable": bool(left) and not any(each["status"] != "won" for each in disputes),
        "awaited": sessions[0]["id"] if sessions and intent["status"] == "processing" else "",
    }


def monthly_gifts(world: World) -> list[Obj]:
    """The newest subscriptions."""
    return [
        {
            "id": each["id"],
            "amount": format_amount(
                sum(item["price"]["unit_amount"] * item["quantity"] for item in each["items"]["data"]),
                each["currency"],
            ),
            "state": _state(each),
            "next": moment(subscriptions.period_end(each)) if each["status"] not in subscriptions.ENDED else "",
            "has_card": each["default_payment_method"] is not None,
        }
        for each in world.store.select("subscription", limit=_SHOWN)
    ]


def _state(subscription: Obj) -> str:
    state: str = subscription["status"].replace("_", " ")
    if subscription["cancel_at_period_end"] and subscription["status"] not in subscriptions.ENDED:
        return f"{state}, ends then"
    return f"{state}, paused" if subscription["pause_collection"] else state


def next_renewal(world: World) -> str:
    """When the next renewal of any subscription is due; empty when none is."""
    due = agenda.next_time(world, subscriptions.RENEW)
    return moment(due) if due else ""


def moment(seconds: int) -> str:
    """A time for people, in UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%-d %b %Y, %H:%M}"
