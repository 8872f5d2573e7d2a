"""Forgetting a signer: the signature stays as an anonymous one, and the count with it.

What stays is what counts: the campaign, the wording, country, article and times, and the keyed hash of the address, so
that nobody can sign with it again while the petition is open.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, delete, literal, update
from sqlalchemy.orm import Session

from campaign.mail.models import MailKind
from campaign.mail.outbox import delete_unsent
from campaign.petitions import rollups, screening
from campaign.petitions.invalidation.records import forget_address
from campaign.petitions.models import DecidedSignature, Signature, SignatureSignal, SignatureState

# What stands for the hash of an address that is forgotten as well; the row's id makes it unique, as the column is.
GONE = "gone:"
_NOTHING: dict[str, Any] = {
    "name": None,
    "name_folded": None,
    "email": None,
    "postcode": "",
    "comment": "",
    "comment_state": None,
    "show_name": False,
    "wants_updates": False,
    "network_hash": None,
    "mailbox_key": None,
    "email_domain": None,
    "decision_reason": "",  # what a moderator wrote may name somebody
    "state_before": None,  # an invalidated one stays so for good
}


def forget(session: Session, signature: Signature, *, now: datetime) -> None:
    """Empty what tells who signed, here and in all that was noted beside it, and void the mailed links.

    The state stays as it is; a caller that takes the signature out moves it first. `signature` is as it was read.
    """
    if signature.email is not None:
        rollups.forget_origin(
            session, signature.campaign_id, email=signature.email, network_hash=signature.network_hash,
            signed_at=signature.created_at, confirmed_at=signature.confirmed_at,
        )  # fmt: skip
        forget_address(session, signature.campaign_id, signature.email, now=now)
    delete_unsent(session, [MailKind.CONFIRM_SIGNATURE, MailKind.ALREADY_SIGNED], [signature.id])
    screening.forget(session, signature)
    session.execute(delete(DecidedSignature).where(DecidedSignature.signature_id == signature.id))
    held_for = signature.held_for if signature.state is SignatureState.HELD else None
    session.execute(
        update(Signature)
        .where(Signature.id == signature.id)
        .values(
            **_NOTHING,
            held_for=held_for,
            token_version=Signature.token_version + 1,
            edition=Signature.edition + 1,  # also where nothing moved: what a moderator saw is gone
        )
        .execution_options(synchronize_session=False)
    )


def anonymise(session: Session, ids: Sequence[int]) -> int:
    """Forget who signed, for signatures of a campaign that is over: not even the hash of the address stays.

    Gives how many still told who they were.
    """
    for noted in (SignatureSignal, DecidedSignature):
        session.execute(delete(noted).where(noted.signature_id.in_(ids)))
    done = session.execute(
        update(Signature)
        .where(Signature.id.in_(ids))
        .values(
            **_NOTHING,
            email_key=literal(GONE).concat(cast(Signature.id, String)),
            token_version=Signature.token_version + 1,
            edition=Signature.edition + 1,
        )
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
