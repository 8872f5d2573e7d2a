"""What the mail of a mailing says to anybody: for the worker that sends it and for the editors who look at it first."""

from typing import Any

from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, Update, UpdateState
from campaign.core.links import Links
from campaign.mail.models import MailKind
from campaign.supporters.mailings import text_for
from campaign.supporters.models import Mailing

UPDATE_MAIL = "update"


class Withdrawn(Exception):
    """The update that the mailing tells of was withdrawn: nobody is to read it any more."""


def mailing_words(session: Session, mailing: Mailing, links: Links, language: str) -> tuple[str, dict[str, Any]]:
    """The folder of templates and their context, but for the reader's own links. Raises Withdrawn.

    One that tells of an update looks like it, with what the editor made of title and text for the mail.
    """
    campaign = session.get_one(Campaign, mailing.campaign_id)
    text = text_for(mailing, language)
    context: dict[str, Any] = {"campaign": campaign, "campaign_url": links.campaign(campaign.slug)}
    update = session.get(Update, mailing.update_id) if mailing.update_id else None
    if update is None:
        return MailKind.MAILING, context | {
            "subject": text.subject,
            "body": text.body,
            "text_language": text.language,
        }
    if update.state is not UpdateState.PUBLISHED:
        raise Withdrawn
    told = {
        "title": text.subject,
        "body": text.body,
        "kind": update.kind,
        "link": update.link,
        "delivery": update.delivery,
        "corrections": update.corrections,
    }
    return UPDATE_MAIL, context | {"update": told, "update_url": links.update(campaign.slug, update.public_id)}
