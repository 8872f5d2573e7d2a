"""The card form of the hosted page: reading it and saying what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from campaign.sandbox import cards
from campaign.sandbox.cards import Behaviour, CardDetails
from campaign.sandbox.methods import DEBITS, Payer
from campaign.sandbox.params import looks_like_email
from campaign.sandbox.store import Obj

HINTS = (
    ("4242 4242 4242 4242", "pays"),
    ("4000 0025 0000 3155", "asks to authenticate, then pays"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "is declined: insufficient funds"),
    ("4000 0000 0000 0259", "pays, and is disputed afterwards"),
    ("4000 0000 0000 5423", "pays, and the bank warns of fraud"),
    ("4000 0000 0000 5126", "pays, and a refund to it fails a minute later"),
)


@dataclass(frozen=True)
class CardForm:
    """What was typed, as it was typed."""

    email: str = ""
    number: str = ""
    expiry: str = ""
    cvc: str = ""
    name: str = ""

    @classmethod
    def empty(cls, session: Obj) -> "CardForm":
        """The form as first shown, with the address that the session brought."""
        return cls(email=session["customer_email"] or "")

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> "CardForm":
        """The form as posted; cut to a length no honest entry reaches."""
        return cls(
            email=posted.get("email", "").strip()[:512],
            number=posted.get("card_number", "").strip()[:64],
            expiry=posted.get("card_expiry", "").strip()[:16],
            cvc=posted.get("card_cvc", "").strip()[:16],
            name=posted.get("card_name", "").strip()[:200],
        )

    def without_card(self) -> "CardForm":
        """For another try after a decline: the person stays, the card goes."""
        return replace(self, number="", expiry="", cvc="")

    def errors(self, now: int) -> dict[str, str]:
        """What to mend, by field; empty when all is well. ``now`` in unix seconds."""
        found: dict[str, str] = {}
        if not looks_like_email(self.email):
            found["email"] = "Enter an email address with an @, like name@example.com"
        digits = cards.digits_of(self.number)
        if not digits:
            found["card_number"] = "Enter a card number"
        elif not cards.is_card_number(digits):
            found["card_number"] = "Check the card number: one of the digits seems to be mistyped"
        expiry = cards.read_expiry(self.expiry)
        today = datetime.fromtimestamp(now, UTC)
        if expiry is None:
            found["card_expiry"] = "Enter the expiry date as month and year, like 12/34"
        elif (expiry[1], expiry[0]) < (today.year, today.month):
            found["card_expiry"] = "This card has expired: enter a date in the future"
        if not (self.cvc.isascii() and self.cvc.isdecimal() and len(self.cvc) in (3, 4)):
            found["card_cvc"] = "Enter the 3 or 4 digits of the security code"
        if not self.name:
            found["card_name"] = "Enter the name on the card"
        return found

    def debit_errors(self) -> dict[str, str]:
        """What to mend for a bank debit, which needs no card; its account is always the same test account."""
        needed = self.errors(0)
        return {name: needed[name] for name in ("email", "card_name") if name in needed}

    def debit_payer(self, currency: str) -> Payer:
        """The payer by the bank debit of a currency. Needs no errors."""
        return Payer(self.email, self.name, debit=DEBITS.get(currency, ""))

    def payer(self) -> tuple[Payer, Behaviour]:
        """The payer, without the card's number, and what the card does. Needs no errors."""
        digits = cards.digits_of(self.number)
        month, year = cards.read_expiry(self.expiry) or (0, 0)
        card = CardDetails(cards.brand_of(digits), digits[-4:], month, year)
        return Payer(self.email, self.name, card), cards.behaviour_of(digits)
