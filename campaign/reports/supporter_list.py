"""The supporters of a campaign: how many there are, and the list of those who may be written to, as CSV."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from campaign.core.bulk import inert_text, read_chunks, utc_text
from campaign.core.csv_writing import quoting_writer
from campaign.reports.audience import Audience, among, count_audience
from campaign.supporters.models import Consent, Subscription, Supporter


@dataclass(frozen=True)
class SupporterCounts:
    """`reached` are those who would get a mail now: subscribed, and not silenced by their server or a complaint."""

    reached: int
    subscribed: int
    ended: int
    languages: list[tuple[str, int]]
    channels: list[tuple[str, int]]


def count_supporters(session: Session, campaign_id: int) -> SupporterCounts:
    """As they are now. Languages are of those subscribed, channels those through which consents came."""
    asked, subscribed = session.execute(
        select(func.count(), func.count().filter(Subscription.ended_at.is_(None))).where(
            Subscription.campaign_id == campaign_id
        )
    ).one()
    languages = session.execute(
        select(Supporter.language, func.count())
        .join(Subscription, Subscription.supporter_id == Supporter.id)
        .where(Subscription.campaign_id == campaign_id, Subscription.ended_at.is_(None))
        .group_by(Supporter.language)
        .order_by(func.count().desc(), Supporter.language)
    )
    channels = session.execute(
        select(Consent.channel, func.count())
        .where(Consent.campaign_id == campaign_id)
        .group_by(Consent.channel)
        .order_by(func.count().desc(), Consent.channel)
    )
    return SupporterCounts(
        reached=count_audience(session, Audience(campaign_id)),
        subscribed=subscribed,
        ended=asked - subscribed,
        languages=[(code, count) for code, count in languages],
        channels=[(channel, count) for channel, count in channels],
    )


def csv_of_supporters(session: Session, campaign_id: int, *, include_addresses: bool) -> Iterator[bytes]:
    """Everybody who may be written to, some thousands at a time, each with the latest consent to this news."""
    names = ["language", "subscribed_at", "consent_wording", "consent_channel", "consent_at"]
    yield codecs.BOM_UTF8 + _as_csv([[*(["email"] if include_addresses else []), *names]])
    for rows in read_chunks(session, _query(campaign_id, include_addresses=include_addresses)):
        yield _as_csv(rows)


def _query(campaign_id: int, *, include_addresses: bool) -> Select[*tuple[object, ...]]:
    latest = (
        select(func.max(Consent.id))
        .where(Consent.supporter_id == Supporter.id, Consent.campaign_id == campaign_id)
        .correlate(Supporter)
        .scalar_subquery()
    )
    columns = [
        *([inert_text(Supporter.email)] if include_addresses else []),
        inert_text(Supporter.language),
        utc_text(Subscription.started_at),
        inert_text(Consent.wording_version),
        inert_text(Consent.channel),
        utc_text(Consent.given_at),
    ]
    listed = among(select(*columns), Audience(campaign_id))
    return listed.outerjoin(Consent, Consent.id == latest).order_by(Subscription.id)


def _as_csv(rows: object) -> bytes:
    text = io.StringIO()
    quoting_writer(text).writerows(rows)
    return text.getvalue().encode()
