"""One donation: its story step by step, giving money back, and ending a monthly gift."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, HiddenField, StringField, ValidationError

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.forms import StaffForm
from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import Closed, NotFound
from campaign.core.http.fields import LineField
from campaign.core.identifiers import new_public_id
from campaign.core.money import AmountRefused, parse_amount, plain_amount
from campaign.donations import changing, refunding
from campaign.donations.models import ChangeKind, ChangeState, MonthlyGiftState, Payment
from campaign.donations.refunding import TooMuch, UnderDispute, Wish
from campaign.donations.story import Story, get_story

SHORTEST_REASON = 3


class RefundForm(StaffForm):
    """How much goes back, and why. Its key makes a double click one refund."""

    amount = StringField()
    reason = LineField(longest=500)
    form_key = HiddenField()

    def __init__(self, payment: Payment, left_minor: int) -> None:
        data = {"amount": plain_amount(left_minor, payment.currency), "form_key": new_public_id()}
        super().__init__(data=data)
        self._currency = payment.currency
        self.amount_minor = 0

    def validate_amount(self, field: Field) -> None:
        """A plain amount in the payment's currency."""
        try:
            self.amount_minor = parse_amount(field.data or "", self._currency)
        except AmountRefused:
            raise ValidationError(_("Enter an amount in figures, like 25 or 12.50.")) from None

    def validate_reason(self, field: Field) -> None:
        """A word at least that somebody else understands."""
        if len(field.data) < SHORTEST_REASON:
            raise ValidationError(_("Write why the money goes back, like “Given twice by mistake”."))

    def validate_form_key(self, field: Field) -> None:
        """The key of the page, or a fresh one for who sends none."""
        field.data = (field.data or new_public_id())[:64]


class EndForm(StaffForm):
    """Why a monthly gift is ended by us."""

    reason = LineField(longest=500)

    def validate_reason(self, field: Field) -> None:
        """A word at least that somebody else understands."""
        if len(field.data) < SHORTEST_REASON:
            raise ValidationError(_("Write why the gift is ended, like “The donor asked by phone”."))


def _story(public_id: str) -> Story:
    return get_story(db.session(), current_campaign().id, public_id)


def _page(story: Story, form: EndForm) -> str:
    left = {payment.id: refunding.left_to_refund(db.session(), payment) for payment in story.payments}
    return render_template(
        "admin/donation.html",
        story=story,
        donation=story.donation,
        left=left,
        form=form,
        wanted=[change for change in story.changes if change.state is ChangeState.WANTED],
        may_end=[
            gift for gift in story.gifts if gift.state is not MonthlyGiftState.CANCELED and gift.cancel_asked_at is None
        ],
    )


@bp.get("/campaigns/<slug>/donations/<public_id>")
def donations_one(slug: str, public_id: str) -> ResponseReturnValue:
    """What was asked, what came, what went back, and when."""
    return _page(_story(public_id), EndForm(formdata=None))


@bp.route("/campaigns/<slug>/donations/<public_id>/refund", methods=["GET", "POST"])
def donations_refund(slug: str, public_id: str) -> ResponseReturnValue:
    """Give a payment back, all that is left of it or a part. The worker asks Stripe; only its word makes it so."""
    story = _story(public_id)
    payment = _payment(story)
    left_minor = refunding.left_to_refund(db.session(), payment)
    form = RefundForm(payment, left_minor)
    context: dict[str, Any] = {"donation": story.donation, "payment": payment, "left_minor": left_minor}
    if request.method == "GET":
        blocked = refunding.is_under_dispute(db.session(), payment)
        return render_template("admin/refund.html", form=form, blocked=blocked, **context)
    if not form.validate():
        return render_template("admin/refund.html", form=form, blocked=False, **context), 422
    wish = Wish(payment_id=payment.id, amount_minor=form.amount_minor, reason=form.reason.data)
    try:
        with transaction() as session:
            refunding.ask_refund(
                session, story.donation, wish, form_key=form.form_key.data, actor=actor(), now=clock.now()
            )
    except UnderDispute:
        return render_template("admin/refund.html", form=form, blocked=True, **context), 409
    except TooMuch:
        form.amount.errors = [_("This is more than is left of the payment.")]
        return render_template("admin/refund.html", form=form, blocked=False, **context), 422
    flash(_("The refund is on its way to Stripe. This page shows when it is done."), "success")
    return redirect(url_for("admin.donations_one", slug=slug, public_id=public_id), 303)


def _payment(story: Story) -> Payment:
    """The payment that the address names, else the only one. Raises NotFound."""
    wanted = request.values.get("payment")
    found = [payment for payment in story.payments if wanted in (None, payment.payment_intent)]
    if len(found) != 1:
        raise NotFound("There is no such payment.")
    return found[0]


@bp.post("/campaigns/<slug>/donations/<public_id>/end")
def donations_end(slug: str, public_id: str) -> ResponseReturnValue:
    """End a monthly gift for the donor: nothing is charged any more, whatever Stripe does."""
    story, form = _story(public_id), EndForm()
    if not story.gifts:
        raise NotFound("This gift is not a monthly one.")
    if not form.validate():
        return _page(story, form), 422
    now = clock.now()
    for gift in story.gifts:
        try:
            with transaction() as session:
                changing.ask_change(session, gift.id, ChangeKind.CANCEL, asked_by=actor(), now=now)
                record(
                    session, actor=actor(), action="monthly_gift.ended", object_type="donation", object_id=public_id,
                    now=now, campaign_id=story.donation.campaign_id, reason=form.reason.data,
                )  # fmt: skip
        except Closed:
            continue  # it has ended already
    flash(_("Nothing more will be charged. Stripe is being told."), "success")
    return redirect(url_for("admin.donations_one", slug=slug, public_id=public_id), 303)
