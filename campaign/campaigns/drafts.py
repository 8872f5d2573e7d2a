"""The secret link to a campaign that readers do not see yet: signed and not stored, and taken back by one press."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.errors import NotFound
from campaign.core.tokens import Token


def open_preview(session: Session, campaign_id: int) -> None:
    """Let links of the present version work."""
    _set(session, campaign_id, preview_open=True)


def close_preview(session: Session, campaign_id: int) -> None:
    """Take all links back that were given out; the next ones are of another version."""
    _set(session, campaign_id, preview_open=False, preview_version=Campaign.preview_version + 1)


def _set(session: Session, campaign_id: int, **values: object) -> None:
    # Past the session: an edition is for words, and nobody who is writing some should be told that they have changed.
    session.execute(
        update(Campaign).where(Campaign.id == campaign_id).values(**values).execution_options(synchronize_session=False)
    )


def get_previewed(session: Session, token: Token) -> Campaign:
    """The campaign that a link leads to. Raises NotFound once the link was taken back."""
    found = session.scalar(
        select(Campaign).where(
            Campaign.id == token.row_id, Campaign.preview_version == token.version, Campaign.preview_open
        )
    )
    if found is None:
        raise NotFound("This link was taken back.")
    return found
