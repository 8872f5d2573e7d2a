"""The words with which a campaign is passed on, for each network."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign, ShareText, ShareWay


def list_share_texts(session: Session, campaign_id: int) -> dict[ShareWay, str]:
    """What the editors wrote, by way; ways without words of their own are not there."""
    query = select(ShareText.way, ShareText.text).where(ShareText.campaign_id == campaign_id)
    return {row.way: row.text for row in session.execute(query)}


def set_share_texts(
    session: Session, campaign_id: int, texts: Mapping[ShareWay, str], *, actor: str, now: datetime
) -> None:
    """Write all of them anew; an empty one gives the way our own sentence back."""
    session.scalars(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update()).one()
    before = list_share_texts(session, campaign_id)
    after = {way: text for way, text in texts.items() if text}
    if after == before:
        return
    session.execute(delete(ShareText).where(ShareText.campaign_id == campaign_id))
    session.add_all(ShareText(campaign_id=campaign_id, way=way, text=text) for way, text in after.items())
    session.flush()
    record(
        session, actor=actor, action="sharing.edited", object_type="campaign", object_id=campaign_id, now=now,
        campaign_id=campaign_id, ways=sorted(way for way in ShareWay if before.get(way) != after.get(way)),
    )  # fmt: skip
