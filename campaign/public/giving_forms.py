"""The donation form: checks shape and amounts; whether a campaign takes gifts is the room's business."""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from wtforms import Field, HiddenField, RadioField, SelectField, StringField, ValidationError

from campaign.campaigns.consents import shown_versions
from campaign.campaigns.models import Campaign
from campaign.core import text
from campaign.core.http.fields import BlockField, LineField
from campaign.core.http.public_forms import AddressField, ConsentField, NameField, PublicForm, SourceField, TickBox
from campaign.core.identifiers import new_public_id
from campaign.core.money import (
    LARGEST_MINOR,
    AmountRefused,
    AmountTooLarge,
    parse_amount,
    plain_amount,
    with_fee_covered,
)
from campaign.core.text import LONGEST_NAME
from campaign.donations.gift_aid_schedule import CURRENCY as GIFT_AID_CURRENCY
from campaign.donations.gift_aid_schedule import LONGEST_HOUSE, is_postcode
from campaign.donations.giving import CONSENT_VERSION, Gift
from campaign.donations.models import Frequency
from campaign.donations.offers import currencies, offer

LONGEST_MESSAGE = 200


def money_words(amount_minor: int, currency: str) -> str:
    """A sum as the page writes it."""
    return str(current_app.jinja_env.filters["money"](amount_minor, currency))


@dataclass(frozen=True)
class AmountTile:
    """One amount to choose."""

    id: str
    value: str
    words: str
    chosen: bool


