"""Revisions: the campaign's words as each edit left them, so that an edit can be looked at, compared and taken back.

A campaign that was made before there were revisions gets its first at its first edit.
"""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.campaigns.edits import CampaignFields
from campaign.campaigns.models import Campaign, Revision
from campaign.core.errors import NotFound
from campaign.core.paging import Page, page_of

_NAMES = tuple(field.name for field in fields(CampaignFields))
_MOMENTS = ("fundraiser_as_of", "opens_at", "closes_at")
Content = dict[str, Any]


def content_of(campaign: Campaign, demand: str) -> Content:
    """What a revision keeps of the campaign as it stands, in what JSON knows."""
    return _plain({name: getattr(campaign, name) for name in _NAMES} | {"demand": demand})


def content_of_fields(wanted: CampaignFields, demand: str) -> Content:
    """The same of what an editor wants to store."""
    return _plain(asdict(wanted) | {"demand": demand})


def _plain(values: Content) -> Content:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def moment(content: Content, name: str) -> datetime | None:
    """A time in a revision."""
    return datetime.fromisoformat(content[name]) if content.get(name) else None


def read_content(content: Content, present: Campaign) -> CampaignFields:
    """The fields to store so that the campaign reads as it did then; what was not kept then stays as it is.

    Its address and its currency stay as well: readers and gifts depend on the present ones.
    """
    values = {name: getattr(present, name) for name in _NAMES}
    values |= {name: value for name, value in content.items() if name in values and name not in ("slug", "currency")}
    values |= {name: moment(content, name) for name in _MOMENTS if name in content}
    return CampaignFields(**values)


def keep_revision(session: Session, campaign: Campaign, demand: str, *, author: str, now: datetime) -> None:
    """Keep the campaign as it stands, unless the latest revision says the same. To be called after the flush."""
    content = content_of(campaign, demand)
    latest = find_base(session, campaign.id, campaign.edition)
    if latest is not None and latest.content == content:
        return
    session.add(
        Revision(campaign_id=campaign.id, edition=campaign.edition, author=author, content=content, created_at=now)
    )
    session.flush()


def find_base(session: Session, campaign_id: int, edition: int) -> Revision | None:
    """What the campaign said in that edition: not every edition changes a word."""
    return session.scalar(
        select(Revision)
        .where(Revision.campaign_id == campaign_id, Revision.edition <= edition)
        .order_by(Revision.edition.desc())
        .limit(1)
    )


def get_revision(session: Session, campaign_id: int, edition: int) -> Revision:
    """One revision of the campaign. Raises NotFound."""
    found = session.scalar(select(Revision).where(Revision.campaign_id == campaign_id, Revision.edition == edition))
    if found is None:
        raise NotFound("There is no such revision.")
    return found


def page_of_revisions(session: Session, campaign_id: int, *, after: int | None, limit: int) -> Page[Revision]:
    """A page of the campaign's revisions, the latest first; `after` is the last id seen."""
    query = select(Revision).where(Revision.campaign_id == campaign_id).order_by(Revision.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(Revision.id < after)
    return page_of(session.scalars(query).all(), limit)


def changed_names(before: Content, after: Content) -> list[str]:
    """The fields that two revisions have otherwise, in the order of the form."""
    return [name for name in (*_NAMES, "demand") if before.get(name) != after.get(name)]
