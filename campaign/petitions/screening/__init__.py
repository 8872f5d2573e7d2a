"""Screening: what is noticed about a signature, and whether it waits for a moderator because of it.

Held, never refused, and unseen by the signer. All of it is bounded: whatever is looked up at confirming is a few
entries of an index.
"""

from campaign.petitions.screening.confirming import screen
from campaign.petitions.screening.findings import Finding, holding, note
from campaign.petitions.screening.forgetting import forget
from campaign.petitions.screening.vouched import screen_vouched

__all__ = ["Finding", "forget", "holding", "note", "screen", "screen_vouched"]
