"""Commands for the shell, one file per subject. Each fails with a sentence on standard error, never a traceback."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
