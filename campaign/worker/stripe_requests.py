"""What we want of Stripe and note as rows: refunds, and changes of monthly gifts. Asked, then applied.

The row is leased and committed before Stripe hears of it. A time-out says nothing of what happened: the row stays
wanted and is asked again under the same key. What came of it is read from Stripe, never assumed.
"""

import logging

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations import changing, refunding
from campaign.donations.gateway import Gateway, GatewayError, GatewayRefused
from campaign.donations.models import MonthlyGift, MonthlyGiftChange, MonthlyGiftState, Refund
from campaign.donations.settling import Overtaken, settle
from campaign.donations.standing import Standing

log = logging.getLogger(__name__)


def make_refunds(gateway: Gateway) -> int:
    """Make one batch of wanted refunds; gives how many were dealt with."""
    if not refunding.is_anything_due(db.session(), now=clock.now()):
        return 0
    with transaction() as session:
        taken = refunding.take(session, now=clock.now())
    for refund, payment_intent in taken:
        _make_refund(gateway, refund, payment_intent)
    return len(taken)


def _make_refund(gateway: Gateway, refund: Refund, payment_intent: str) -> None:
    try:
        # A key is forgotten after a day and of no use after a 500; a refund that an earlier try made carries our
        # reference for good.
        if refund.attempts > 1 and _is_made(gateway.standing(payment_intent), refund):
            refused = ""
        else:
            refused = _ask_refund(gateway, refund, payment_intent)
        standing = gateway.standing(payment_intent)
        with transaction() as session:
            if standing:
                settle(session, standing, cause="refund", now=clock.now())
            if refused:
                refunding.note_refused(session, refund, refused, now=clock.now())
    except Exception as error:
        if not isinstance(error, GatewayError | Overtaken):
            log.exception("refund %s cannot be made", refund.public_id)
        with transaction() as session:
            refunding.put_off(session, refund, _words(error), now=clock.now())


def _is_made(standing: Standing | None, refund: Refund) -> bool:
    made = standing.paid.refunds if standing and standing.paid else ()
    return any(word.reference == refund.public_id for word in made)


def _ask_refund(gateway: Gateway, refund: Refund, payment_intent: str) -> str:
    """Ask; gives why it was refused, or nothing."""
    try:
        gateway.pay_back(refund, payment_intent)
    except GatewayRefused as refused:
        return str(refused)
    return ""


def change_gifts(gateway: Gateway) -> int:
    """Carry out one batch of wanted changes of monthly gifts; gives how many were dealt with."""
    if not changing.is_anything_due(db.session(), now=clock.now()):
        return 0
    with transaction() as session:
        taken = changing.take(session, now=clock.now())
    for change, gift in taken:
        _change_gift(gateway, change, gift)
    return len(taken)


def _change_gift(gateway: Gateway, change: MonthlyGiftChange, gift: MonthlyGift) -> None:
    try:
        refused = _ask_change(gateway, change, gift)
        standing = gateway.standing(gift.subscription)
        if refused and standing and standing.gift and standing.gift.state is MonthlyGiftState.CANCELED:
            refused = ""  # it had ended already, perhaps by an earlier try: settling closes what was wanted of it
        with transaction() as session:
            if standing:
                settle(session, standing, cause="gift changed", now=clock.now())
            if refused:
                changing.note_refused(session, change, gift, refused, now=clock.now())
            else:
                changing.note_done(session, change, now=clock.now())
    except Exception as error:
        if not isinstance(error, GatewayError | Overtaken):
            log.exception("monthly gift %s cannot be changed", gift.public_id)
        with transaction() as session:
            changing.put_off(session, change, gift, _words(error), now=clock.now())


def _ask_change(gateway: Gateway, change: MonthlyGiftChange, gift: MonthlyGift) -> str:
    try:
        gateway.change_gift(gift, change)
    except GatewayRefused as refused:
        return str(refused)
    return ""


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if isinstance(error, GatewayError | Overtaken) else type(error).__name__
