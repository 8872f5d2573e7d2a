"""Runs migrations on the application's own engine, in one transaction."""

from alembic import context
from flask import current_app

import campaign.audit.models
import campaign.campaigns.models
import campaign.donations.models
import campaign.mail.models
import campaign.petitions.models
import campaign.privacy.models
import campaign.staff.models
import campaign.supporters.models  # noqa: F401 - every room's tables, so that none is missed
from campaign.core.database import db

config = context.config


def run() -> None:
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect().execution_options(writes=True) as connection:
        context.configure(connection=connection, target_metadata=db.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
