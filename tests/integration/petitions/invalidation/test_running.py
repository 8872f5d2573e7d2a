"""A run takes out exactly what its preview found, and the way back gives back exactly that."""

from campaign.campaigns.models import Campaign
from campaign.petitions.models import InvalidationState, RemovalReason, SignatureState
from tests.integration.petitions.invalidation.conftest import NETWORK, preview, sign_in_bulk, states, told, work

S = SignatureState


def test_preview_run_and_restore(campaign: Campaign) -> None:
    sign_in_bulk(campaign, 300)
    sign_in_bulk(campaign, 1300, network_hash=NETWORK)
    sign_in_bulk(campaign, 700, network_hash=NETWORK, state=S.HELD)
    sign_in_bulk(campaign, 40, network_hash=NETWORK, state=S.PENDING)
    run = preview(campaign, network_hash=NETWORK)
    assert (run.row.state, run.row.expected) == (InvalidationState.READY, 2000)
    assert run.row.counts == {"confirmed": 1300, "held": 700, "pending": 40}
    run.start()
    work()
    assert (run.row.state, run.row.took_confirmed, run.row.took_held) == (InvalidationState.DONE, 1300, 700)
    assert states(campaign) == {S.CONFIRMED: 300, S.INVALIDATED: 2000, S.PENDING: 40}
    assert told(campaign) == {RemovalReason.BOTS: (2000, 0)}
    run.restore()
    work()
    assert (run.row.gave_back_confirmed, run.row.gave_back_held, run.row.left) == (1300, 700, {})
    assert states(campaign) == {S.CONFIRMED: 1600, S.HELD: 700, S.PENDING: 40}
    assert told(campaign) == {RemovalReason.BOTS: (2000, 2000)}
