"""What the digest and the warnings say: numbers, and where to go."""

from typing import Any

from campaign.core.links import Links
from campaign.reports.troubles import Topic, Trouble
from campaign.reports.waiting import Waiting


def digest_context(waiting: Waiting, links: Links) -> dict[str, Any]:
    """The context of the template `staff_digest`."""
    return {
        "total": waiting.total,
        "places": [
            {
                "name": one.campaign.short_name,
                "held": one.held,
                "comments": one.comments,
                "messages": one.messages,
                "signatures_url": links.admin_signatures(one.campaign.slug),
                "messages_url": links.admin_messages(one.campaign.slug),
            }
            for one in waiting.campaigns
        ],
        "mail": waiting.mail,
        "payments": waiting.payments,
        "mail_url": links.admin_mail(),
        "stripe_url": links.admin_stripe(),
        "home_url": links.admin_home(),
    }


def alert_context(warning: Trouble, links: Links) -> dict[str, Any]:
    """The context of the template `staff_alert`."""
    held = warning.topic is Topic.HELD and warning.campaign
    return {
        "topic": warning.topic.value,
        "number": warning.number,
        "name": warning.campaign.short_name if warning.campaign else "",
        "url": links.admin_signatures(warning.campaign.slug) if held and warning.campaign else links.admin_mail(),
    }
