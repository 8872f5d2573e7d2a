"""Who may do what: one table for every route below `/admin`, and the gate that holds each request against it.

A route or a method that is missing from the table is refused, and a test fails for it.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy import select

from campaign.admin.security import csrf, is_freshly_signed_in, is_staff_path, signed_in
from campaign.campaigns.models import Campaign
from campaign.core.database import db
from campaign.core.errors import NotFound
from campaign.core.http.hygiene import refuse_broken_fields
from campaign.core.http.origin import require_own_origin
from campaign.core.http.uploads import is_body_closed, open_body
from campaign.settings import current_settings
from campaign.staff.models import Role, StaffUser

EDITORS = frozenset({Role.EDITOR, Role.ADMIN})
MODERATORS = frozenset({Role.MODERATOR, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
STAFF = frozenset(Role)


@dataclass(frozen=True)
class Rule:
    """Who may use one method of one route.

    `roles` are held for the campaign in the address, else for any; `all_campaigns` asks for a role held for all of
    them. None as `roles` lets in whoever signed in, `open_to_all` also who did not. `fresh` asks for a recent password.
    """

    roles: frozenset[Role] | None = None
    fresh: bool = False
    all_campaigns: bool = False
    open_to_all: bool = False

    def admits(self, user: StaffUser, campaign_id: int | None) -> bool:
        """True where the person's roles are enough."""
        if self.roles is None:
            return True
        held = user.roles_everywhere() if self.all_campaigns else user.roles_for(campaign_id)
        return bool(self.roles & held)


def _both(rule: Rule) -> dict[str, Rule]:
    return {"GET": rule, "POST": rule}


