"""Every route and method stands in a table: the staff's in the gate's own, the public's in the list here."""

from flask import Flask

from campaign.admin.access import TABLE

# What anybody may do. A new public route is added here on purpose, not by the way.
PUBLIC: dict[str, set[str]] = {
    "api-docs.openapi_json": {"GET"},
    "api.campaign": {"GET"},
    "api.campaigns": {"GET"},
    "api.statistics": {"GET"},
    "api.updates": {"GET"},
    "api_signing.signatures": {"POST"},
    "demo.list_mail": {"GET"},
    "demo.show_html": {"GET"},
    "demo.show_mail": {"GET"},
    "demo.show_raw": {"GET"},
    "hooks.mail": {"POST"},
    "hooks.stripe": {"POST"},
    "public.about": {"GET"},
    "public.accessibility": {"GET"},
    "public.campaign": {"GET"},
    "public.campaign_privacy": {"GET"},
    "public.check_inbox": {"GET"},
    "public.confirm": {"GET"},
    "public.contact": {"GET"},
    "public.donate": {"GET"},
    "public.donation": {"GET"},
    "public.ask_giving": {"POST"},
    "public.ask_preferences": {"POST"},
    "public.change_own_gift": {"POST"},
    "public.report_comment": {"GET"},
    "public.send_report": {"POST"},
    "public.comment_reported": {"GET"},
    "public.choose_preferences": {"POST"},
    "public.giving": {"GET"},
    "public.giving_asked": {"GET"},
    "public.my_data": {"GET"},
    "public.ask_data": {"POST"},
    "public.data_asked": {"GET"},
    "public.own_data": {"GET"},
    "public.correct_own_data": {"POST"},
    "public.hide_own_name": {"POST"},
    "public.withdraw_own_signature": {"POST"},
    "public.erase_own_data": {"POST"},
    "public.choose_own_news": {"POST"},
    "public.void_own_links": {"POST"},
    "public.download_own_data": {"GET"},
    "public.healthz": {"GET"},
    "public.handovers": {"GET"},
    "public.history": {"GET"},
    "public.home": {"GET"},
    "public.how_we_count": {"GET"},
    "public.leave": {"POST"},
    "public.money": {"GET"},
    "public.not_me": {"POST"},
    "public.own_card": {"POST"},
    "public.own_gift": {"GET"},
    "public.own_giving": {"GET"},
    "public.own_preferences": {"GET"},
    "public.own_receipt": {"GET"},
    "public.own_statement": {"GET"},
    "public.card": {"GET"},
    "public.picture": {"GET"},
    "public.press_subscribe": {"POST"},
    "public.preferences": {"GET"},
    "public.preferences_asked": {"GET"},
    "public.preview": {"GET"},
    "public.preview_theme": {"GET"},
    "public.picture_cut": {"GET"},
    "public.press_confirm": {"POST"},
    "public.privacy": {"GET"},
    "public.qr": {"GET"},
    "public.readyz": {"GET"},
    "public.removed": {"GET"},
    "public.resend": {"POST"},
    "public.robots": {"GET"},
    "public.security_txt": {"GET"},
    "public.send_donation": {"POST"},
    "public.send_signature": {"POST"},
    "public.sheet": {"GET"},
    "public.sign": {"GET"},
    "public.signed": {"GET"},
    "public.sitemap": {"GET"},
    "public.statistics": {"GET"},
    "public.subscribe": {"GET"},
    "public.unsubscribe": {"GET"},
    "public.theme": {"GET"},
    "public.update": {"GET"},
    "public.updates": {"GET"},
    "public.updates_feed": {"GET"},
    "static": {"GET"},
}
STAFF_BLUEPRINTS = ("admin", "security")


def routes(app: Flask) -> set[tuple[str, str, str]]:
    return {
        (rule.endpoint, method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def is_staffs(endpoint: str, path: str) -> bool:
    return endpoint.partition(".")[0] in STAFF_BLUEPRINTS or path.startswith("/admin")


def test_every_staff_route_stands_in_the_table(app: Flask) -> None:
    real = {(endpoint, method) for endpoint, method, path in routes(app) if is_staffs(endpoint, path)}
    assert real == {(endpoint, method) for endpoint, methods in TABLE.items() for method in methods}


def test_staff_routes_all_lie_below_admin(app: Flask) -> None:
    assert not [
        path for endpoint, _, path in routes(app) if is_staffs(endpoint, path) and not path.startswith("/admin/")
    ]


def test_every_public_route_stands_in_the_list(app: Flask) -> None:
    real: dict[str, set[str]] = {}
    for endpoint, method, path in routes(app):
        if not is_staffs(endpoint, path):
            real.setdefault(endpoint, set()).add(method)
    assert real == PUBLIC


def test_only_sign_in_is_open_to_all(app: Flask) -> None:
    open_ones = {endpoint for endpoint, methods in TABLE.items() for rule in methods.values() if rule.open_to_all}
    assert open_ones == {"security.login"}
