"""Figures of the campaign at hand that several parts of one page show, each read once for a request."""

from flask import g

from campaign.admin.access import current_campaign
from campaign.core.database import db
from campaign.donations.messages import count_awaiting
from campaign.petitions import queue, tally
from campaign.petitions.models import SignatureState
from campaign.petitions.reporting import count_reported


def signature_counts() -> dict[SignatureState, int]:
    """How many signatures of the campaign are in each state."""
    if "signature_counts" not in g:
        g.signature_counts = tally.counts(db.session(), current_campaign().id)
    counts: dict[SignatureState, int] = g.signature_counts
    return counts


def awaiting_comments() -> int:
    """How many of its comments wait for a decision; counted to MOST_COUNTED."""
    if "awaiting_comments" not in g:
        campaign_id = current_campaign().id
        g.awaiting_comments = queue.count_awaiting_comments(db.session(), [campaign_id])[campaign_id]
    count: int = g.awaiting_comments
    return count


def reported_comments() -> int:
    """How many of its comments readers have reported, that no moderator has settled."""
    if "reported_comments" not in g:
        campaign_id = current_campaign().id
        g.reported_comments = count_reported(db.session(), [campaign_id])[campaign_id]
    count: int = g.reported_comments
    return count


def awaiting_messages() -> int:
    """How many of its donors' messages wait for a moderator."""
    if "awaiting_messages" not in g:
        campaign_id = current_campaign().id
        g.awaiting_messages = count_awaiting(db.session(), [campaign_id])[campaign_id]
    count: int = g.awaiting_messages
    return count


def limited(count: int) -> str:
    """A number that was counted to MOST_COUNTED only, in words: `7`, `99+`."""
    return str(count) if count < queue.MOST_COUNTED else f"{queue.MOST_COUNTED - 1}+"
