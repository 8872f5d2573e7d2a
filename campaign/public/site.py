"""Pages about the site itself, and what machines ask every site for."""

from datetime import timedelta

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Response, render_template
from flask.typing import ResponseReturnValue

from campaign.campaigns import queries
from campaign.core import clock
from campaign.core.database import db
from campaign.core.http.headers import cacheable
from campaign.petitions.confirmation import LINK_LIFE
from campaign.petitions.retention import NETWORK_LIFE, UNCONFIRMED_LIFE
from campaign.privacy import policies
from campaign.public.blueprint import bp
from campaign.public.campaigns import page_links
from campaign.reports.organisation import organisation_facts
from campaign.reports.summary import campaign_counts
from campaign.settings import ROOT, current_settings


@bp.get("/about")
@cacheable
def about() -> ResponseReturnValue:
    return render_template("public/about.html")


@bp.get("/privacy")
@cacheable
def privacy() -> ResponseReturnValue:
    return render_template(
        "public/privacy.html",
        policy={
            "link_days": LINK_LIFE.days,
            "pending_days": UNCONFIRMED_LIFE.days,
            "network_hash_days": NETWORK_LIFE.days,
        },
        kept=policies.list_kept(db.session(), queries.list_open_campaigns(db.session(), now=clock.now())),
    )


@bp.get("/how-we-count")
@cacheable
def how_we_count() -> ResponseReturnValue:
    """The rules, and what they come to for each open campaign."""
    now = clock.now()
    campaigns = queries.list_open_campaigns(db.session(), now=now)
    counts = campaign_counts(db.session(), campaigns, now=now)
    return render_template(
        "public/how_we_count.html",
        counted=[(campaign, counts[campaign.id]) for campaign in campaigns],
        link_days=LINK_LIFE.days,
        pending_days=UNCONFIRMED_LIFE.days,
    )


@bp.get("/accessibility")
@cacheable
def accessibility() -> ResponseReturnValue:
    return render_template("public/accessibility.html")


@bp.get("/contact")
@cacheable
def contact() -> ResponseReturnValue:
    return render_template("public/contact.html")


@bp.get("/robots.txt")
@cacheable
def robots() -> ResponseReturnValue:
    """Campaigns may be found; forms, links from mails and the staff's pages may not."""
    lines = [
        "User-agent: *",
        *(
            f"Disallow: {path}"
            for path in (
                "/admin",
                "/confirm/",
                "/unsubscribe/",
                "/preferences/",
                "/donations/",
                "/campaigns/*/sign",
                "/campaigns/*/donate",
                "/preview/",
                "/campaigns/*/comments/",
                "/sandbox/",
            )
        ),
        f"Sitemap: {page_links().home()}sitemap.xml",
    ]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@bp.get("/sitemap.xml")
@cacheable
def sitemap() -> ResponseReturnValue:
    """The pages worth finding (sitemaps.org)."""
    campaigns = queries.list_open_campaigns(db.session(), now=clock.now())
    body = render_template("public/sitemap.xml", campaigns=campaigns, links=page_links())
    return Response(body, mimetype="application/xml")


@bp.get("/.well-known/security.txt")
@cacheable
def security_txt() -> ResponseReturnValue:
    """Whom to tell of a weakness (RFC 9116). The date is a whole day, so that the page caches."""
    settings = current_settings()
    expires = (clock.now() + timedelta(days=180)).date().isoformat()
    body = (
        f"Contact: mailto:{organisation_facts(db.session(), settings)['contact_email']}\n"
        f"Expires: {expires}T00:00:00Z\n"
        f"Canonical: {settings.address}/.well-known/security.txt\n"
    )
    return Response(body, mimetype="text/plain")


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Alive."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Able to serve: the database answers and its schema is the program's."""
    newest = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    current = MigrationContext.configure(db.session().connection()).get_current_revision()
    if current != newest:
        return Response(
            f"the database is at {current}, the program needs {newest}: run make upgrade\n",
            503,
            mimetype="text/plain",
            headers={"Retry-After": "10"},
        )
    return Response("ready\n", mimetype="text/plain")
