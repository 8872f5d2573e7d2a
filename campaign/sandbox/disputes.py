"""Disputes: the money goes at once, comes back when won, and stays away when lost (docs.stripe.com/disputes)."""

from typing import Any

from campaign.sandbox import agenda, fraud_warnings, shapes
from campaign.sandbox.errors import ApiError
from campaign.sandbox.events import change, emit
from campaign.sandbox.money import exponent
from campaign.sandbox.params import merged_metadata
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

OVERDUE = "dispute deadline"
REASONS = (
    "bank_cannot_process check_returned credit_not_processed customer_initiated debit_not_authorized duplicate "
    "fraudulent general incorrect_account_details insufficient_funds noncompliant product_not_received "
    "product_unacceptable subscription_canceled unrecognized"
).split()
# Texts in evidence[uncategorized_text] that decide a test dispute (docs.stripe.com/testing#disputes).
_WINNING, _LOSING = "winning_evidence", "losing_evidence"
UNDECIDED = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
_TAKES_THE_MONEY = ("needs_response", "under_review", "lost")
# An assumption of the sandbox: what Stripe asks in the UK, £20, kept whoever wins.
_FEE_UNITS = 20
_WHY = {"dispute": "Chargeback withdrawal", "dispute_reversal": "Chargeback reversal"}


def open_dispute(
    world: World, paid: Obj, *, amount: int | None = None, reason: str = "fraudulent", inquiry: bool = False
) -> Obj:
    """The cardholder disputes a charge, or only inquires, which takes no money yet; returns the dispute."""
    left = paid["amount"] - paid["amount_refunded"]
    dispute = shapes.dispute(
        paid, amount=left if amount is None else amount, reason=reason, inquiry=inquiry, created=world.now()
    )
    world.store.add(dispute)
    change(world, "charge.updated", paid, disputed=True)
    emit(world, "charge.dispute.created", dispute)
    if not inquiry:
        _withdraw(world, dispute)
    agenda.plan(world, dispute["evidence_details"]["due_by"], OVERDUE, dispute["id"])
    fraud_warnings.look_again(world, paid)
    return dispute


def _withdraw(world: World, dispute: Obj) -> None:
    fee = _FEE_UNITS * 10 ** exponent(dispute["currency"])
    _move(world, dispute, category="dispute", amount=-dispute["amount"], fee=fee)
    emit(world, "charge.dispute.funds_withdrawn", dispute)


def _move(world: World, dispute: Obj, *, category: str, amount: int, fee: int) -> None:
    movement = shapes.balance_transaction(
        {**dispute, "description": f"{_WHY[category]} for {dispute['charge']}"},
        kind="adjustment",
        category=category,
        amount=amount,
        fee=fee,
        fee_description="Dispute fee",
        created=world.now(),
    )
    world.store.add(movement)
    dispute["balance_transactions"] = [*dispute["balance_transactions"], movement]
    world.store.save(dispute)


def close(world: World, dispute: Obj, *, won: bool) -> Obj:
    """The bank decides. Raises ApiError when it has decided before."""
    if dispute["status"] not in UNDECIDED:
        raise ApiError(f"This dispute is already closed: {dispute['id']} is {dispute['status']}.")
    agenda.forget(world, dispute["id"])
    if dispute["status"].startswith("warning"):
        if won:
            return _close(world, dispute, "warning_closed")
        _escalate(world, dispute)
    if won:
        _move(world, dispute, category="dispute_reversal", amount=dispute["amount"], fee=0)
    _close(world, dispute, "won" if won else "lost")
    if won:
        emit(world, "charge.dispute.funds_reinstated", dispute)
    return dispute


def _escalate(world: World, dispute: Obj) -> None:
    """An inquiry becomes a dispute, which takes the money."""
    dispute.update(is_charge_refundable=False, status="needs_response")
    _withdraw(world, dispute)


def _close(world: World, dispute: Obj, status: str) -> Obj:
    dispute["status"] = status
    world.store.save(dispute)
    emit(world, "charge.dispute.closed", dispute)
    return dispute


def update(world: World, dispute: Obj, given: dict[str, Any]) -> Obj:
    """Answer a dispute (docs.stripe.com/api/disputes/update). Raises ApiError."""
    fields: Obj = {}
    evidence = given.get("evidence", {})
    if evidence:
        if dispute["status"] not in UNDECIDED:
            raise ApiError("This dispute is already closed: its evidence cannot be changed.")
        fields["evidence"] = {**dispute["evidence"], **{name: text or None for name, text in evidence.items()}}
    if "metadata" in given:
        fields["metadata"] = merged_metadata(dispute["metadata"], given["metadata"])
    if evidence and given.get("submit", True):
        details = dispute["evidence_details"]
        fields["evidence_details"] = {
            **details,
            "has_evidence": True,
            "submission_count": details["submission_count"] + 1,
        }
        fields["status"] = dispute["status"].replace("needs_response", "under_review")
    change(world, "charge.dispute.updated", dispute, **fields)
    said = evidence.get("uncategorized_text")
    if said in (_WINNING, _LOSING) and given.get("submit", True):
        return close(world, dispute, won=said == _WINNING)
    return dispute


def overdue(world: World, dispute_id: str) -> None:
    """Nobody answered in time: it is lost. What was answered waits for the bank."""
    dispute = world.store.find(dispute_id, "dispute")
    if dispute and dispute["status"].endswith("needs_response"):
        details = {**dispute["evidence_details"], "past_due": True}
        dispute["evidence_details"] = details
        close(world, dispute, won=dispute["status"] == "warning_needs_response")


def holds_money(world: World, paid: Obj) -> bool:
    """Whether a dispute has taken the charge's money, so that it cannot be refunded as well."""
    found = world.store.select("dispute", "json_extract(body, '$.charge') = ?", (paid["id"],))
    return any(dispute["status"] in _TAKES_THE_MONEY for dispute in found)
