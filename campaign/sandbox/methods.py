"""Who pays and with what: cards, and bank debits that take days (docs.stripe.com/api/payment_methods)."""

import hashlib
from dataclasses import asdict, dataclass

from campaign.sandbox.cards import Behaviour, CardDetails
from campaign.sandbox.store import Obj
from campaign.sandbox.world import new_id

# The delayed method that is offered in a currency.
DEBITS = {"eur": "sepa_debit", "gbp": "bacs_debit"}
_DEBIT_DETAILS: dict[str, Obj] = {
    "bacs_debit": {"last4": "2345", "sort_code": "108800"},
    "sepa_debit": {"bank_code": "19043", "branch_code": "", "country": "AT", "last4": "3201"},
}
_CHECKS = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}


@dataclass(frozen=True)
class Payer:
    """Who pays, as typed on the hosted page, with a card or, without one, by the bank debit of that name."""

    email: str
    name: str
    card: CardDetails | None = None
    debit: str = ""

    @property
    def kind(self) -> str:
        """The type of the payment method."""
        return "card" if self.card else self.debit

    def details(self) -> Obj:
        """As ``billing_details``."""
        return {"address": None, "email": self.email, "name": self.name, "phone": None, "tax_id": None}

    def of_method(self) -> Obj:
        """As the part of a payment method that is named by its type."""
        if not self.card:
            return {**_DEBIT_DETAILS[self.debit], "fingerprint": _fingerprint(self.debit)}
        return {
            **self._card(self.card),
            "display_brand": self.card.brand,
            "generated_from": None,
            "networks": {"available": [self.card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
        }

    def of_charge(self) -> Obj:
        """As ``payment_method_details`` of a charge."""
        if not self.card:
            inside = {**_DEBIT_DETAILS[self.debit], "fingerprint": _fingerprint(self.debit), "mandate": None}
        else:
            inside = {
                **self._card(self.card),
                "installments": None,
                "mandate": None,
                "network": self.card.brand,
                "three_d_secure": None,
            }
        return {"type": self.kind, self.kind: inside}

    def _card(self, card: CardDetails) -> Obj:
        return {
            "brand": card.brand,
            "checks": _CHECKS,
            "country": "GB",
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "fingerprint": _fingerprint(card.brand + card.last4),
            "funding": "credit",
            "last4": card.last4,
            "wallet": None,
        }


def _fingerprint(text: str) -> str:
    """Sixteen characters that are the same for the same card. Of a card its number is not known any more."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def payment_method(payer: Payer, behaviour: Behaviour, created: int) -> Obj:
    """What was typed on a hosted page, with the sandbox's own notes for ``remembered``."""
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": payer.details(),
        payer.kind: payer.of_method(),
        "created": created,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": payer.kind,
        "_behaviour": asdict(behaviour),
        "_payer": asdict(payer),
    }


def remembered(method: Obj) -> tuple[Payer, Behaviour]:
    """Who pays with a stored payment method, and what it does."""
    return payer_from(method["_payer"]), Behaviour(**method["_behaviour"])


def payer_from(noted: Obj) -> Payer:
    """A payer as noted with ``asdict``."""
    card = CardDetails(**noted["card"]) if noted["card"] else None
    return Payer(noted["email"], noted["name"], card, noted.get("debit", ""))
