"""Signing in and out, the cookie, the limits, and who loses access when."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event, select, text, update

from campaign.app import create_app
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.staff.models import Role, RoleGrant, StaffUser
from tests.conftest import BASE_URL, make_settings
from tests.factories import make_campaign
from tests.integration.admin.conftest import PASSWORD, Browser, SignIn, make_person

FAILED = "do not fit together"


def test_right_password_opens_the_overview_and_signing_out_closes_it(browser: Browser) -> None:
    person = make_person(Role.EDITOR)
    assert browser.get("/admin/").headers["Location"] == "/admin/login?next=/admin/"
    response = browser.sign_in(person.email)
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")
    assert person.email in browser.get("/admin/").text
    out = browser.post("/admin/logout", token=browser.token("/admin/"))
    assert (out.status_code, out.headers["Location"]) == (302, "/admin/login")
    assert browser.get("/admin/").status_code == 302


def test_address_is_the_same_in_any_case(browser: Browser) -> None:
    make_person(Role.EDITOR, email="Priya@Lantern.example")
    assert browser.sign_in("priya@lantern.EXAMPLE").status_code == 302


def test_known_unknown_disabled_and_malformed_accounts_fail_alike(app: Flask) -> None:
    make_person(Role.EDITOR, email="known@lantern.example")
    gone = make_person(Role.EDITOR, email="gone@lantern.example")
    with transaction() as session:
        session.execute(update(StaffUser).where(StaffUser.id == gone.id).values(active=False))
    pages = []
    for email, password in [
        ("known@lantern.example", "wrong password"),
        ("nobody@lantern.example", PASSWORD),
        ("gone@lantern.example", PASSWORD),
        ("not an address", PASSWORD),
        ("known@lantern.example", ""),
    ]:
        response = Browser(app).sign_in(email, password)
        assert response.status_code == 422
        assert FAILED in response.text
        pages.append(response.text.count("problem"))
    assert len(set(pages)) == 1


def test_next_leads_to_our_own_pages_only(app: Flask) -> None:
    person = make_person(Role.EDITOR)
    assert Browser(app).sign_in(person.email, next="/admin/campaigns").headers["Location"] == "/admin/campaigns"
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        refused = Browser(app).sign_in(person.email, next=elsewhere)
        assert refused.status_code == 422
        assert 'name="next" value=""' in refused.text
    # A browser takes a backslash for a slash, so it is sent encoded.
    assert Browser(app).sign_in(person.email, next="/\\evil.example").headers["Location"] == "/%5Cevil.example"


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({"Origin": "https://evil.example"}, None),
        ({"Sec-Fetch-Site": "cross-site"}, None),
        ({"Sec-Fetch-Site": "same-site"}, None),
    ],
)
def test_a_form_of_another_site_signs_nobody_in(browser: Browser, headers: dict[str, str], token: str | None) -> None:
    person = make_person(Role.EDITOR)
    data = {"email": person.email, "password": PASSWORD}
    assert browser.post("/admin/login", data, headers=headers).status_code == 403


def test_neither_silence_nor_a_missing_token_is_accepted(browser: Browser) -> None:
    person = make_person(Role.EDITOR)
    data = {"email": person.email, "password": PASSWORD}
    silent = browser.send("/admin/login", method="POST", data=data | {"csrf_token": browser.token()})
    assert silent.status_code == 403
    assert browser.post("/admin/login", data, token="").status_code == 400
    assert browser.post("/admin/login", data, token="forged").status_code == 400


def test_ten_failures_from_one_network_are_answered_with_429(app: Flask) -> None:
    person = make_person(Role.EDITOR)
    for number in range(10):
        assert Browser(app).sign_in(f"person{number}@lantern.example").status_code == 422
    refused = Browser(app).sign_in(person.email)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 300
    elsewhere = Browser(app)
    elsewhere.client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert elsewhere.sign_in(person.email).status_code == 302


def test_ten_failures_on_one_account_are_answered_with_429_from_anywhere(app: Flask) -> None:
    person = make_person(Role.EDITOR)
    for number in range(10):
        browser = Browser(app)
        browser.client.environ_base["REMOTE_ADDR"] = f"198.51.{number}.7"
        assert browser.sign_in(person.email, "wrong").status_code == 422
    browser = Browser(app)
    browser.client.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    for spelling in (f" {person.email.upper()} ", person.email.replace("lantern", "ｌantern")):
        assert browser.sign_in(spelling).status_code == 429


@pytest.mark.parametrize("body", ["[1]", '"x"', "5", "{}", '{"email": "a@lantern.example", "password": "x"}'])
def test_the_sign_in_is_a_form_and_takes_no_json(browser: Browser, body: str) -> None:
    headers = {"Origin": BASE_URL, "X-CSRFToken": browser.token()}
    answer = browser.send("/admin/login", method="POST", data=body, headers=headers, content_type="application/json")
    assert answer.status_code == 422


def test_successes_are_not_counted(app: Flask) -> None:
    person = make_person(Role.EDITOR)
    for _ in range(12):
        assert Browser(app).sign_in(person.email).status_code == 302


def test_the_cookie_stands_below_admin_only(app: Flask, browser: Browser) -> None:
    person = make_person(Role.EDITOR)
    cookie = browser.sign_in(person.email).headers["Set-Cookie"]
    assert "Path=/admin" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    make_campaign()
    public = browser.get("/", headers={"Cookie": cookie.split(";")[0]})
    assert public.status_code == 200
    assert "Set-Cookie" not in public.headers
    assert "Cookie" not in public.headers.get("Vary", "")
    assert "no-store" in browser.get("/admin/").headers["Cache-Control"]


def test_signing_in_writes_nothing(app: Flask, browser: Browser) -> None:
    person = make_person(Role.EDITOR)
    before = db.session.scalar(select(StaffUser.password).where(StaffUser.id == person.id))
    statements: list[str] = []
    listener = lambda _c, _cur, statement, *_more: statements.append(statement)  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        assert browser.sign_in(person.email).status_code == 302
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    assert not [text for text in statements if text.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
    db.session.rollback()
    assert db.session.scalar(select(StaffUser.password).where(StaffUser.id == person.id)) == before
    assert before
    assert before.startswith("$argon2id$")


def test_no_token_in_header_or_query_stands_for_a_person(app: Flask) -> None:
    person = make_person(Role.ADMIN)
    with app.test_request_context("/admin/"):
        token = db.session.get(StaffUser, person.id).get_auth_token()
    browser = Browser(app)
    assert browser.get("/admin/", headers={"Authentication-Token": token}).status_code == 302
    assert browser.get(f"/admin/?auth_token={token}").status_code == 302
    assert "authentication_token" not in browser.sign_in(person.email, include_auth_token="1").text


@pytest.mark.parametrize("change", [{"active": False}, {"fs_uniquifier": "another"}])
def test_a_disabled_person_is_out_at_the_next_request(sign_in: SignIn, change: dict[str, object]) -> None:
    browser = sign_in(Role.EDITOR)
    assert browser.get("/admin/").status_code == 200
    with transaction() as session:
        session.execute(update(StaffUser).values(**change))
    assert browser.get("/admin/").status_code == 302


def test_a_cut_role_ends_at_the_next_request(sign_in: SignIn) -> None:
    browser = sign_in(Role.EDITOR)
    with transaction() as session:
        session.query(RoleGrant).delete()
    assert browser.get("/admin/").status_code == 403


def test_a_login_of_half_an_hour_ago_is_asked_again_before_exports(sign_in: SignIn) -> None:
    campaign = make_campaign()
    browser = sign_in(Role.ADMIN)
    path = f"/admin/campaigns/{campaign.slug}/exports"
    assert browser.get(path).status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
        assert browser.get("/admin/").status_code == 200
        asked = browser.get(path)
        assert (asked.status_code, asked.headers["Location"]) == (302, f"/admin/verify?next={path}")
        assert browser.post(path, {"reason": "hand over"}, token=browser.token("/admin/")).status_code == 302
        token = browser.token("/admin/verify")
        wrong = browser.post("/admin/verify", {"password": "wrong", "next": path}, token=token)
        assert wrong.status_code == 422
        assert "That is not your password" in wrong.text
        right = browser.post("/admin/verify", {"password": PASSWORD, "next": path}, token=token)
        assert (right.status_code, right.headers["Location"]) == (302, path)
        assert browser.get(path).status_code == 200


def test_on_https_the_cookie_is_a_host_cookie_and_public_pages_still_ignore_it(tmp_path: Path) -> None:
    app = create_app(make_settings(tmp_path, f"sqlite:///{tmp_path}/none.sqlite3", base_url="https://campaign.test"))
    client = app.test_client()
    cookie = client.get("/admin/login", base_url="https://campaign.test").headers["Set-Cookie"]
    assert cookie.startswith("__Host-staff=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    public = client.get("/healthz", base_url="https://campaign.test")
    assert "Set-Cookie" not in public.headers
    assert "Cookie" not in public.headers.get("Vary", "")


@pytest.mark.parametrize("where", ["//%5B", "http://%5B"])
def test_a_way_back_that_is_no_address_is_refused(browser: Browser, where: str) -> None:
    assert browser.post(f"/admin/login?next={where}", {"email": "a@b.example", "password": "x"}).status_code == 422
    in_form = {"email": "a@b.example", "password": "x", "next": where.replace("%5B", "[")}
    assert browser.post("/admin/login", in_form).status_code == 422


def test_staff_too_are_told_to_wait_while_the_database_is_away(tmp_path: Path) -> None:
    app = create_app(make_settings(tmp_path, f"sqlite:///{tmp_path}/site.sqlite3"))
    with app.app_context():
        upgrade()
        person = make_person(Role.ADMIN)
    browser = Browser(app)
    assert browser.sign_in(person.email).status_code == 302
    with app.app_context(), db.engine.connect().execution_options(writes=True) as connection:
        connection.execute(text("ALTER TABLE staff_user RENAME TO away"))
        connection.commit()
    answer = browser.get("/admin/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "try again" in answer.text
    assert "Traceback" not in answer.text
