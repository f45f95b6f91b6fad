"""Faults of OpenID providers known from public reports, tried with a real provider behind a changing proxy."""

import threading
import time
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.test import Client
from pydantic import SecretStr

from coach.config import config
from coach.signin import provider
from tests.fakes import oidc_provider as fake
from tests.fakes.oidc_between import Answer, Between, between
from tests.signin.accounts import account
from tests.signin.test_openid import at_the_provider, back, consented, issuer  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

DID_NOT_WORK = "Signing in didn't work"
START_AGAIN = "Start again from the sign-in page"
TRY_AGAIN = "Try again in a minute"


@pytest.fixture
def through(issuer: str, _login: None, settings: Any) -> Iterator[Between]:  # noqa: F811
    """A provider whose answers a test may change; its issuer ends with a slash, as Authentik's do."""
    with between(issuer) as stands:
        given = {"oidc_issuer": f"{stands.address}/", "oidc_client_id": fake.CLIENT_ID, "oidc_name": "Example & Co"}
        changed = config.model_copy(update={**given, "oidc_client_secret": SecretStr(fake.CLIENT_SECRET)})
        settings.SOCIALACCOUNT_PROVIDERS = provider.described(changed)
        yield stands


def signed_in(client: Client) -> bool:
    return client.get("/history/").status_code == 200


def refused(client: Client, address: str, *, why: str = TRY_AGAIN, status: int = 401) -> None:
    answer = client.get(address)
    page = unescape(answer.content.decode())
    assert (answer.status_code, DID_NOT_WORK in page, why in page) == (status, True, True), page
    assert not signed_in(client)


def claims(changes: dict[str, Any]) -> Any:
    """An edit that changes claims of the id token."""

    def edit(told: dict[str, Any]) -> None:
        meant = jwt.decode(told["id_token"], options={"verify_signature": False})
        told["id_token"] = jwt.encode(meant | changes, "not the provider's key, but nobody looks", "HS256")

    return edit


def test_a_provider_whose_clock_is_ahead_can_sign_people_in(through: Between, client: Client) -> None:
    now = int(time.time())
    through.edits("token", claims({"iat": now + 3_600, "exp": now + 3_900}))
    client.get(back(consented(at_the_provider(client))))
    assert signed_in(client)


def test_an_expired_token_is_refused_and_logged(through: Between, client: Client, caplog: Any) -> None:
    through.edits("token", claims({"exp": int(time.time()) - 60}))
    refused(client, back(consented(at_the_provider(client))))
    assert "ExpiredSignatureError" in caplog.text


@pytest.mark.parametrize("changes", [{"aud": "another-client"}, {"iss": "https://evil.example"}])
def test_a_token_with_another_audience_or_issuer_is_refused(
    through: Between, client: Client, changes: dict[str, str]
) -> None:
    through.edits("token", claims(changes))
    refused(client, back(consented(at_the_provider(client))))


@pytest.mark.parametrize("keys", ["<html>no keys</html>"])
def test_changed_signing_keys_prevent_no_sign_in(through: Between, client: Client, keys: object) -> None:
    """The token comes from the provider itself over TLS, so its signature need not be checked (Core, 3.1.3.7)."""
    through.answers("keys", keys)
    client.get(back(consented(at_the_provider(client))))
    assert signed_in(client)


@pytest.mark.parametrize("name", ["openid-configuration", "token", "userinfo"])
def test_malformed_answers_of_a_provider_prevent_only_signing_in(through: Between, client: Client, name: str) -> None:
    # Unusable userinfo is accepted, because the id token identifies the user.
    for body, status in [("<html>", 200), ("<html>", 502)] + [("[]", 200)] * (name != "userinfo"):
        address = back(consented(at_the_provider(client)))
        through.answers(name, body, status, "text/html" if status == 502 else "application/json")
        answer = client.get(address)
        assert answer.status_code in (401, 503), (body, status)
        assert TRY_AGAIN in unescape(answer.content.decode())
        if name == "openid-configuration":
            assert client.post("/accounts/oidc/login/").status_code == 503, (body, status)
        # All is well again as soon as the provider is.
        through.changes.clear()
    assert not signed_in(client)
    assert not User.objects.exists()
    client.get(back(consented(at_the_provider(client))))
    assert signed_in(client)


@pytest.mark.parametrize("name", ["openid-configuration", "token", "userinfo"])
def test_a_provider_that_never_answers_is_given_up(through: Between, client: Client, settings: Any, name: str) -> None:
    address = back(consented(at_the_provider(client)))
    over = threading.Event()

    def silent(answer: Answer) -> Answer:
        over.wait(60)
        return answer

    through.changes[name] = silent
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.3
    try:
        assert client.get(address).status_code in (401, 503)
    finally:
        over.set()
    assert not signed_in(client)


