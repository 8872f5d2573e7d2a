"""Confirming: the signer presses the button behind the mailed link; screening decides at that moment."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.audit.data_deeds import note
from campaign.audit.models import DeedKind
from campaign.campaigns.models import Campaign
from campaign.core.errors import Closed, NotFound
from campaign.core.tokens import Purpose, Token, Tokens
from campaign.petitions import screening
from campaign.petitions.forgetting import forget
from campaign.petitions.models import Signature, SignatureState
from campaign.petitions.transitions import Move, move
from campaign.supporters.subscribing import subscribe, unsubscribe

LINK_LIFE = timedelta(days=7)


def confirmation_token(tokens: Tokens, signature: Signature) -> str:
    """The token of the link that is mailed; made anew at each sending, good for LINK_LIFE from then."""
    return tokens.make(Purpose.CONFIRM_SIGNATURE, signature.id, signature.token_version)


def find_by_token(session: Session, token: Token) -> Signature:
    """The signature that the token is for. Raises NotFound where it is gone or the link was voided."""
    signature = session.get(Signature, token.row_id)
    if signature is None or signature.token_version != token.version or signature.state is SignatureState.WITHDRAWN:
        raise NotFound("There is no signature behind this link.")
    return signature


def confirm(session: Session, token: Token, *, now: datetime, network_hash: str | None = None) -> Signature:
    """Confirm once, counting or holding; confirming again changes nothing. Gives the signature.

    `network_hash` is where the button was pressed: screening compares it with where the form came from, and forgets it.
    Raises NotFound as `find_by_token`, Closed for a signature of a campaign that ended before it was confirmed.
    """
    signature = find_by_token(session, token)
    if signature.state is not SignatureState.PENDING:
        return signature
    campaign = session.get_one(Campaign, signature.campaign_id)
    if not campaign.is_open(now):
        raise Closed("This petition has closed, so signatures can no longer be confirmed.")
    findings = screening.screen(session, signature, now=now, confirmed_from=network_hash)
    reason = screening.holding(findings)
    by = Move.CONFIRM if reason is None else Move.CONFIRM_TO_HELD
    if not move(session, [signature.id], campaign_id=campaign.id, by=by, now=now, held_for=reason):
        return signature  # pressed twice at once: the other press did it
    screening.note(session, [(signature.id, one) for one in findings], campaign_id=campaign.id, now=now)
    if signature.wants_updates and signature.email:
        subscribe(
            session,
            campaign_id=campaign.id,
            email=signature.email,
            email_key=signature.email_key,
            language=signature.language,
            wording_version=signature.consent_version,
            channel="signature",
            now=now,
        )
    return signature


def disown(session: Session, token: Token, *, now: datetime) -> Campaign:
    """ "This wasn't me": take the signature out, forget the person, and void its links.

    Only the keyed hash of the address stays, so that nobody can have it written to again about this petition.
    Again: nothing more. Gives the campaign. Raises NotFound where the signature is gone or the link was voided.
    """
    signature = session.get(Signature, token.row_id)
    if signature is None:
        raise NotFound("There is no signature behind this link.")
    campaign = session.get_one(Campaign, signature.campaign_id)
    if signature.email is None:
        return campaign  # forgotten already
    if signature.token_version != token.version:
        raise NotFound("There is no signature behind this link.")
    moved = move(session, [signature.id], campaign_id=signature.campaign_id, by=Move.WITHDRAW, now=now)
    if unsubscribe(session, campaign_id=campaign.id, email_key=signature.email_key, now=now):
        note(session, DeedKind.UNSUBSCRIBED, person_key=signature.email_key, campaign_id=campaign.id, now=now)
    if moved:
        note(session, DeedKind.WITHDRAWN, person_key=signature.email_key, campaign_id=campaign.id, now=now)
    note(session, DeedKind.SIGNATURE_ERASED, person_key=signature.email_key, campaign_id=campaign.id, now=now)
    session.refresh(signature)
    forget(session, signature, now=now)
    return campaign
