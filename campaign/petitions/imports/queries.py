"""Reading imports."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.petitions.models import SignatureImport


def many_imports(session: Session, ids: Collection[int]) -> dict[int, SignatureImport]:
    """These imports, by id; no statement for none."""
    if not ids:
        return {}
    return {row.id: row for row in session.scalars(select(SignatureImport).where(SignatureImport.id.in_(ids)))}
