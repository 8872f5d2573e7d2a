"""Commands for the shell, one file per subject. Each fails with a sentence on standard error, never a traceback."""

from flask import Flask

from campaign.cli import stripe


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(stripe.commands)
