"""The forms for rejecting in bulk: which signatures, why, and why not after all."""

from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectField, ValidationError

from campaign.admin.fields import MomentField
from campaign.admin.forms import StaffForm, language
from campaign.core.addresses import address_domain
from campaign.core.errors import DomainError
from campaign.core.formatting import countries
from campaign.core.http.fields import CountryField, LineField
from campaign.core.networks import network_label
from campaign.petitions.invalidation.conditions import WILDCARD, Conditions
from campaign.petitions.invalidation.records import SHORTEST_REASON
from campaign.petitions.models import Invalidation, RemovalReason, Signal, SignatureState
from campaign.petitions.networks import find_network
from campaign.settings import current_settings

MOST_WILDCARDS = 5
# What may stand in an address of a page: nothing that tells who somebody is.
IN_QUERY = ("network", "domain", "source", "country", "since", "until", "signal", "state")


class ConditionsForm(StaffForm):
    """Which signatures. Prepared conditions come in the query of the page, names and addresses only in the form."""

    network = LineField(longest=20)
    domain = LineField(longest=254)
    address = LineField(longest=254)
    name = LineField(longest=200)
    source = LineField(longest=200)
    country = CountryField(default="")
    since = MomentField()
    until = MomentField()
    signal = SelectField(validate_choice=False, default="")
    state = SelectField(validate_choice=False, default="")

    def __init__(self) -> None:
        super().__init__()
        self.country.choices = [("", _("Any country")), *countries(language())]
        if request.method == "GET":
            self.process(MultiDict((name, request.args[name]) for name in IN_QUERY if request.args.get(name)))

    def validate_domain(self, field: Field) -> None:
        """A domain, or a pattern of one."""
        if field.data:
            field.data = _domain(field.data.removeprefix("@"))

    def validate_address(self, field: Field) -> None:
        """Something on both sides of an @, and not anything at all on both."""
        if not field.data:
            return
        local, at, domain = field.data.rpartition("@")
        if not at or not local:
            raise ValidationError(_("Enter an address or a pattern with an @, like bot*@example.org."))
        if set(local) == set(domain) == {WILDCARD}:
            raise ValidationError(_("This fits every address. Write more of it."))
        _check_wildcards(local)
        field.data = f"{local}@{domain if domain == WILDCARD else _domain(domain)}"

    def validate_name(self, field: Field) -> None:
        """A name, or a pattern of one."""
        _check_wildcards(field.data)
        if field.data and not field.data.replace(WILDCARD, "").strip():
            raise ValidationError(_("This fits every name. Write more of it."))

    def validate_until(self, field: Field) -> None:
        """After the beginning."""
        if field.data and self.since.data and field.data <= self.since.data:
            raise ValidationError(_("Choose an end after the beginning."))

    def validate_signal(self, field: Field) -> None:
        """Only what there is."""
        if field.data and field.data not in set(Signal):
            raise ValidationError(_("Choose a reason from the list."))

    def validate_state(self, field: Field) -> None:
        """Only states out of which signatures can be rejected."""
        if field.data not in ("", SignatureState.CONFIRMED, SignatureState.HELD):
            raise ValidationError(_("Choose from the list."))

    def to_conditions(self, session: Session, campaign_id: int) -> Conditions | None:
        """What the room takes; None, with what is wrong said in the form, where it is not good."""
        if not self.validate():
            return None
        network_hash = ""
        if self.network.data:
            try:
                network_hash = find_network(session, campaign_id, self.network.data)
            except DomainError:
                self.network.errors = [_("No signature that is kept here came from this network.")]
                return None
        conditions = Conditions(
            network_hash=network_hash,
            domain=self.domain.data,
            address=self.address.data,
            name=self.name.data.casefold(),
            source=self.source.data,
            country=self.country.data,
            since=self.since.data,
            until=self.until.data,
            signal=Signal(self.signal.data) if self.signal.data else None,
            state=SignatureState(self.state.data) if self.state.data else None,
        )
        if not conditions:
            self.form_errors = [_("Fill in at least one condition. Without one, everybody would be meant.")]
            return None
        return conditions


class RunForm(StaffForm):
    """Why, for the public and for the staff."""

    reason_class = SelectField(validate_choice=False, default="")
    reason = LineField(longest=500)

    def validate_reason_class(self, field: Field) -> None:
        """Only classes that there are."""
        if field.data not in set(RemovalReason):
            raise ValidationError(_("Choose what the public is told."))

    def validate_reason(self, field: Field) -> None:
        """Something that somebody else understands."""
        _check_reason(field)


class RestoreForm(StaffForm):
    """Why they go back."""

    restore_reason = LineField(longest=500)

    def validate_restore_reason(self, field: Field) -> None:
        """Something that somebody else understands."""
        _check_reason(field)


def prepared_query(invalidation: Invalidation) -> dict[str, Any]:
    """Stored conditions as the query that prepares the form, as far as they may stand in an address."""
    stored = invalidation.conditions
    query = {name: stored[name] for name in IN_QUERY if name in stored}
    for name in ("since", "until"):
        if name in query:
            local = datetime.fromisoformat(query[name]).astimezone(current_settings().zone)
            query[name] = local.strftime("%Y-%m-%dT%H:%M")  # what the browser's control takes
    return query | ({"network": network_label(stored["network_hash"])} if "network_hash" in stored else {})


def _check_reason(field: Field) -> None:
    if len(field.data) < SHORTEST_REASON:
        raise ValidationError(_("Write why, so that somebody else understands it."))


def _check_wildcards(pattern: str) -> None:
    if pattern.count(WILDCARD) > MOST_WILDCARDS:
        raise ValidationError(_("Use at most %(num)s stars.", num=MOST_WILDCARDS))


def _domain(typed: str) -> str:
    """As the addresses' domains are kept. A pattern is taken as it is, in small letters."""
    _check_wildcards(typed)
    if WILDCARD in typed:
        if not typed.replace(WILDCARD, "").strip("."):
            raise ValidationError(_("This fits every domain. Write more of it."))
        return typed.casefold()
    try:
        return address_domain(f"a@{typed}")
    except ValueError:
        raise ValidationError(_("Enter a domain, like example.org or *.example.org.")) from None
