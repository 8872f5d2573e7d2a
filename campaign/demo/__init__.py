"""The demo's mailbox: mail that a demo writes, to be read in the browser. Absent outside demo and test."""

from flask import Flask

from campaign.demo.mailbox import bp


def init_app(app: Flask) -> None:
    """Add the mailbox."""
    app.register_blueprint(bp)