class DonateForm(PublicForm):
    """The donation form of one campaign: the fields that outsiders rely on, a key for each showing, and a trap.

    The amount is read in the currency's main unit; `other_amount` wins where it is filled in.
    """

    amount = RadioField(validate_choice=False)
    other_amount = StringField()
    currency = SelectField(validate_choice=False)
    frequency = RadioField(validate_choice=False)
    name = NameField()
    email = AddressField()
    message = BlockField(longest=LONGEST_MESSAGE)
    in_memory_of = LineField(longest=LONGEST_NAME)
    show_name = TickBox()
    cover_fee = TickBox()
    gift_aid = TickBox()
    gift_aid_house = LineField(longest=LONGEST_HOUSE)
    gift_aid_postcode = LineField(longest=16)
    updates = TickBox()
    source = SourceField()
    consent = ConsentField()
    idempotency_key = HiddenField()
    opened = HiddenField()
    puzzle = HiddenField()
    website = StringField()

    def __init__(self, campaign: Campaign, *, gift_aid: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.consent.shown = shown_versions(campaign, CONSENT_VERSION)
        self.consent.data = self.consent.data or self.consent.shown[0]
        self.currency.choices = [(code, code) for code in currencies(campaign)]
        # What a script may leave out: one gift, in the campaign's currency, and each post is a wish of its own.
        self.currency.data = self.currency.data or campaign.currency
        self.frequency.data = self.frequency.data or Frequency.ONCE.value
        self.idempotency_key.data = self.idempotency_key.data or new_public_id()
        known = self.currency.data in dict(self.currency.choices)
        self.offer = offer(campaign, self.currency.data if known else campaign.currency)
        self.offers_gift_aid = gift_aid and self.offer.currency == GIFT_AID_CURRENCY
        self.frequency.choices = [(Frequency.ONCE.value, _("Once"))]
        if self.offer.monthly:
            self.frequency.choices.append((Frequency.MONTHLY.value, _("Every month")))
        # One choice for both: whoever changes how often and keeps the amount sees it ticked.
        self.amount.choices = [self._choice(amount) for amount in (*self.offer.once, *self.offer.monthly)]
        self._amount_minor = 0

    def _choice(self, amount_minor: int) -> tuple[str, str]:
        currency = self.offer.currency
        return plain_amount(amount_minor, currency), money_words(amount_minor, currency)

    def amounts(self, frequency: str) -> list[AmountTile]:
        """The amounts to choose from for a frequency, the one that was chosen marked; the first carries the field's id.

        An amount that both frequencies offer is marked once, where the donor was.
        """
        monthly = frequency == Frequency.MONTHLY
        here = self.frequency.data == frequency
        own = [self._choice(amount) for amount in (self.offer.monthly if monthly else self.offer.once)]
        others = {value for value, _words in map(self._choice, self.offer.once if monthly else self.offer.monthly)}
        return [
            AmountTile(
                id=("amount-monthly" if monthly else "amount") + (f"-{number}" if number else ""),
                value=value,
                words=words,
                chosen=value == self.amount.data and (here or value not in others),
            )
            for number, (value, words) in enumerate(own)
        ]

    def validate_currency(self, field: Field) -> None:
        """Only what the campaign offers; the form comes back with that."""
        offered = [code for code, _words in field.choices]
        if field.data not in offered:
            field.data = offered[0]
            raise ValidationError(
                _("Donations to this campaign are made in %(currency)s.", currency=", ".join(offered))
            )

    def validate_frequency(self, field: Field) -> None:
        """Only what the campaign offers."""
        if field.data not in dict(field.choices):
            field.data = field.choices[0][0]
            raise ValidationError(_("Choose how often you want to give from the list."))

    @property
    def declares_gift_aid(self) -> bool:
        """True where the donor declared to pay UK tax, and the gift may be claimed."""
        return bool(self.offers_gift_aid and self.gift_aid.data and self.currency.data == GIFT_AID_CURRENCY)

    def validate_in_memory_of(self, field: Field) -> None:
        """A name, or nothing."""
        if text.is_link(field.data) or text.starts_formula(field.data):
            raise ValidationError(_("Enter a name without links or signs."))

    def validate_gift_aid_house(self, field: Field) -> None:
        """Needed for Gift Aid, and only for it."""
        if self.declares_gift_aid and not field.data:
            raise ValidationError(_("Enter the first line of your home address, which the tax office asks for."))

    def validate_gift_aid_postcode(self, field: Field) -> None:
        """Needed for Gift Aid, and only for it."""
        if self.declares_gift_aid and not is_postcode(field.data):
            raise ValidationError(_("Enter your UK postcode, like S19 2BD."))

    def validate_amount(self, field: Field) -> None:
        """The chosen amount, unless another one was typed."""
        if (self.other_amount.data or "").strip():
            return
        if not field.data:
            raise ValidationError(_("Choose an amount, or enter another one."))
        self._amount_minor = self._checked(field.data)

    def validate_other_amount(self, field: Field) -> None:
        """The typed amount, which wins over the chosen one."""
        if (field.data or "").strip():
            self._amount_minor = self._checked(field.data)

    @staticmethod
    def _too_large() -> str:
        return str(_("This is more than can be paid by card at once. Please write to us."))

    def _checked(self, typed: str) -> int:
        currency = self.offer.currency
        try:
            amount_minor = parse_amount(typed, currency)
        except AmountTooLarge:
            raise ValidationError(self._too_large()) from None
        except AmountRefused:
            raise ValidationError(_("Enter an amount in figures, like 25 or 12.50.")) from None
        if amount_minor < self.offer.minimum_minor:
            smallest = money_words(self.offer.minimum_minor, currency)
            raise ValidationError(_("The smallest donation is %(amount)s.", amount=smallest))
        if with_fee_covered(amount_minor, currency) > LARGEST_MINOR:
            raise ValidationError(self._too_large())
        return amount_minor

    def is_trapped(self) -> bool:
        """True where the field that people do not see was filled in; the form comes back with it empty.

        A person whose browser filled it in has only to press again, so nobody is turned away.
        """
        if not self.website.data:
            return False
        self.website.data = ""
        self.form_errors = [
            _("Please press the button once more: your browser had filled in a field that is not meant for people.")
        ]
        return True

    def refuse_amount(self, message: str) -> None:
        """Add an error to the amount field that was used."""
        used = self.other_amount if (self.other_amount.data or "").strip() else self.amount
        used.errors = [message]

    def gift(self) -> Gift:
        """What was sent, once it is valid."""
        return Gift(
            amount_minor=self._amount_minor,
            currency=self.currency.data,
            name=self.name.data,
            email=self.email.data,
            message=self.message.data,
            show_name=self.show_name.data,
            cover_fee=self.cover_fee.data,
            wants_updates=self.updates.data,
            source=self.source.data,
            frequency=Frequency(self.frequency.data),
            in_memory_of=self.in_memory_of.data,
            consent_version=self.consent.agreed,
        )
