"""Writing the plan down. Rows come in bulk; what is rare is done by the same functions that do it in life."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import insert
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.answers import set_answers
from campaign.campaigns.handovers import record_handover
from campaign.campaigns.models import BudgetLine, Campaign, Demand, Goal, Payout, Threshold, Update
from campaign.cli.seed.book import Book, Deed, Row
from campaign.cli.seed.campaigns import Part
from campaign.cli.seed.chance import later
from campaign.cli.seed.gifts import Gift
from campaign.cli.seed.staff import EDITOR, MODERATOR, add_staff
from campaign.core.tokens import Token
from campaign.donations import receipts
from campaign.donations.models import Donation, DonationMove, Payment, Refund
from campaign.petitions.confirmation import disown
from campaign.petitions.models import CollectedTally, Signature, TallyDelta
from campaign.petitions.moderation import moderate
from campaign.petitions.screening import note
from campaign.petitions.screening.listing import add_entry
from campaign.petitions.screening.rules import set_rules
from campaign.petitions.tally import fold
from campaign.petitions.undoing import UNDO_LIFE, forget_decisions
from campaign.supporters.models import Consent, Subscription, Supporter

STAFF_SINCE_DAYS = 110
_NO_COLUMNS = frozenset({"version", "speaks", "findings"})


def write(session: Session, parts: list[Part], now: datetime) -> None:
    """Write everything into the caller's transaction, and fold the counts."""
    add_staff(session, now - timedelta(days=STAFF_SINCE_DAYS))
    for part in parts:
        _write_campaign(session, part)
        if part.book:
            _write_signatures(session, part, part.book)
            _write_supporters(session, part.campaign.id, part.book, now)
        _write_gifts(session, part.campaign.id, part.gifts)
    # In the order of time over all campaigns, because that is the order of the trail.
    for happening in sorted((one for part in parts for one in _happenings(part)), key=lambda one: one.at):
        happening.act(session)
    while fold(session):
        pass
    # Nobody is to find a decision to undo that they never made.
    while forget_decisions(session, now=now + 2 * UNDO_LIFE):
        pass


def _write_campaign(session: Session, part: Part) -> None:
    session.add(part.campaign)
    session.flush()
    rows: list[Demand | Update | CollectedTally | BudgetLine | Payout | Goal | Threshold] = [
        *part.demands, *part.updates, *part.collected, *part.spending, *part.goals,
    ]  # fmt: skip
    for row in rows:
        row.campaign_id = part.campaign.id
        session.add(row)
    session.flush()


@dataclass(frozen=True)
class _Happening:
    """Something that is done by the functions that do it in life."""

    at: datetime
    act: Callable[[Session], object]


def _happenings(part: Part) -> Iterator[_Happening]:
    """What editors, moderators and signers did to a campaign and its signatures."""
    campaign = part.campaign
    yield _edited(campaign, "campaign.created", "campaign", campaign.slug, campaign.created_at)
    if campaign.published_at:
        yield _edited(campaign, "campaign.published", "campaign", campaign.slug, campaign.published_at)
    for told in part.updates:
        if told.published_at:
            yield _edited(campaign, "update.publish", "update", told.public_id, told.published_at)
        for line in told.corrections:
            yield _edited(campaign, "update.correct", "update", told.public_id, line.corrected_at)
        if told.withdrawn_at:
            yield _edited(campaign, "update.withdraw", "update", told.public_id, told.withdrawn_at)
    for goal in part.goals:
        if isinstance(goal, Goal) and goal.note:
            yield _edited(campaign, "goal.changed", "campaign", campaign.slug, goal.set_at)
    if part.reply:
        answers = partial(
            set_answers, campaign_id=campaign.id, answers=part.reply.answers, actor=EDITOR, now=part.reply.at
        )
        yield _Happening(part.reply.at, answers)
    if part.handed_over:
        handed = part.handed_over
        hand = partial(
            record_handover, campaign_id=campaign.id, fields=handed.fields, photo=None, actor=EDITOR, now=handed.at
        )
        yield _Happening(handed.at, hand)
    for deed in part.book.deeds if part.book else ():
        yield _Happening(deed.at, partial(_moderate, campaign_id=campaign.id, deed=deed))
    yield from _screening(campaign, part.book) if part.book else ()
    for row, at in part.book.withdrawals if part.book else ():
        yield _Happening(at, partial(disown, token=Token(row_id=row["id"], version=1), now=at))


