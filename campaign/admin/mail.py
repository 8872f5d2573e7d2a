"""Mail as it stands: what waits, what was refused and why, who is not written to; and dead mails, to send again."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from campaign.admin.access import actor, may
from campaign.admin.blueprint import bp
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.paging import parse_cursor
from campaign.donations.models import Donation
from campaign.mail import again, health
from campaign.mail.again import AgainRefused
from campaign.mail.models import MailKind, OutboxMessage
from campaign.petitions.mail_domains import confirm_rates
from campaign.petitions.models import Signature

ABOUT_SIGNATURES = (MailKind.CONFIRM_SIGNATURE, MailKind.ALREADY_SIGNED)


@bp.get("/mail")
def mail() -> ResponseReturnValue:
    """The figures, and the mails that were given up."""
    session, now = db.session(), clock.now()
    after = parse_cursor(request.args.get("after"))
    page = health.list_failed(session, after=after)
    return render_template(
        "admin/mail.html",
        figures=health.mail_figures(session, now=now),
        most=health.MOST_COUNTED,
        trouble=health.mail_trouble(session, now=now),
        tellers=health.list_tellers(session, now=now),
        refusals=health.list_refusals(session, now=now),
        suppressions=health.count_suppressions(session),
        domains=confirm_rates(session, now=now),
        page=page,
        unbuilt=any(one.error.startswith(again.UNBUILT) for one in page.items),
        first_url=url_for("admin.mail") if after else None,
        next_url=url_for("admin.mail", after=page.next) if page.next else None,
    )


@bp.get("/mail/<int:mail_id>")
def mail_one(mail_id: int) -> ResponseReturnValue:
    """One mail: what it is about, what became of it, and whether it may go again."""
    session = db.session()
    found = health.get_mail(session, mail_id)
    suppression = health.find_suppression(session, found)
    return render_template(
        "admin/mail_one.html",
        mail=found,
        suppression=suppression,
        notices=health.list_notices(session, found),
        may_go=again.may_be_sent_again(found, suppression),
        about_url=_about(session, found),
    )


def _about(session: Session, found: OutboxMessage) -> str | None:
    """The page of the signature or the donation that the mail is about; opening that is in the trail."""
    row: Signature | Donation | None = None
    if found.kind in ABOUT_SIGNATURES:
        row = session.get(Signature, found.object_id)
    elif found.kind is MailKind.GIVING_LINK:
        row = session.get(Donation, found.object_id)
    campaign = session.get(Campaign, row.campaign_id) if row else None
    if row is None or campaign is None or not may("admin.signatures_one", campaign):
        return None
    if isinstance(row, Signature):
        return url_for("admin.signatures_one", slug=campaign.slug, signature_id=row.id)
    return url_for("admin.donations_one", slug=campaign.slug, public_id=row.public_id)


@bp.post("/mail/<int:mail_id>/again")
def mail_again(mail_id: int) -> ResponseReturnValue:
    """Queue a mail that was given up."""
    try:
        with transaction() as session:
            again.send_again(session, mail_id, actor=actor(), now=clock.now())
    except AgainRefused:
        flash(_("Not sent: who does not want our mail gets none, and a mailing goes to nobody twice."), "error")
    else:
        flash(_("The mail is queued again. It goes within seconds."), "success")
    return redirect(url_for("admin.mail_one", mail_id=mail_id), 303)


@bp.post("/mail/unbuilt/again")
def mail_unbuilt() -> ResponseReturnValue:
    """Queue the mails that could not be built, after a fault of ours was mended."""
    with transaction() as session:
        done = again.send_unbuilt_again(session, actor=actor(), now=clock.now())
    flash(ngettext("%(num)s mail is queued again.", "%(num)s mails are queued again.", done), "success")
    return redirect(url_for("admin.mail"), 303)