TABLE: dict[str, dict[str, Rule]] = {
    "security.login": _both(Rule(open_to_all=True)),
    "security.logout": {"POST": Rule()},
    "security.verify": _both(Rule()),
    "admin.overview": {"GET": Rule(STAFF)},
    "admin.campaigns": {"GET": Rule(STAFF)},
    "admin.campaign_new": _both(Rule(EDITORS, all_campaigns=True)),
    "admin.campaign_edit": _both(Rule(EDITORS)),
    "admin.campaign_state": {"POST": Rule(EDITORS)},
    "admin.campaign_preview": {"POST": Rule(EDITORS)},
    "admin.campaign_revisions": {"GET": Rule(EDITORS)},
    "admin.campaign_revision": {"GET": Rule(EDITORS)},
    "admin.campaign_restore": {"POST": Rule(EDITORS)},
    "admin.text_preview": {"POST": Rule(EDITORS)},
    "admin.answers": _both(Rule(EDITORS)),
    "admin.goals": _both(Rule(EDITORS)),
    "admin.imports": _both(Rule(ADMINS, fresh=True)),
    "admin.imports_one": _both(Rule(ADMINS, fresh=True)),
    "admin.imports_findings": {"GET": Rule(ADMINS, fresh=True)},
    "admin.tallies": _both(Rule(ADMINS)),
    "admin.tallies_correct": _both(Rule(ADMINS)),
    "admin.pictures": _both(Rule(EDITORS)),
    "admin.pictures_one": _both(Rule(EDITORS)),
    "admin.pictures_focus": {"POST": Rule(EDITORS)},
    "admin.pictures_show": {"POST": Rule(EDITORS)},
    "admin.pictures_remove": {"POST": Rule(EDITORS)},
    "admin.pictures_whole": {"GET": Rule(EDITORS)},
    "admin.sharing": _both(Rule(EDITORS)),
    "admin.updates": {"GET": Rule(EDITORS)},
    "admin.updates_new": _both(Rule(EDITORS)),
    "admin.updates_edit": _both(Rule(EDITORS)),
    "admin.updates_withdraw": {"POST": Rule(EDITORS)},
    "admin.updates_mail": {"POST": Rule(EDITORS)},
    "admin.mailings": {"GET": Rule(EDITORS)},
    "admin.mailings_new": _both(Rule(EDITORS)),
    "admin.mailings_edit": _both(Rule(EDITORS)),
    "admin.mailings_one": _both(Rule(EDITORS)),
    "admin.mailings_preview": {"GET": Rule(EDITORS)},
    "admin.supporters": {"GET": Rule(EDITORS)},
    "admin.supporters_file": _both(Rule(ADMINS, fresh=True)),
    "admin.signatures": {"GET": Rule(MODERATORS)},
    "admin.signatures_find": {"POST": Rule(MODERATORS)},
    "admin.signatures_moderate": {"POST": Rule(MODERATORS)},
    "admin.signatures_one": {"GET": Rule(MODERATORS)},
    "admin.signatures_like": {"POST": Rule(MODERATORS)},
    "admin.signatures_undo": {"POST": Rule(MODERATORS)},
    "admin.reports": {"GET": Rule(MODERATORS)},
    "admin.reports_settle": {"POST": Rule(MODERATORS)},
    "admin.screening": _both(Rule(MODERATORS)),
    "admin.screening_list": {"POST": Rule(MODERATORS)},
    "admin.screening_unlist": {"POST": Rule(MODERATORS)},
    "admin.trends": {"GET": Rule(MODERATORS)},
    "admin.invalidations": _both(Rule(MODERATORS)),
    "admin.invalidations_one": _both(Rule(MODERATORS)),
    "admin.handovers": {"GET": Rule(EDITORS)},
    "admin.handovers_new": _both(Rule(EDITORS)),
    "admin.handovers_edit": _both(Rule(EDITORS)),
    "admin.handovers_pack": {"POST": Rule(ADMINS, fresh=True)},
    "admin.exports": _both(Rule(ADMINS, fresh=True)),
    "admin.exports_cancel": {"POST": Rule(ADMINS, fresh=True)},
    "admin.exports_file": {"GET": Rule(ADMINS, fresh=True)},
    "admin.donations": {"GET": Rule(ADMINS)},
    "admin.donations_charts": {"GET": Rule(ADMINS)},
    "admin.donations_exports": _both(Rule(ADMINS, fresh=True)),
    "admin.donations_find": {"POST": Rule(ADMINS)},
    "admin.donations_one": {"GET": Rule(ADMINS)},
    "admin.donations_refund": _both(Rule(ADMINS, fresh=True)),
    "admin.donations_end": {"POST": Rule(ADMINS)},
    "admin.messages": {"GET": Rule(MODERATORS)},
    "admin.messages_decide": {"POST": Rule(MODERATORS)},
    "admin.offline_gifts": _both(Rule(ADMINS)),
    "admin.offline_correct": _both(Rule(ADMINS)),
    "admin.offline_files": _both(Rule(ADMINS, fresh=True)),
    "admin.offline_files_store": {"POST": Rule(ADMINS, fresh=True)},
    "admin.offline_files_take_back": {"POST": Rule(ADMINS, fresh=True)},
    "admin.offline_void": {"POST": Rule(ADMINS)},
    "admin.discreet": _both(Rule(EDITORS)),
    "admin.mail": {"GET": Rule(ADMINS, all_campaigns=True)},
    "admin.mail_one": {"GET": Rule(ADMINS, all_campaigns=True)},
    "admin.mail_again": {"POST": Rule(ADMINS, all_campaigns=True)},
    "admin.mail_unbuilt": {"POST": Rule(ADMINS, all_campaigns=True)},
    "admin.mail_previews": {"GET": Rule(ADMINS, all_campaigns=True)},
    "admin.mail_preview_html": {"GET": Rule(ADMINS, all_campaigns=True)},
    "admin.stripe": {"GET": Rule(ADMINS, all_campaigns=True)},
    "admin.stripe_sync": {"POST": Rule(ADMINS, all_campaigns=True)},
    "admin.stripe_replay": {"POST": Rule(ADMINS, all_campaigns=True)},
    "admin.stripe_unmatched": {"POST": Rule(ADMINS, all_campaigns=True)},
    "admin.stripe_alarm": {"POST": Rule(ADMINS, all_campaigns=True)},
    "admin.stripe_lift": {"POST": Rule(ADMINS, all_campaigns=True)},
    "admin.sources": {"GET": Rule(STAFF)},
    "admin.sources_file": {"GET": Rule(STAFF)},
    "admin.statistics": {"GET": Rule(STAFF)},
    "admin.spending_page": {"GET": Rule(EDITORS)},
    "admin.spending_budget": {"POST": Rule(EDITORS)},
    "admin.spending_payout": {"POST": Rule(ADMINS)},
    "admin.spending_take_back": {"POST": Rule(ADMINS)},
    "admin.gift_aid_page": {"GET": Rule(ADMINS, all_campaigns=True, fresh=True)},
    "admin.gift_aid_claim": {"POST": Rule(ADMINS, all_campaigns=True, fresh=True)},
    "admin.gift_aid_file": {"GET": Rule(ADMINS, all_campaigns=True, fresh=True)},
    "admin.gift_aid_declaration": _both(Rule(ADMINS, all_campaigns=True, fresh=True)),
    "admin.audit": {"GET": Rule(ADMINS, all_campaigns=True)},
    "admin.settings": _both(Rule(ADMINS, all_campaigns=True)),
    "admin.staff": {"GET": Rule(ADMINS, all_campaigns=True)},
}


