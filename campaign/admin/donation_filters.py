"""The filters of the list of donations, as they stand in its address. The address names no person.

Whose gifts are shown is said there by one of that donor's gifts, never by an address: see `donations.donations_find`.
"""

import re
from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _

from campaign.admin.access import current_campaign
from campaign.admin.filters import day_start
from campaign.core.database import db
from campaign.core.errors import NotFound
from campaign.donations.listing import Filters, find_by_reference
from campaign.donations.models import DonationState, Frequency

LONGEST = 254
_CURRENCY = re.compile("[A-Z]{3}", re.ASCII)
_NAMES = ("state", "frequency", "currency", "source", "from", "until", "donor")


def query_of_request() -> dict[str, Any]:
    """The filters as they stand in the address, for links that keep them."""
    return {name: request.args[name] for name in _NAMES if request.args.get(name)}


def filters_of_request() -> Filters:
    """The filters in the address; what is no known value of one narrows nothing. Raises NotFound for a donor."""
    args: Mapping[str, str] = request.args
    return Filters(
        state=DonationState(args["state"]) if args.get("state") in set(DonationState) else None,
        frequency=Frequency(args["frequency"]) if args.get("frequency") in set(Frequency) else None,
        currency=args["currency"] if _CURRENCY.fullmatch(args.get("currency", "")) else "",
        source=args.get("source", "").strip()[:LONGEST],
        email_key=_donor(args["donor"]) if args.get("donor") else "",
        begun_from=day_start(args.get("from", "")),
        begun_before=day_start(args.get("until", ""), days=1),
    )


def _donor(public_id: str) -> str:
    """The key of the address behind a gift; of one whose donor was forgotten nothing else is to be found."""
    donation = find_by_reference(db.session(), current_campaign().id, public_id)
    if donation is None or not donation.email:
        raise NotFound(_("There is no such donor."))
    return donation.email_key


def described(filters: Filters) -> dict[str, Any]:
    """The filters for the trail, which never holds an address or a name."""
    return {"state": filters.state.value if filters.state else None, "searched": bool(filters.email_key)}
