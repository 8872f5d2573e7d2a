"""What happens by itself as the sandbox's clock goes on, each at its own time even when the clock jumps."""

from collections.abc import Callable

from campaign.sandbox import agenda, checkout, collection, debits, disputes, invoices, refunds, subscriptions
from campaign.sandbox.world import World

_ACTS: dict[str, Callable[[World, str], None]] = {
    collection.COLLECT: collection.collect,
    debits.ARRIVE: debits.arrive,
    disputes.OVERDUE: disputes.overdue,
    refunds.FAIL: refunds.fail_late,
    refunds.SUCCEED: refunds.succeed_late,
    invoices.FINALIZE: collection.collect_draft,
    subscriptions.RENEW: subscriptions.renew,
    subscriptions.RESUME: subscriptions.resume,
}


def catch_up(world: World) -> None:
    """Do everything whose time has come, the oldest first. Use inside a transaction."""
    checkout.expire_due(world)
    while entry := agenda.take_due(world):
        with world.at(entry.at):
            _ACTS[entry.act](world, entry.about)
