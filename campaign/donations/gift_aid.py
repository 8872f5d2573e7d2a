"""Gift Aid: declarations as they were made, the gifts that may be claimed, and claims that hold each gift once.

Only gifts in pounds of persons with a declaration (HMRC, "Claiming Gift Aid as a charity", read November 2026). What
was refunded or is disputed is left out; what goes back after it was claimed is reported with the next claim.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.database import insert_into
from campaign.core.errors import DomainError, NotFound
from campaign.donations.gift_aid_schedule import CURRENCY, MOST_LINES, ScheduleLine, clean_postcode, split_name
from campaign.donations.models import (
    Dispute,
    DisputeState,
    Donation,
    GiftAidClaim,
    GiftAidClaimLine,
    GiftAidDeclaration,
    Payment,
)

# HMRC's model declaration for gifts of one donor, by the version that declarations name. Never changed, only added to.
WORDING_VERSION = "2026-11"
WORDINGS = {
    "2026-11": (
        "I am a UK taxpayer. If I pay less Income Tax and Capital Gains Tax than the Gift Aid claimed on all my "
        "donations in that tax year, it is my responsibility to pay any difference."
    )
}
_TAX_RATE = Decimal("0.25")  # basic rate tax of 20 % on the gross gift is a quarter of what was given
SHOWN = 100


class NothingToClaim(DomainError):
    """No gift of the period may be claimed, or somebody else has just claimed them."""


class AlreadyClaimed(DomainError):
    """The declaration stands on a schedule that may be with HMRC, so it is no longer changed here."""


@dataclass(frozen=True)
class Claimable:
    """A payment that may be claimed, with its declaration."""

    payment_id: int
    declaration: GiftAidDeclaration
    line: ScheduleLine


@dataclass(frozen=True)
class Adjustment:
    """What went back of a gift after it was claimed, in pence; `line_id` is its line on the earlier schedule."""

    line_id: int
    returned_minor: int


def declare(session: Session, donation: Donation, *, house: str, postcode: str, now: datetime) -> None:
    """Keep the donor's declaration, with the donation and once for it."""
    title, first_name, last_name = split_name(donation.name)
    session.execute(
        insert_into(session, GiftAidDeclaration)
        .values(
            public_id=donation.public_id,
            donation_id=donation.id,
            title=title,
            first_name=first_name,
            last_name=last_name,
            house=house,
            postcode=clean_postcode(postcode),
            wording_version=WORDING_VERSION,
            language=donation.language,
            declared_at=now,
        )
        .on_conflict_do_nothing(index_elements=["donation_id"])
    )


def list_claimable(session: Session, first_day: date, last_day: date, zone: ZoneInfo) -> list[Claimable]:
    """The payments of a period (days in the zone, both included) that are not claimed yet, oldest first."""
    start = datetime.combine(first_day, time(), zone).astimezone(UTC)
    end = datetime.combine(last_day + timedelta(days=1), time(), zone).astimezone(UTC)
    rows = session.execute(
        select(Payment, GiftAidDeclaration)
        .join(GiftAidDeclaration, GiftAidDeclaration.donation_id == Payment.donation_id)
        .outerjoin(GiftAidClaimLine, GiftAidClaimLine.payment_id == Payment.id)
        .where(
            Payment.currency == CURRENCY,
            Payment.paid_at >= start,
            Payment.paid_at < end,
            Payment.mismatched.is_(False),
            Payment.refunded_minor == 0,
            Payment.disputed_minor == 0,
            GiftAidDeclaration.cancelled_at.is_(None),
            GiftAidClaimLine.id.is_(None),
        )
        .order_by(Payment.paid_at, Payment.id)
    ).all()
    return [
        Claimable(
            payment.id,
            declaration,
            _line(declaration, payment.paid_at.astimezone(zone).date(), payment.amount_minor),
        )
        for payment, declaration in rows
    ]


def _line(declaration: GiftAidDeclaration, given_on: date, amount_minor: int) -> ScheduleLine:
    return ScheduleLine(
        title=declaration.title,
        first_name=declaration.first_name,
        last_name=declaration.last_name,
        house=declaration.house,
        postcode=declaration.postcode,
        given_on=given_on,
        amount_minor=amount_minor,
    )


def list_adjustments(session: Session) -> list[Adjustment]:
    """What went back (refunded, or lost in a dispute) of gifts on earlier schedules and was not reported yet."""
    lost = (
        select(Dispute.payment_id, func.sum(Dispute.amount_minor).label("amount"))
        .where(Dispute.state == DisputeState.LOST)
        .group_by(Dispute.payment_id)
        .subquery()
    )
    gone = Payment.refunded_minor + func.coalesce(lost.c.amount, 0)
    rows = session.execute(
        select(GiftAidClaimLine, gone)
        .join(Payment, Payment.id == GiftAidClaimLine.payment_id)
        .outerjoin(lost, lost.c.payment_id == Payment.id)
        .where(gone > GiftAidClaimLine.adjusted_minor, GiftAidClaimLine.adjusted_minor < GiftAidClaimLine.amount_minor)
        .order_by(GiftAidClaimLine.id)
    )
    return [Adjustment(line.id, min(int(went), line.amount_minor) - line.adjusted_minor) for line, went in rows]


def tax_minor(amount_minor: int) -> int:
    """The tax that is claimed on gifts, in pence."""
    return int((amount_minor * _TAX_RATE).to_integral_value(rounding=ROUND_HALF_UP))


