"""The forms of a person's own page: what is kept put right, each field with an id of its own on the page."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from campaign.core import text
from campaign.core.formatting import countries
from campaign.core.http.fields import BlockField, CountryField, LineField
from campaign.core.http.public_forms import AddressField, NameField, PublicForm
from campaign.donations.models import Donation
from campaign.petitions.correcting import Correction
from campaign.petitions.models import Signature


class AskDataForm(PublicForm):
    """The address about which something may be kept."""

    email = AddressField()


class _CorrectForm(PublicForm):
    """What is not sent stays as it is. A page has several of these, so ids end with what they are about."""

    def __init__(self, about: str, kept: Mapping[str, str], sent: MultiDict[str, str] | None) -> None:
        formdata = None if sent is None else MultiDict({**kept, **{key: sent[key] for key in kept if key in sent}})
        super().__init__(formdata=formdata, data=dict(kept))
        for field in self:
            field.id = f"{field.id}-{about}"


class CorrectSignatureForm(_CorrectForm):
    """The details of a signature, as on the sign form."""

    name = NameField()
    country = CountryField()
    postcode = LineField(longest=text.LONGEST_POSTCODE)
    comment = BlockField(longest=text.LONGEST_COMMENT)

    def __init__(self, slug: str, signature: Signature, language: str, sent: MultiDict[str, str] | None = None) -> None:
        kept = {
            "name": signature.name or "", "country": signature.country, "postcode": signature.postcode,
            "comment": signature.comment,
        }  # fmt: skip
        super().__init__(slug, kept, sent)
        self.country.choices = list(countries(language))

    def correction(self) -> Correction:
        """What was sent, as the petition's room names it."""
        values: dict[str, Any] = {one: self[one].data for one in ("name", "country", "comment")}
        return Correction(**values, postcode=self.postcode.data.upper())


class CorrectGiftForm(_CorrectForm):
    """The name on a gift and its receipt."""

    name = NameField()

    def __init__(self, gift: Donation, sent: MultiDict[str, str] | None = None) -> None:
        super().__init__(gift.public_id, {"name": gift.name}, sent)
