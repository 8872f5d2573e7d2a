"""The blueprint of the staff's pages. The gate in `access.py` stands before every one of them."""

from flask import Blueprint

bp = Blueprint("admin", "campaign", url_prefix="/admin")
