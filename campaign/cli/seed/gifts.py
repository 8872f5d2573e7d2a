"""Who gave to the main campaign: rows of ours, and the same gifts as the Stripe sandbox takes them in."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from campaign.cli.seed.book import Book, Row
from campaign.cli.seed.chance import chance, later, moments, public_id, stripe_id
from campaign.cli.seed.people import Crowd
from campaign.cli.seed.remarks import MESSAGES
from campaign.cli.seed.texts import ARTICLES, TITLE
from campaign.core.addresses import address_key
from campaign.core.money import with_fee_covered
from campaign.donations.gateway import REFERENCE
from campaign.donations.giving import CONSENT_VERSION
from campaign.donations.models import DonationState, Frequency, MessageState, RefundState

CURRENCY = "GBP"
FROM_SIGNERS, FROM_OTHERS = 160, 100
_S = DonationState
# How many of them ended otherwise than with money that stayed.
_OTHER_ENDS = ((_S.EXPIRED, 15), (_S.FAILED, 4), (_S.REFUNDED, 5), (_S.PARTIALLY_REFUNDED, 3))
_PAID = frozenset({_S.SUCCEEDED, _S.REFUNDED, _S.PARTIALLY_REFUNDED})
_POUNDS = {5: 10, 10: 26, 15: 5, 20: 12, 25: 18, 30: 6, 40: 3, 50: 12, 75: 1, 100: 5, 150: 1, 250: 1, 500: 0.3}
CHECKOUT_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class Gift:
    """One donation with its moves, its payment and what went back, and what the sandbox is to know. No database ids."""

    donation: Row
    moves: list[Row]
    payment: Row | None = None
    refund: Row | None = None
    at_stripe: dict[str, Any] | None = None


def give_main(book: Book, crowd: Crowd, now: datetime) -> list[Gift]:
    """Ten days of gifts: some right after signing, some by people who only give. In the order in which they came."""
    random = chance("gifts")
    donors = _signers(book, random, now) + _others(book, crowd, random, now)
    random.shuffle(donors)
    ends = [end for end, count in _OTHER_ENDS for _ in range(count)]
    ends += [_S.SUCCEEDED] * (len(donors) - len(ends))
    messages = iter(MESSAGES)
    # Each third of those whose money stayed wrote something, as long as there are words.
    gifts = [
        _gift(donor, end, random, now, next(messages, "") if end is _S.SUCCEEDED and number % 3 == 0 else "")
        for number, (donor, end) in enumerate(zip(donors, ends, strict=True))
    ]
    return sorted(gifts, key=lambda gift: gift.donation["created_at"])


def _signers(book: Book, random: Random, now: datetime) -> list[Row]:
    kept = ("name", "email", "email_key", "language", "source", "show_name")
    return [
        {name: row[name] for name in kept} | {"at": later(row["confirmed_at"], random.uniform(30, 1800), now)}
        for row in random.sample(book.undisturbed(), FROM_SIGNERS)
    ]


def _others(book: Book, crowd: Crowd, random: Random, now: datetime) -> list[Row]:
    settings, donors = book.settings, []
    for at in moments(random, FROM_OTHERS, now=now, zone=settings.zone):
        person = crowd.person()
        donors.append(
            {
                "name": person.name,
                "email": person.email,
                "email_key": address_key(settings.hash_key, person.email),
                "language": book.language_of(person),
                "source": random.choice([slug for slug, start, _ in ARTICLES if start < 0.3] + [""]),
                "show_name": random.random() < 0.3 and person.can_be_shown,
                "at": at,
            }
        )
    return donors


def _gift(donor: Row, end: DonationState, random: Random, now: datetime, message: str) -> Gift:
    """A gift as it stands today. What was never paid names no checkout: Stripe's book has none of it either."""
    pounds = random.choices(list(_POUNDS), list(_POUNDS.values()))[0]
    amount = with_fee_covered(pounds * 100, CURRENCY) if random.random() < 0.3 else pounds * 100
    # A checkout ends after a day, so one that has ended was opened before that.
    created = later(now - timedelta(days=9), random.uniform(0, 6 * 86_400), now) if end is _S.EXPIRED else donor["at"]
    settled = later(created, random.uniform(50, 240), now)
    names = {
        "session": stripe_id(random, "cs_test_", 58),
        "payment_intent": stripe_id(random, "pi_", 24),
        "charge": stripe_id(random, "ch_", 24),
    }
    donation = _donation(donor, end, amount, created, created + CHECKOUT_LIFE if end is _S.EXPIRED else settled)
    donation |= {
        "public_id": public_id(random),
        "fee_cover_minor": amount - pounds * 100,
        "message": message,
        "message_state": MessageState.PUBLISHED if message else None,
        "wants_updates": random.random() < 0.2,
        "in_memory_of": "",
        "form_key": hashlib.sha256(names["session"].encode()).hexdigest(),
        "checkout_session": names["session"] if end in _PAID else None,
    }
    if end not in _PAID:
        return Gift(donation, _moves(donation))
    refunded = {_S.REFUNDED: amount, _S.PARTIALLY_REFUNDED: amount // 200 * 100}.get(end, 0)
    return Gift(
        donation,
        _moves(donation),
        _payment(names, amount, refunded, settled),
        _refund(names, refunded, settled) if refunded else None,
        _at_stripe(donation, names, refunded, settled),
    )


def _donation(donor: Row, end: DonationState, amount: int, created: datetime, changed: datetime) -> Row:
    """What follows from the donor and from how it ended."""
    return {
        **{name: value for name, value in donor.items() if name != "at"},
        "state": end,
        "frequency": Frequency.ONCE,
        "amount_minor": amount,
        "currency": CURRENCY,
        "consent_version": CONSENT_VERSION,
        "created_at": created,
        "state_changed_at": changed,
        "told_at": changed,
    }


def _moves(donation: Row) -> list[Row]:
    """How it came to stand where it does; where money went back, that was after it had come."""
    begun, changed, end = donation["created_at"], donation["state_changed_at"], donation["state"]
    steps = [(_S.CREATED, "form", begun), (_S.OPEN, "form", begun)]
    if end in _PAID:
        steps.append((_S.SUCCEEDED, "page", changed))
    if end is not _S.SUCCEEDED:
        steps.append((end, "page", changed))
    befores = [None, *(state for state, _cause, _at in steps)]
    return [
        {"from_state": before, "to_state": state, "cause": cause, "at": at}
        for before, (state, cause, at) in zip(befores, steps, strict=False)
    ]


def _payment(names: dict[str, str], amount: int, refunded: int, paid_at: datetime) -> Row:
    fee = (amount * 15 + 500) // 1000 + 20  # as the sandbox takes it: 1.5 % and 20p
    return {
        "payment_intent": names["payment_intent"],
        "charge": names["charge"],
        "balance_transaction": _related("txn_", names),
        "settled_currency": CURRENCY,
        "fee_minor": fee,
        "net_minor": amount - fee,
        "amount_minor": amount,
        "refunded_minor": refunded,
        "disputed_minor": 0,
        "mismatched": False,
        "currency": CURRENCY,
        "paid_at": paid_at,
    }


def _refund(names: dict[str, str], refunded: int, at: datetime) -> Row:
    return {
        "public_id": names["charge"].removeprefix("ch_")[:16].lower(),
        "stripe_id": _related("re_", names),
        "state": RefundState.SUCCEEDED,
        "amount_minor": refunded,
        "created_at": at,
        "state_changed_at": at,
        "available_at": at,
    }


def _related(prefix: str, names: dict[str, str]) -> str:
    """The id that the sandbox's import gives to what belongs to a charge."""
    return prefix + names["charge"].removeprefix("ch_")


def _at_stripe(donation: Row, names: dict[str, str], refunded: int, paid_at: datetime) -> dict[str, Any]:
    """The gift in the form that the sandbox's import takes; the reference is the one that the gateway sends."""
    return {
        **names,
        "amount": donation["amount_minor"],
        "currency": CURRENCY.lower(),
        "created": int(paid_at.timestamp()),
        "metadata": {REFERENCE: donation["public_id"]},
        "client_reference_id": donation["public_id"],
        "email": donation["email"],
        "name": donation["name"],
        "description": TITLE,
        "refunded": refunded,
    }
