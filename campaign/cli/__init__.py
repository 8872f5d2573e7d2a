"""Commands for the shell, one file per subject. Each fails with a sentence on standard error, never a traceback."""

from flask import Flask

from campaign.cli import demo, imports, mail, privacy, signatures, staff, stripe  # noqa: F401 - imports adds to signatures
from campaign.cli.serve import serve
from campaign.cli.settings import settings_command
from campaign.cli.up import up
from campaign.cli.worker import worker


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
    for command in (
        up,
        serve,
        settings_command,
        worker,
        demo.commands,
        privacy.commands,
        mail.commands,
        signatures.commands,
        staff.commands,
        stripe.commands,
    ):
        app.cli.add_command(command)
