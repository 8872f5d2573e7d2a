"""The moderators' list of signatures: its filters, its pages, how many there are, and which are alike."""

from campaign.petitions.queue.alike import count_alike, find_likenesses
from campaign.petitions.queue.comments import MOST_COUNTED, count_awaiting_comments
from campaign.petitions.queue.filters import Filters, Likeness
from campaign.petitions.queue.pages import (
    PAGE_SIZE,
    Asked,
    QueuePage,
    find_by_address,
    list_editions,
    list_signals,
    list_signatures,
    sealed,
)
from campaign.petitions.queue.sources import list_sources

__all__ = [
    "MOST_COUNTED",
    "PAGE_SIZE",
    "Asked",
    "Filters",
    "Likeness",
    "QueuePage",
    "count_alike",
    "count_awaiting_comments",
    "find_by_address",
    "find_likenesses",
    "list_editions",
    "list_signals",
    "list_signatures",
    "list_sources",
    "sealed",
]
