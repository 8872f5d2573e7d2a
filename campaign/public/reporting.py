"""Reporting a comment: a form without script or cookie, and a page that says what happens next."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, StringField

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import NotFound
from campaign.core.http.headers import cacheable
from campaign.core.http.limits import charge
from campaign.core.http.public_forms import PublicForm
from campaign.core.masking import unmask
from campaign.petitions import reporting
from campaign.petitions.models import ReportReason
from campaign.petitions.queries import PublicComment
from campaign.public.blueprint import bp
from campaign.public.campaigns import COMMENT_MASK, get_campaign
from campaign.settings import current_settings

LIMIT = "10 per 10 minutes"


class ReportForm(PublicForm):
    """Why, and a trap that people do not see."""

    reason = RadioField(validate_choice=False)
    website = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = [
            (ReportReason.PERSONAL, _("It tells something private about somebody.")),
            (ReportReason.DANGER, _("It could put somebody in danger, or calls for violence.")),
            (ReportReason.ABUSE, _("It insults or humiliates people.")),
            (ReportReason.SPAM, _("It advertises something, or has nothing to do with this.")),
            (ReportReason.OTHER, _("Something else is wrong with it.")),
        ]

    def is_chosen(self) -> bool:
        """True where one of the reasons was chosen; otherwise the field says what to do."""
        if self.reason.data in set(ReportReason):
            return True
        self.reason.errors = [_("Choose what is wrong with it.")]
        return False


@bp.get("/campaigns/<slug>/comments/<comment>/report")
@cacheable
def report_comment(slug: str, comment: str) -> ResponseReturnValue:
    """The form, beside the comment that it is about."""
    found = get_campaign(slug)
    return render_template(
        "public/report_comment.html",
        campaign=found,
        comment=_comment(found.id, comment),
        masked=comment,
        form=ReportForm(formdata=None),
    )


@bp.post("/campaigns/<slug>/comments/<comment>/report")
def send_report(slug: str, comment: str) -> ResponseReturnValue:
    """Take the report; the answer is the same for a first and a repeated one."""
    found, form = get_campaign(slug), ReportForm()
    seen = _comment(found.id, comment)
    charge(LIMIT, "comment report", words=_("Too many reports came from your network."))
    if not form.validate() or not form.is_chosen():
        page = render_template("public/report_comment.html", campaign=found, comment=seen, masked=comment, form=form)
        return page, 422
    if not form.website.data:
        settings = current_settings()
        with transaction() as session:
            reporting.report_comment(
                session, found.id, seen.id, ReportReason(form.reason.data), network=request.remote_addr,
                hash_key=settings.hash_key, now=clock.now(),
            )  # fmt: skip
    return redirect(url_for("public.comment_reported", slug=slug), 303)


@bp.get("/campaigns/<slug>/comments/reported")
@cacheable
def comment_reported(slug: str) -> ResponseReturnValue:
    """What happens next."""
    return render_template("public/comment_reported.html", campaign=get_campaign(slug))


def _comment(campaign_id: int, masked: str) -> PublicComment:
    signature_id = unmask(current_settings().hash_key, COMMENT_MASK, masked)
    found = None if signature_id is None else reporting.find_comment(db.session(), campaign_id, signature_id)
    if found is None:
        raise NotFound("There is no such comment.")
    return found
