"""Signing in and out, in a browser and as an API client."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from coach import identity
from tests import cast
from tests.signin.accounts import PASSWORD, account

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]


def try_in(client: Client, name: str, password: str, at: str = "/accounts/login/") -> tuple[int, str]:
    field = "username" if at.startswith("/admin") else "login"
    response = client.post(at, {field: name, "password": password})
    return response.status_code, response.content.decode()


def test_without_sign_in_everybody_is_the_one_trainee_and_there_are_no_sign_in_pages(client: Client) -> None:
    assert client.get("/history/").status_code == 200
    assert identity.trainee() == "pilot-user"
    for path in ("login/", "logout/", "password/change/", "oidc/login/", "oidc/login/callback/"):
        assert client.get(f"/accounts/{path}").status_code == 404, path


def test_signing_in_leads_to_the_requested_page(login: Login, client: Client) -> None:
    account("alice")
    wanted = client.get("/history/?search=late")
    assert wanted.headers["Location"] == "/accounts/login/?next=%2Fhistory%2F%3Fsearch%3Dlate"
    page = client.get(wanted.headers["Location"]).content.decode()
    assert "<h1>Sign in</h1>" in page
    assert 'value="/history/?search=late"' in page
    assert "site-nav" not in page
    entered = client.post("/accounts/login/", {"login": "alice", "password": PASSWORD, "next": "/history/?search=late"})
    assert entered.headers["Location"] == "/history/?search=late"
    kept = client.cookies["sessionid"]
    assert (kept["samesite"], kept["httponly"], client.cookies["csrftoken"]["samesite"]) == ("Lax", True, "Lax")
    history = client.get("/history/")
    assert "alice" in history.content.decode()
    assert "no-store" in history.headers["Cache-Control"]


def test_signing_in_never_redirects_to_another_site(login: Login, client: Client) -> None:
    account("alice")
    for foreign in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = client.post("/accounts/login/", {"login": "alice", "password": PASSWORD, "next": foreign})
        assert answer.headers["Location"] == "/"
        client.post("/accounts/logout/")
    part = client.get("/history/", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/x"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/accounts/login/?next=%2F")


def test_an_htmx_request_redirects_the_browser_to_sign_in_and_back_to_its_page(login: Login, client: Client) -> None:
    here = {"HX-Request": "true", "HX-Current-URL": "http://testserver/sessions/1/#end"}
    part = client.get("/sessions/1/evaluation/", headers=here)
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/accounts/login/?next=%2Fsessions%2F1%2F")


def test_an_api_client_gets_401_with_the_sign_in_address(login: Login, client: Client) -> None:
    for answer in (client.get("/api/skills"), client.post("/api/sessions", {}, content_type="application/json")):
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
        assert answer.json()["code"] == "sign_in"
        assert "/accounts/login/" in answer.json()["detail"]
        assert answer.headers["WWW-Authenticate"].startswith("Session ")
    assert client.get("/api/nothing").status_code == 404
    assert client.get("/readyz").status_code in (200, 503)
    assert client.get("/api/openapi.json").status_code == 200


def test_signing_in_in_two_tabs_works(login: Login) -> None:
    account("alice", is_staff=True)
    for page, field in (("/accounts/login/", "login"), ("/admin/login/", "username")):
        browser = Client(enforce_csrf_checks=True)
        tabs = [
            re.findall('name="csrfmiddlewaretoken" value="(.+?)"', browser.get(page).content.decode())[0] for _ in "12"
        ]
        sent = [{field: "alice", "password": PASSWORD, "csrfmiddlewaretoken": token} for token in tabs]
        assert browser.post(page, sent[0]).status_code == 302
        for wanted, found in (
            ("/history/", "/history/"),
            ("https://evil.example/", "/admin/" if "admin" in page else "/"),
        ):
            again = browser.post(page, {**sent[1], "next": wanted})
            assert (again.status_code, again.headers["Location"]) == (302, found)
        stranger = Client(enforce_csrf_checks=True).post(page, sent[1])
        assert stranger.status_code == 403
        assert browser.post("/accounts/logout/", {"csrfmiddlewaretoken": tabs[1]}).status_code == 403


def test_signing_out_ends_the_session_and_clears_site_data(login: Login) -> None:
    client = login(account("alice"))
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/").status_code == 200
    out = client.post("/accounts/logout/")
    assert out.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/").status_code == 302
    assert Session.objects.count() <= 1


def test_an_expired_or_revoked_sign_in_is_over(login: Login) -> None:
    alice = account("alice")
    client = login(alice)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/").status_code == 302
    client = login(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get("/").status_code == 302
    assert try_in(Client(), "alice", PASSWORD)[0] == 200


def test_a_sign_in_in_use_is_extended_once_an_hour(login: Login) -> None:
    client = login(account("alice"))
    client.get("/")
    later = timezone.now() + timedelta(days=1)
    Session.objects.update(expire_date=later)
    client.get("/")
    assert Session.objects.get().expire_date == later
    session = client.session
    session["renewed"] = 0
    session.save()
    Session.objects.update(expire_date=later)
    client.get("/")
    assert Session.objects.get().expire_date > later


@pytest.mark.postgres
@pytest.mark.parametrize("at", ["/accounts/login/", "/admin/login/"])
def test_guessing_one_name_is_stopped_from_every_address(login: Login, at: str) -> None:
    account("alice", is_staff=True)
    for number in range(5):
        status, page = try_in(Client(REMOTE_ADDR=f"203.0.113.{number}"), "alice", "wrong", at)
        assert status == 200
        assert "Too many" not in page
    status, page = try_in(Client(REMOTE_ADDR="203.0.113.99"), "alice", PASSWORD, at)
    assert "Too many failed login attempts" in page
    account("bob", is_staff=True)
    assert try_in(Client(REMOTE_ADDR="203.0.113.99"), "bob", PASSWORD, at)[0] == 302


def test_guessing_many_names_from_one_address_is_stopped(login: Login) -> None:
    client = Client(REMOTE_ADDR="203.0.113.7")
    said = [try_in(client, f"name-{number}", "wrong")[1] for number in range(11)]
    assert "Wrong username or password" in said[0]
    assert "Too many failed" in said[-1]
    assert "Too many failed" not in said[9]
    for _ in range(30):
        status, page = try_in(client, "name", "wrong")
    assert (status, "<h1>Too many attempts</h1>" in page) == (429, True)


def test_admins_sign_in_at_the_admin_even_without_trainee_sign_in(client: Client, settings: object) -> None:
    account("root", is_staff=True, is_superuser=True)
    account("eve")
    assert "for a staff account" in try_in(client, "eve", PASSWORD, "/admin/login/")[1]
    assert try_in(client, "root", PASSWORD, "/admin/login/")[0] == 302
    assert client.get("/admin/").status_code == 200


def test_changing_the_password_signs_out_everywhere_else(login: Login) -> None:
    alice = account("alice")
    here, elsewhere = login(alice), login(alice)
    new = {"oldpassword": PASSWORD, "password1": "quite another staple", "password2": "quite another staple"}
    assert "Change password" in here.get("/accounts/password/change/").content.decode()
    assert here.post("/accounts/password/change/", new).status_code == 302
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    alice.set_unusable_password()
    alice.save()
    provided = login(alice)
    assert "Change password" not in provided.get("/").content.decode()
    assert provided.get("/accounts/password/change/").status_code == 404


def test_nobody_can_register_or_link_an_account(login: Login, client: Client) -> None:
    for path in ("signup/", "password/reset/", "email/", "social/signup/", "3rdparty/", "social/connections/"):
        assert client.get(f"/accounts/{path}").status_code == 404, path
    page = client.get("/accounts/login/").content.decode()
    assert "Sign in with" not in page


def test_sign_in_pages_are_translated_and_keep_to_the_policy(login: Login, client: Client) -> None:
    page = client.get("/accounts/login/", headers={"Accept-Language": "zh-Hans"})
    assert "登录" in page.content.decode()
    assert not re.search(r"<script(?![^>]*src)|\son\w+=|\sstyle=", page.content.decode())
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    cast.scenario()
    refused = client.get("/api/skills", headers={"Accept-Language": "zh-Hans"}).json()["detail"]
    assert "登录" in refused