def make_claim(
    session: Session, first_day: date, last_day: date, *, zone: ZoneInfo, actor: str, now: datetime
) -> GiftAidClaim:
    """Put the period's gifts on schedules, without those that HMRC would not take; report what earlier ones had too
    much. Raises NothingToClaim.
    """
    # Two admins at once: the later one waits here, and then reads what the first has claimed and reported.
    session.execute(select(GiftAidClaim.id).order_by(GiftAidClaim.id.desc()).limit(1).with_for_update())
    fit = [one for one in list_claimable(session, first_day, last_day, zone) if not one.line.faults()]
    returned = list_adjustments(session)
    claim = GiftAidClaim(
        first_day=first_day,
        last_day=last_day,
        line_count=0,
        amount_minor=0,
        overclaimed_minor=0,
        made_by=actor,
        made_at=now,
    )
    session.add(claim)
    session.flush()
    claimed = set(_claim_lines(session, claim.id, fit))
    if not claimed:
        raise NothingToClaim("There is no gift in this period that can be claimed.")
    claim.line_count = len(claimed)
    claim.amount_minor = sum(one.line.amount_minor for one in fit if one.payment_id in claimed)
    claim.overclaimed_minor = tax_minor(sum(one.returned_minor for one in returned))
    for one in returned:
        session.execute(
            update(GiftAidClaimLine)
            .where(GiftAidClaimLine.id == one.line_id)
            .values(adjusted_minor=GiftAidClaimLine.adjusted_minor + one.returned_minor)
        )
    record(
        session, actor=actor, action="gift_aid.claim_made", object_type="gift_aid_claim", object_id=claim.public_id,
        now=now, lines=claim.line_count, amount_minor=claim.amount_minor, overclaimed_minor=claim.overclaimed_minor,
        first_day=first_day.isoformat(), last_day=last_day.isoformat(),
    )  # fmt: skip
    return claim


def _claim_lines(session: Session, claim_id: int, fit: Sequence[Claimable]) -> Iterable[int]:
    """Insert the lines; gives the payments that nobody else had claimed meanwhile."""
    if not fit:
        return []
    values = [
        {
            "claim_id": claim_id,
            "payment_id": one.payment_id,
            "declaration_id": one.declaration.id,
            "given_on": one.line.given_on,
            "amount_minor": one.line.amount_minor,
            "adjusted_minor": 0,
        }
        for one in fit
    ]
    statement = insert_into(session, GiftAidClaimLine).on_conflict_do_nothing(index_elements=["payment_id"])
    return session.scalars(statement.returning(GiftAidClaimLine.payment_id), values).all()


def list_claims(session: Session) -> Sequence[GiftAidClaim]:
    """The latest claims, newest first."""
    return session.scalars(select(GiftAidClaim).order_by(GiftAidClaim.id.desc()).limit(SHOWN)).all()


def get_claim(session: Session, public_id: str) -> GiftAidClaim:
    """One claim. Raises NotFound."""
    found = session.scalar(select(GiftAidClaim).where(GiftAidClaim.public_id == public_id))
    if found is None:
        raise NotFound("There is no such claim.")
    return found


def file_count(claim: GiftAidClaim) -> int:
    """How many schedules the claim's lines fill."""
    return -(-claim.line_count // MOST_LINES)


def lines_of_file(session: Session, claim: GiftAidClaim, number: int) -> list[ScheduleLine]:
    """The lines of the claim's schedule of that number, from 1. Raises NotFound."""
    if not 1 <= number <= file_count(claim):
        raise NotFound("There is no such file.")
    query = _lines_of(claim.id).order_by(GiftAidClaimLine.id).offset((number - 1) * MOST_LINES).limit(MOST_LINES)
    return [_line(declaration, line.given_on, line.amount_minor) for line, declaration in session.execute(query)]


def _lines_of(claim_id: int) -> Select[GiftAidClaimLine, GiftAidDeclaration]:
    return (
        select(GiftAidClaimLine, GiftAidDeclaration)
        .join(GiftAidDeclaration, GiftAidDeclaration.id == GiftAidClaimLine.declaration_id)
        .where(GiftAidClaimLine.claim_id == claim_id)
    )


def get_declaration(session: Session, public_id: str) -> GiftAidDeclaration:
    """One declaration. Raises NotFound."""
    found = session.scalar(select(GiftAidDeclaration).where(GiftAidDeclaration.public_id == public_id))
    if found is None:
        raise NotFound("There is no such declaration.")
    return found


def mend_declaration(
    session: Session,
    public_id: str,
    *,
    title: str,
    first_name: str,
    last_name: str,
    house: str,
    postcode: str,
    actor: str,
    now: datetime,
) -> None:
    """Correct how a donor's name and address are written, as the donor said. Raises NotFound, AlreadyClaimed."""
    declaration = get_declaration(session, public_id)
    on_a_schedule = select(GiftAidClaimLine.id).where(GiftAidClaimLine.declaration_id == declaration.id).limit(1)
    if session.scalar(on_a_schedule) is not None:
        raise AlreadyClaimed("This declaration stands on a schedule already, so it is kept as it was.")
    declaration.title, declaration.first_name, declaration.last_name = title, first_name, last_name
    declaration.house, declaration.postcode = house, clean_postcode(postcode)
    record(
        session, actor=actor, action="gift_aid.declaration_mended", object_type="gift_aid_declaration",
        object_id=public_id, now=now,
    )  # fmt: skip
