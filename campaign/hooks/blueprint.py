"""The blueprint of the webhooks."""

from flask import Blueprint

bp = Blueprint("hooks", __name__, url_prefix="/hooks")
