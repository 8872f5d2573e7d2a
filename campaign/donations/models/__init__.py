"""The tables of donations, one file per subject; everything is imported from here. Amounts are integer minor units."""

from campaign.donations.models.card_testing import Decline, GivingGuard, SpentPuzzle
from campaign.donations.models.disputes import TAKES_MONEY, UNDER_WAY, Dispute, DisputeState
from campaign.donations.models.donations import Donation, DonationMove, DonationState, Frequency, MessageState
from campaign.donations.models.events import EventState, StripeEvent
from campaign.donations.models.gift_aid import GiftAidClaim, GiftAidClaimLine, GiftAidDeclaration
from campaign.donations.models.monthly import (
    ChangeKind,
    ChangeState,
    FailedRenewal,
    MonthlyGift,
    MonthlyGiftChange,
    MonthlyGiftState,
)
from campaign.donations.models.offline import OfflineFile, OfflineGift, OfflineMethod
from campaign.donations.models.oversight import Alarm, AlarmKind, SyncRun, SyncState, UnmatchedObject
from campaign.donations.models.payments import Payment
from campaign.donations.models.receipts import Receipt, ReceiptCounter
from campaign.donations.models.refunds import TAKEN_BACK, Refund, RefundState

__all__ = [
    "TAKEN_BACK",
    "TAKES_MONEY",
    "UNDER_WAY",
    "Alarm",
    "AlarmKind",
    "ChangeKind",
    "ChangeState",
    "Decline",
    "Dispute",
    "DisputeState",
    "Donation",
    "DonationMove",
    "DonationState",
    "EventState",
    "FailedRenewal",
    "Frequency",
    "GiftAidClaim",
    "GiftAidClaimLine",
    "GiftAidDeclaration",
    "GivingGuard",
    "MessageState",
    "MonthlyGift",
    "MonthlyGiftChange",
    "MonthlyGiftState",
    "OfflineFile",
    "OfflineGift",
    "OfflineMethod",
    "Payment",
    "Receipt",
    "ReceiptCounter",
    "Refund",
    "RefundState",
    "SpentPuzzle",
    "StripeEvent",
    "SyncRun",
    "SyncState",
    "UnmatchedObject",
]