def guard() -> ResponseReturnValue | None:
    """Run before every request; None lets it on. Another campaign is as unknown as one that does not exist."""
    if request.url_rule is None or request.endpoint is None or not is_staff_path(request.url_rule.rule):
        return None
    require_own_origin(current_settings().address, silence_is_fine=False)
    # What a form that may bring a file sends is not looked at before it is known who sends it.
    sent = [request.args] if is_body_closed() else [request.args, request.form]
    if not all(_is_address(values.get("next", "")) for values in sent):
        abort(422)
    if request.method == "POST" and request.is_json:
        abort(422)  # the staff's pages are forms, and Flask-Security would read JSON as well
    rule = TABLE.get(request.endpoint, {}).get("GET" if request.method == "HEAD" else request.method)
    if rule is None:
        abort(403)
    user = signed_in()
    if not rule.open_to_all:
        if user is None:
            return _to_login()
        _check_roles(rule, user)
        if rule.fresh and not is_freshly_signed_in():
            return redirect(url_for("security.verify", next=_way_back()))
    if is_body_closed():
        open_body()
        refuse_broken_fields()
    _check_token()
    return None


def _is_address(text: str) -> bool:
    """False for what no address can be; Flask-Security would fail at it."""
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def _check_roles(rule: Rule, user: StaffUser) -> None:
    slug = (request.view_args or {}).get("slug")
    campaign = None
    if slug is not None:
        campaign = db.session.scalar(select(Campaign).where(Campaign.slug == slug))
        if campaign is None or not user.roles_for(campaign.id):
            raise NotFound("There is no such campaign.")
        g.campaign = campaign
    if not rule.admits(user, campaign.id if campaign else None):
        abort(403, _("Your role does not cover this. An admin can change what you may do."))


def _check_token() -> None:
    if request.method in ("GET", "HEAD"):
        return
    try:
        csrf.protect()
    except CSRFError:
        abort(400, _("This form was open for too long. Go back, load the page again and send it once more."))


def _way_back() -> str | None:
    """The page to return to; a form that was not yet accepted is asked for again."""
    return request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else request.path


def _to_login() -> ResponseReturnValue:
    return redirect(url_for("security.login", next=_way_back() if request.method in ("GET", "HEAD") else None))


def current_campaign() -> Campaign:
    """The campaign in the address, which the gate has looked up."""
    campaign: Campaign = g.campaign
    return campaign


def visible_campaigns() -> list[Campaign]:
    """The campaigns for which the person holds a role, newest first."""
    user = signed_in()
    found = db.session.scalars(select(Campaign).order_by(Campaign.id.desc()))
    return [campaign for campaign in found if user is not None and user.roles_for(campaign.id)]


def actor() -> str:
    """The address of who is acting, as the trail keeps it."""
    user = signed_in()
    return user.email if user else ""


def may(endpoint: str, campaign: Campaign | None = None, method: str = "GET") -> bool:
    """For templates: whether the person may go there."""
    user, rule = signed_in(), TABLE.get(endpoint, {}).get(method)
    return user is not None and rule is not None and rule.admits(user, campaign.id if campaign else None)
