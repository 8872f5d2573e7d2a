"""The form for a campaign. It checks shape; what may be changed when is the room's business."""

import re
import unicodedata
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, TextAreaField, ValidationError

from campaign.admin.fields import (
    MomentField,
    WebAddressField,
    WholeNumberField,
    currencies,
    read_amount,
    read_hosts,
    shown_amount,
)
from campaign.admin.forms import StaffForm, language
from campaign.admin.lines import read_budget, read_thresholds
from campaign.campaigns.edits import CampaignFields, Wording
from campaign.campaigns.models import Campaign
from campaign.core.contrast import LEAST, contrast, read_colour, shown_contrast
from campaign.core.formatting import countries
from campaign.core.http.fields import BlockField, CountryField, LineField
from campaign.core.money import minimum_minor, plain_amount
from campaign.core.palette import INK, MIST, WHITE, Colour

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST_AMOUNTS, MOST_CURRENCIES = 6, 8


def _parts(typed: str | None) -> list[str]:
    return [part.strip() for part in (typed or "").split(",") if part.strip()]


class CampaignForm(StaffForm):
    """All that an editor may set. A field that is not sent keeps what is stored."""

    title = LineField(longest=200, needed=lazy_gettext("Enter a title."))
    slug = LineField(longest=80)
    short_name = LineField(longest=60)
    summary = BlockField(longest=1000)
    story = BlockField(longest=30_000)
    target = LineField(longest=200)
    demand = BlockField(longest=10_000)
    demand_note = BlockField(longest=1000)
    goal = WholeNumberField()
    goal_note = BlockField(longest=1000)
    country = CountryField()
    currency = SelectField(validate_choice=False)
    takes_donations = BooleanField()
    donation_goal = StringField()
    donation_minimum = StringField()
    suggested_amounts = StringField()
    monthly_amounts = StringField()
    other_currencies = StringField()
    names_to_target = BooleanField()
    picture_alt = LineField(longest=500)
    picture_credit = LineField(longest=200)
    embed_hosts = TextAreaField()
    privacy_text = BlockField(longest=10_000)
    consent_name = LineField(longest=300)
    consent_updates = LineField(longest=300)
    theme_name = LineField(longest=60)
    logo_text = LineField(longest=12)
    theme_colour = StringField()
    theme_accent = StringField()
    fundraiser_url = WebAddressField()
    fundraiser_label = LineField(longest=200)
    fundraiser_amount = StringField()
    fundraiser_as_of = MomentField()
    opens_at = MomentField()
    closes_at = MomentField()
    edition = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = list(countries(language()))
        self.currency.choices = list(currencies(language()))
        self.amounts: dict[str, int | None] = {}

    def validate_slug(self, field: Field) -> None:
        """Only what stands in an address as it is typed."""
        if not _SLUG.fullmatch(field.data or ""):
            raise ValidationError(_("Enter small letters, digits and hyphens, like refugees-welcome."))

    def validate_currency(self, field: Field) -> None:
        """Only codes of the list."""
        if field.data not in dict(field.choices):
            raise ValidationError(_("Choose a currency from the list."))

    def validate_donation_goal(self, field: Field) -> None:
        """An amount or nothing."""
        self._read_amount(field)

    def validate_fundraiser_amount(self, field: Field) -> None:
        """An amount with its day, or nothing."""
        if self._read_amount(field) is not None and not self.fundraiser_as_of.data:
            raise ValidationError(_("Say as of when this is its total: readers see the day beside it."))

    def validate_donation_minimum(self, field: Field) -> None:
        """An amount that can be charged."""
        minor = self._read_amount(field)
        least = minimum_minor(self._currency())
        if minor is not None and minor < least:
            raise ValidationError(_("The card company takes nothing below %(amount)s.", amount=self._priced(least)))

    def validate_suggested_amounts(self, field: Field) -> None:
        """One to six amounts between commas, each one that a donor may then give."""
        self._read_suggested(field, least=1)

    def validate_monthly_amounts(self, field: Field) -> None:
        """As for once; none where no monthly gifts are taken. What was not sent is not the editor's mistake."""
        if not field.raw_data:
            fits = (read_amount(amount, self._currency()) or 0 for amount in _parts(field.data))
            field.data = ",".join(
                part for part, minor in zip(_parts(field.data), fits, strict=True) if minor >= self._smallest()
            )
        self._read_suggested(field, least=0)

    def _smallest(self) -> int:
        return max(self.amounts.get("donation_minimum") or 0, minimum_minor(self._currency()))

    def _read_suggested(self, field: Field, *, least: int) -> None:
        amounts = _parts(field.data)
        if not least <= len(amounts) <= MOST_AMOUNTS:
            raise ValidationError(_("Enter one to six amounts between commas, like 10,25,50."))
        for amount in amounts:
            if (read_amount(amount, self._currency()) or 0) < self._smallest():
                least_words = self._priced(self._smallest())
                raise ValidationError(
                    _("Suggest nothing below %(amount)s: a smaller gift is refused.", amount=least_words)
                )
        field.data = ",".join(amounts)

    def validate_other_currencies(self, field: Field) -> None:
        """Codes between commas, each one that can be charged, without the campaign's own."""
        codes = [code.upper() for code in _parts(field.data)]
        known = dict(self.currency.choices)
        if len(codes) > MOST_CURRENCIES or not all(code in known for code in codes):
            raise ValidationError(_("Enter codes between commas, like EUR,USD."))
        field.data = ",".join(code for code in dict.fromkeys(codes) if code != self._currency())

    def validate_embed_hosts(self, field: Field) -> None:
        """Hosts, one a line."""
        field.data = read_hosts(field.data or "")

    def validate_closes_at(self, field: Field) -> None:
        """After the opening."""
        if field.data and self.opens_at.data and field.data <= self.opens_at.data:
            raise ValidationError(_("Choose a closing time after the opening time."))

    def validate_theme_colour(self, field: Field) -> None:
        """Read as a link on the page and on its grey panels, and as the ground of white words on buttons."""
        colour = _read_colour(field)
        for ground in (WHITE, MIST):
            if colour and contrast(colour, ground) < LEAST:
                found = shown_contrast(colour, ground)
                raise ValidationError(
                    _(
                        "Against the page this colour has a contrast of %(found)s to 1, and people need 4.5 to 1 to "
                        "read it. Choose a darker one.",
                        found=found,
                    )
                )

    def validate_theme_accent(self, field: Field) -> None:
        """The ground of dark words on the donate button."""
        colour = _read_colour(field)
        if colour and contrast(colour, INK) < LEAST:
            raise ValidationError(
                _(
                    "The dark words of the button have a contrast of %(found)s to 1 on this colour, and people need "
                    "4.5 to 1 to read them. Choose a lighter one.",
                    found=shown_contrast(colour, INK),
                )
            )

    def _currency(self) -> str:
        return self.currency.data if self.currency.data in dict(self.currency.choices) else "GBP"

    def _priced(self, minor: int) -> str:
        return f"{plain_amount(minor, self._currency())} {self._currency()}"

    def _read_amount(self, field: Field) -> int | None:
        self.amounts[field.short_name] = minor = read_amount(field.data, self._currency())
        return minor

    def to_fields(self) -> CampaignFields:
        """What the room takes; only after the form was found good."""
        plain = {
            name: self[name].data
            for name in (
                "title", "slug", "summary", "story", "target", "country", "currency", "takes_donations",
                "suggested_amounts", "monthly_amounts", "other_currencies", "names_to_target", "picture_alt",
                "picture_credit", "embed_hosts", "privacy_text", "consent_name", "consent_updates", "theme_name",
                "logo_text", "theme_colour", "theme_accent",
                "fundraiser_url", "fundraiser_label", "fundraiser_as_of", "opens_at", "closes_at",
            )
        }  # fmt: skip
        return CampaignFields(
            **plain,
            short_name=self.short_name.data or self.title.data[:60],
            goal=self.goal.number,
            donation_goal_minor=self.amounts["donation_goal"],
            donation_minimum_minor=self.amounts["donation_minimum"] or minimum_minor(self._currency()),
            fundraiser_amount_minor=self.amounts["fundraiser_amount"],
        )

    def to_wording(self) -> Wording:
        """The demand and its note."""
        return Wording(text=self.demand.data, note=self.demand_note.data)