def test_a_repeated_callback_is_used_once(through: Between, client: Client) -> None:
    """A second click, *Back* after signing in, or somebody who obtained the address."""
    address = back(consented(at_the_provider(client, "/history/")))
    assert client.get(address).headers["Location"] == "/history/"
    again = client.get(address)
    assert (again.status_code, again.headers["Location"]) == (302, "/")
    assert signed_in(client)
    refused(Client(), address, why=START_AGAIN)
    client.post("/accounts/logout/")
    refused(client, address, why=START_AGAIN)


def test_two_tabs_each_get_where_they_were_going(through: Between, client: Client) -> None:
    first, second = at_the_provider(client, "/history/"), at_the_provider(client, "/history/progress/")
    assert client.get(back(consented(second))).headers["Location"] == "/history/progress/"
    assert client.get(back(consented(first))).headers["Location"] == "/history/"
    assert signed_in(client)
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "foreign",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)"],
)
def test_the_return_address_must_be_on_this_site(through: Between, client: Client, foreign: str) -> None:
    onward = client.post(f"/accounts/oidc/login/?next={foreign}", {"next": foreign})
    address = onward.headers["Refresh"].removeprefix("0; url=")
    assert client.get(back(consented(address))).headers["Location"] == "/"


@pytest.mark.parametrize("error", ["temporarily_unavailable", "<script>"])
def test_a_providers_error_is_shown_and_logged(through: Between, client: Client, error: str, caplog: Any) -> None:
    state = parse_qs(urlsplit(at_the_provider(client)).query)["state"][0]
    refused(client, f"/accounts/oidc/login/callback/?error={error}&error_description=secret&state={state}")
    assert (error in caplog.text) is (error != "<script>")
    assert "secret" not in caplog.text
    refused(client, f"/accounts/oidc/login/callback/?error={error}", why=START_AGAIN)


@pytest.mark.parametrize(("email", "verified"), [(None, True), ("boss@example.org", False), ("BOSS@example.org", True)])
def test_an_email_address_never_links_accounts(
    through: Between, client: Client, email: str | None, verified: bool
) -> None:
    boss = User.objects.create_superuser("boss", "boss@example.org", "password")
    told = {"email": email, "email_verified": verified}
    through.edits("userinfo", lambda answer: answer.update(told))
    through.edits("token", claims(told))
    client.get(back(consented(at_the_provider(client))))
    person = User.objects.exclude(pk=boss.pk).get()
    assert int(client.session["_auth_user_id"]) == person.pk
    assert (person.email, person.is_staff) == ("", False)


@pytest.mark.parametrize("subject", [None, "", {"a": 1}, "s" * 192])
def test_an_invalid_subject_is_refused(through: Between, client: Client, subject: object) -> None:
    """Otherwise everybody with that subject would share one account."""
    through.edits("userinfo", lambda answer: answer.update(sub=subject))
    answer = client.get(back(consented(at_the_provider(client))))
    assert answer.status_code in (401, 503)
    assert not User.objects.exists()


def test_userinfo_with_another_subject_than_the_token_is_refused(through: Between, client: Client) -> None:
    through.edits("userinfo", lambda answer: answer.update(sub="somebody-else"))
    refused(client, back(consented(at_the_provider(client))))
    assert not User.objects.exists()


@pytest.mark.postgres
def test_names_of_any_length_and_script_make_an_account(through: Between, client: Client) -> None:
    names = {"preferred_username": "乔丹 " * 100, "given_name": "x" * 400, "family_name": "Ω" * 400, "name": "y" * 900}
    through.edits("userinfo", lambda answer: answer.update(names))
    client.get(back(consented(at_the_provider(client))))
    assert signed_in(client)
    again = Client()
    again.get(back(consented(at_the_provider(again))))
    assert signed_in(again)
    assert User.objects.count() == 1


def test_a_signed_in_trainee_cannot_link_a_second_account(through: Between, client: Client) -> None:
    alice = account("alice")
    client.force_login(alice)
    onward = client.post("/accounts/oidc/login/?process=connect", {"process": "connect"})
    address = onward.headers["Refresh"].removeprefix("0; url=")
    assert client.get(back(consented(address))).status_code == 401
    assert not SocialAccount.objects.exists()
    assert int(client.session["_auth_user_id"]) == alice.pk


def test_signing_in_as_somebody_else_ends_the_first_sign_in(through: Between, client: Client) -> None:
    alice = account("alice")
    client.force_login(alice)
    # The sign-in page would send her on.
    onward = client.post("/accounts/oidc/login/")
    client.get(back(consented(onward.headers["Refresh"].removeprefix("0; url="))))
    person = User.objects.exclude(pk=alice.pk).get()
    assert int(client.session["_auth_user_id"]) == person.pk