def _screening(campaign: Campaign, book: Book) -> Iterator[_Happening]:
    """What a moderator set."""
    for rules, at in book.rules:
        yield _Happening(at, partial(set_rules, campaign_id=campaign.id, wanted=rules, actor=MODERATOR, now=at))
    for entry in book.entries:
        add = partial(
            add_entry, campaign_id=campaign.id, listing=entry.listing, subject=entry.subject, typed=entry.typed,
            note=entry.note, hash_key=book.settings.hash_key, actor=MODERATOR, now=entry.at,
        )  # fmt: skip
        yield _Happening(entry.at, add)


def _edited(campaign: Campaign, action: str, object_type: str, object_id: str, at: datetime) -> _Happening:
    note = partial(
        record, actor=EDITOR, action=action, object_type=object_type, object_id=object_id, now=at,
        campaign_id=campaign.id,
    )  # fmt: skip
    return _Happening(at, note)


def _moderate(session: Session, campaign_id: int, deed: Deed) -> None:
    moderate(
        session, campaign_id=campaign_id, ids=[row["id"] for row in deed.rows], action=deed.action,
        reason=deed.reason, actor=MODERATOR, now=deed.at,
    )  # fmt: skip


def _write_signatures(session: Session, part: Part, book: Book) -> None:
    """In the order in which they came, so that the latest have the highest ids."""
    book.rows.sort(key=lambda row: row["created_at"])
    demands = {demand.version: demand.id for demand in part.demands}
    columns = [
        {name: value for name, value in row.items() if name not in _NO_COLUMNS}
        | {"campaign_id": part.campaign.id, "demand_id": demands[row["version"]]}
        for row in book.rows
    ]
    statement = insert(Signature).returning(Signature.id, sort_by_parameter_order=True)
    for row, row_id in zip(book.rows, session.scalars(statement, columns), strict=True):
        row["id"] = row_id
        note(session, [(row_id, one) for one in row["findings"]], campaign_id=part.campaign.id, now=row["confirmed_at"])
    deltas = [
        delta | {"campaign_id": part.campaign.id, "demand_id": demands[delta["demand_id"]]} for delta in book.deltas
    ]
    session.execute(insert(TallyDelta), deltas)


def _write_supporters(session: Session, campaign_id: int, book: Book, now: datetime) -> None:
    """Those who ticked the box and pressed the link get the news; one in thirty has had enough of it."""
    rows = [row for row in book.rows if row["wants_updates"] and row["confirmed_at"]]
    if not rows:
        return
    statement = insert(Supporter).returning(Supporter.id, sort_by_parameter_order=True)
    ids = list(session.scalars(statement, [_supporter(row) for row in rows]))
    pairs = list(zip(ids, rows, strict=True))
    session.execute(insert(Consent), [_consent(campaign_id, supporter_id, row) for supporter_id, row in pairs])
    subscriptions = [
        {
            "supporter_id": supporter_id,
            "campaign_id": campaign_id,
            "started_at": row["confirmed_at"],
            "ended_at": later(row["confirmed_at"], 86_400, now) if number % 30 == 7 else None,
        }
        for number, (supporter_id, row) in enumerate(pairs)
    ]
    session.execute(insert(Subscription), subscriptions)


def _supporter(row: Row) -> Row:
    kept = {name: row[name] for name in ("email", "email_key", "language")}
    return kept | {"created_at": row["confirmed_at"]}


def _consent(campaign_id: int, supporter_id: int, row: Row) -> Row:
    return {
        "supporter_id": supporter_id,
        "campaign_id": campaign_id,
        "wording_version": row["consent_version"],
        "channel": "signature",
        "given_at": row["confirmed_at"],
    }


def _write_gifts(session: Session, campaign_id: int, gifts: list[Gift]) -> None:
    if not gifts:
        return
    statement = insert(Donation).returning(Donation.id, sort_by_parameter_order=True)
    ids = list(session.scalars(statement, [gift.donation | {"campaign_id": campaign_id} for gift in gifts]))
    pairs = list(zip(ids, gifts, strict=True))
    steps = [step | {"donation_id": donation_id} for donation_id, gift in pairs for step in gift.moves]
    session.execute(insert(DonationMove), steps)
    paid = [(gift, donation_id) for donation_id, gift in pairs if gift.payment]
    payments = [(gift.payment or {}) | {"campaign_id": campaign_id, "donation_id": one} for gift, one in paid]
    returning = insert(Payment).returning(Payment.id, sort_by_parameter_order=True)
    payment_ids = list(session.scalars(returning, payments))
    for payment_id, payment in zip(payment_ids, payments, strict=True):
        receipts.issue(session, payment_id, now=payment["paid_at"])
    refunds = [
        gift.refund | {"payment_id": payment_id}
        for (gift, _), payment_id in zip(paid, payment_ids, strict=True)
        if gift.refund
    ]
    session.execute(insert(Refund), refunds)