class NewCampaignForm(CampaignForm):
    """The same with what has a page of its own afterwards. `pairs` and `wanted` are what was read of it."""

    budget = TextAreaField()
    milestones = TextAreaField()

    def validate_slug(self, field: Field) -> None:
        """Made from the title where none was typed."""
        field.data = field.data or slug_of(self.title.data)
        super().validate_slug(field)

    def validate_budget(self, field: Field) -> None:
        """A purpose, a colon and an amount on each line."""
        self.pairs = read_budget(field.data, self._currency())

    def validate_milestones(self, field: Field) -> None:
        """A number and a few words on each line."""
        self.wanted = read_thresholds(field.data)


def slug_of(title: str) -> str:
    """An address made of the title's letters that ASCII has; empty for titles of which it has none."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall("[a-z0-9]+", plain.replace("'", "")))[:60].strip("-")


def _read_colour(field: Field) -> Colour | None:
    """The colour typed, which `data` keeps in small letters; None for none."""
    field.data = (field.data or "").strip().lower()
    colour = read_colour(field.data)
    if field.data and colour is None:
        raise ValidationError(_("Write a colour as # and six digits or letters from a to f, like #12508f."))
    return colour


def campaign_values(campaign: Campaign, demand: str) -> dict[str, Any]:
    """What the form shows of a stored campaign."""
    names = [name for name in CampaignForm.__dict__ if hasattr(campaign, name)]
    values = {name: getattr(campaign, name) for name in names if not name.startswith("_")}
    for name in ("donation_goal", "donation_minimum", "fundraiser_amount"):
        values[name] = shown_amount(getattr(campaign, f"{name}_minor"), campaign.currency)
    return values | {"demand": demand}
