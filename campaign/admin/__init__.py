"""The staff's pages, one file per subject."""

from flask import Flask

from campaign.admin import (  # noqa: F401 - each adds its routes
    answers,
    campaigns,
    donation_charts,
    donation_exports,
    donations,
    exports,
    gift_aid,
    goals,
    handovers,
    imports,
    invalidations,
    mail,
    mail_previews,
    mailings,
    messages,
    moderating,
    offline,
    offline_files,
    one_donation,
    one_signature,
    organisation,
    overview,
    people,
    pictures,
    previews,
    reports,
    revisions,
    screening,
    sharing,
    signatures,
    spending,
    statistics,
    stripe,
    supporters,
    tallies,
    trends,
    updates,
)
from campaign.admin.access import guard, may
from campaign.admin.blueprint import bp
from campaign.admin.navigation import page_context
from campaign.admin.reasons import signal_name, signal_sentence, signal_tone
from campaign.admin.security import init_security
from campaign.core.networks import network_label
from campaign.petitions.screening.covering import covered


def init_app(app: Flask) -> None:
    """Add sign-in, the gate and the routes."""
    init_security(app)
    app.before_request(guard)
    app.register_blueprint(bp)
    app.context_processor(page_context)
    app.jinja_env.globals["may"] = may
    app.jinja_env.filters.update(
        covered=covered,
        network_label=network_label,
        signal_name=signal_name,
        signal_sentence=signal_sentence,
        signal_tone=signal_tone,
    )
