"""Where a campaign's money goes: the budget, which editors write, and the payouts, which admins book."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import DateField, Field, HiddenField, SelectField, StringField, TextAreaField, ValidationError

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.fields import read_amount
from campaign.admin.forms import StaffForm
from campaign.admin.lines import lines_meanwhile, read_budget, shown_budget
from campaign.campaigns import queries, spending
from campaign.campaigns.spending import NoSuchDelivery, PayoutFields
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import ChangedMeanwhile
from campaign.core.http.fields import LineField
from campaign.core.identifiers import new_public_id
from campaign.reports.money import balances
from campaign.reports.summary import campaign_gifts


class BudgetForm(StaffForm):
    """The budget as text: a purpose and a sum on each line. `pairs` is what was read."""

    lines = TextAreaField()
    seen = HiddenField()

    def validate_lines(self, field: Field) -> None:
        """A purpose, a colon and an amount on each line."""
        self.pairs = read_budget(field.data, current_campaign().currency)

    def validate_seen(self, field: Field) -> None:
        """The budget from which the form started; scripts that do not say so mean the present one."""
        self.seen_pairs = read_budget(field.data, current_campaign().currency) if field.raw_data else None


class PayoutForm(StaffForm):
    """Money that was passed on."""

    receiver = LineField(longest=200, needed=lazy_gettext("Write who was paid."))
    amount = StringField()
    paid_on = DateField(validators=[], invalid_value_message=lazy_gettext("Enter a day, like 2026-03-12."))
    purpose = SelectField(validate_choice=False, default="")
    delivery = SelectField(validate_choice=False, default="")
    key = HiddenField()

    def __init__(self) -> None:
        super().__init__()
        campaign, session = current_campaign(), db.session()
        self.amount_minor = 0
        self.key.data = self.key.data or new_public_id()
        self.purpose.choices = [(line.purpose, line.purpose) for line in spending.list_budget(session, campaign.id)]
        self.purpose.choices.append(("", _("Another purpose")))
        told = queries.list_deliveries(session, campaign.id)
        self.delivery.choices = [("", _("None")), *((update.public_id, update.title) for update in told)]

    def validate_amount(self, field: Field) -> None:
        """An amount above zero."""
        amount_minor = read_amount(field.data, current_campaign().currency)
        if amount_minor is None:
            raise ValidationError(_("Enter an amount with digits, like 25 or 12.50."))
        self.amount_minor = amount_minor

    def validate_paid_on(self, field: Field) -> None:
        """A day that has been, where the site is."""
        if field.data is None:
            raise ValidationError(_("Enter a day, like 2026-03-12."))
        if field.data > clock.now().astimezone(self.meta.zone).date():
            raise ValidationError(_("Enter a day that has been."))

    def validate_purpose(self, field: Field) -> None:
        """A line of the budget, or none."""
        if field.data not in dict(field.choices):
            raise ValidationError(_("Choose a purpose from the list."))

    def to_fields(self) -> PayoutFields:
        """What the room takes."""
        return PayoutFields(
            receiver=self.receiver.data,
            amount_minor=self.amount_minor,
            currency=current_campaign().currency,
            paid_on=self.paid_on.data,
            purpose=self.purpose.data,
            delivery=self.delivery.data,
        )


def _stored_budget() -> str:
    campaign = current_campaign()
    lines = spending.list_budget(db.session(), campaign.id)
    currency = lines[0].currency if lines else campaign.currency
    return shown_budget([(line.purpose, line.amount_minor) for line in lines], currency)


def _page(budget: BudgetForm | None = None, payout: PayoutForm | None = None, **more: Any) -> str:
    campaign, session = current_campaign(), db.session()
    if budget is None:
        budget = BudgetForm(formdata=None)
        budget.lines.data = budget.seen.data = _stored_budget()
    return render_template(
        "admin/spending.html",
        budget=budget,
        payout=payout or PayoutForm(),
        balances=balances(session, campaign, campaign_gifts(session, campaign)),
        spending=spending.spending_by_purpose(session, campaign.id),
        payouts=spending.list_payouts(session, campaign.id, with_taken_back=True),
        **more,
    )


@bp.get("/campaigns/<slug>/spending")
def spending_page(slug: str) -> ResponseReturnValue:
    """Given, passed on, held; the budget; each payout."""
    return _page()


@bp.post("/campaigns/<slug>/spending/budget")
def spending_budget(slug: str) -> ResponseReturnValue:
    """Write the budget anew."""
    form, campaign = BudgetForm(), current_campaign()
    if not form.validate():
        return _page(budget=form), 422
    try:
        with transaction() as session:
            spending.set_budget(
                session,
                campaign.id,
                form.pairs,
                currency=campaign.currency,
                seen=form.seen_pairs,
                actor=actor(),
                now=clock.now(),
            )
    except ChangedMeanwhile:
        db.session.rollback()
        return _page(budget=form, meanwhile=lines_meanwhile(form, _stored_budget())), 409
    flash(_("Stored."), "success")
    return redirect(url_for("admin.spending_page", slug=slug), 303)


@bp.post("/campaigns/<slug>/spending/payouts")
def spending_payout(slug: str) -> ResponseReturnValue:
    """Book a payout."""
    form, campaign = PayoutForm(), current_campaign()
    if not form.validate():
        return _page(payout=form), 422
    try:
        with transaction() as session:
            spending.add_payout(
                session, campaign.id, form.to_fields(), form_key=form.key.data, actor=actor(), now=clock.now()
            )
    except NoSuchDelivery:
        form.delivery.errors = [_("Choose a delivery from the list.")]
        return _page(payout=form), 422
    flash(_("Booked. Readers see it on the page about where the money goes."), "success")
    return redirect(url_for("admin.spending_page", slug=slug), 303)


@bp.post("/campaigns/<slug>/spending/payouts/<public_id>/take-back")
def spending_take_back(slug: str, public_id: str) -> ResponseReturnValue:
    """Take a payout off the books, with a reason."""
    reason = request.form.get("reason", "").strip()
    if not 0 < len(reason) <= 500:
        abort(422, _("Write why the payout is taken back, in at most 500 characters."))
    with transaction() as session:
        spending.take_back_payout(
            session, current_campaign().id, public_id, reason=reason, actor=actor(), now=clock.now()
        )
    flash(_("Taken back. It stays in this list with the reason, and no longer counts."), "success")
    return redirect(url_for("admin.spending_page", slug=slug), 303)
