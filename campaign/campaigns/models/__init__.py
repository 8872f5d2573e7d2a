"""The campaign's tables, one file per subject; everything is imported from here."""

from campaign.campaigns.models.campaigns import Campaign, CampaignState
from campaign.campaigns.models.demands import Answer, AnsweredPoint, AnswerState, Demand
from campaign.campaigns.models.goals import Goal, Threshold, ThresholdNotice
from campaign.campaigns.models.handovers import Handover
from campaign.campaigns.models.organisation import Organisation
from campaign.campaigns.models.pictures import People, Picture
from campaign.campaigns.models.share_texts import ShareText, ShareWay
from campaign.campaigns.models.spending import BudgetLine, Payout
from campaign.campaigns.models.updates import (
    AidDelivery,
    AidItem,
    DeliveryStage,
    Update,
    UpdateCorrection,
    UpdateKind,
    UpdatePart,
    UpdateState,
)
from campaign.campaigns.models.versions import CampaignSlug, ConsentWording, Revision

__all__ = [
    "AidDelivery",
    "AidItem",
    "Answer",
    "AnswerState",
    "AnsweredPoint",
    "BudgetLine",
    "Campaign",
    "CampaignSlug",
    "CampaignState",
    "ConsentWording",
    "DeliveryStage",
    "Demand",
    "Goal",
    "Handover",
    "Organisation",
    "Payout",
    "People",
    "Picture",
    "Revision",
    "ShareText",
    "ShareWay",
    "Threshold",
    "ThresholdNotice",
    "Update",
    "UpdateCorrection",
    "UpdateKind",
    "UpdatePart",
    "UpdateState",
]
