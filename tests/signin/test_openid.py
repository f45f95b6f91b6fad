"""Signing in with a real OpenID provider, which runs as a separate process."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.auth.models import User
from django.test import Client
from pydantic import SecretStr

from coach import identity
from coach.config import config
from coach.signin import provider
from tests.fakes import oidc_provider as fake
from tests.signin.accounts import account

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

CALLBACK = "http://testserver/accounts/oidc/login/callback/"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with fake.running(CALLBACK) as address:
        yield address


@pytest.fixture
def provided(issuer: str, _login: None, settings: Any) -> str:
    given = {"oidc_issuer": issuer, "oidc_client_id": fake.CLIENT_ID, "oidc_name": "Example & Co"}
    changed = config.model_copy(update={**given, "oidc_client_secret": SecretStr(fake.CLIENT_SECRET)})
    settings.SOCIALACCOUNT_PROVIDERS = provider.described(changed)
    return issuer


def at_the_provider(client: Client, path: str = "/") -> str:
    """Press the sign-in button; returns the provider's address that the browser is sent to."""
    page = client.get(f"/accounts/login/?next={path}").content.decode()
    assert "Sign in with Example &amp; Co" in page
    onward = client.post("/accounts/oidc/login/", {"next": path})
    assert onward.status_code == 200
    # Not a redirect: the policy's form-action would stop the browser at any other host.
    assert "form-action 'self'" in onward.headers["Content-Security-Policy"]
    address = onward.headers["Refresh"].removeprefix("0; url=")
    assert f'href="{address}"' in unescape(onward.content.decode())
    return address


def consented(address: str) -> str:
    """Sign in at the provider; returns the callback address that the browser is sent to."""
    with httpx.Client(follow_redirects=False) as browser:
        answer = browser.get(address)
        if "/accounts/login/" in answer.headers.get("location", ""):
            page = browser.get(httpx.URL(address).join(answer.headers["location"]))
            token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[0]
            way_on = unescape(re.findall(r'name="next" value="([^"]+)"', page.text)[0])
            form = {"csrfmiddlewaretoken": token, "login": fake.NAME, "password": fake.PASSWORD, "next": way_on}
            answer = browser.post(page.url, data=form, headers={"Referer": str(page.url)})
            answer = browser.get(page.url.join(answer.headers["location"]))
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])


def back(address: str) -> str:
    assert address.startswith(CALLBACK), address
    return address.removeprefix("http://testserver")


def test_a_person_of_the_provider_signs_in_and_is_the_same_trainee_next_time(provided: str, client: Client) -> None:
    address = at_the_provider(client, "/history/")
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert sorted(asked["scope"][0].split()) == ["openid", "profile"]
    entered = client.get(back(consented(address)))
    assert entered.headers["Location"] == "/history/"
    page = client.get("/history/").content.decode()
    assert "Jordan Meyer" in page
    assert "Change password" not in page
    again = Client()
    assert again.get(back(consented(at_the_provider(again)))).status_code == 302
    assert again.get("/history/").status_code == 200
    person = User.objects.get()
    assert (person.email, person.has_usable_password(), person.is_staff) == ("", False, False)
    assert "jordan@example.org" not in str(SocialAccount.objects.get().extra_data)
    assert not SocialToken.objects.exists()


def test_behind_a_proxy_the_redirect_uri_is_https(provided: str, settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    address = at_the_provider(Client(headers={"Host": "testserver", "X-Forwarded-Proto": "https"}))
    assert parse_qs(urlsplit(address).query)["redirect_uri"] == [CALLBACK.replace("http:", "https:")]


def test_a_local_account_of_the_same_name_or_address_is_not_taken_over(provided: str, client: Client) -> None:
    local = account(fake.NAME, is_staff=True, is_superuser=True)
    local.email = "jordan@example.org"
    local.save()
    client.get(back(consented(at_the_provider(client))))
    person = User.objects.exclude(pk=local.pk).get()
    assert int(client.session["_auth_user_id"]) == person.pk
    assert not person.is_staff
    assert identity.of_account(person.pk) != identity.of_account(local.pk)


def test_a_deactivated_account_cannot_sign_in_by_the_provider(provided: str, client: Client) -> None:
    client.get(back(consented(at_the_provider(client))))
    User.objects.update(is_active=False)
    other = Client()
    answer = other.get(back(consented(at_the_provider(other))), follow=True)
    assert "This account is disabled" in answer.content.decode()
    assert other.get("/").status_code == 302


@pytest.mark.parametrize("change", ["state", "code", "none"])
def test_a_forged_callback_is_refused(provided: str, client: Client, change: str) -> None:
    address = consented(at_the_provider(client))
    forged = re.sub(rf"{change}=[^&]+", f"{change}=forged", address)
    answer = (Client() if change == "none" else client).get(back(forged))
    assert answer.status_code in (200, 401), answer.content
    assert "Signing in didn't work" in unescape(answer.content.decode())
    assert not User.objects.exists()


def test_cancelling_at_the_provider_is_explained(provided: str, client: Client) -> None:
    state = parse_qs(urlsplit(at_the_provider(client)).query)["state"][0]
    answer = client.get(f"/accounts/oidc/login/callback/?error=access_denied&state={state}", follow=True)
    assert "You are not signed in" in answer.content.decode()


def test_an_unreachable_provider_prevents_only_signing_in(provided: str, client: Client, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9/"
    answer = client.post("/accounts/oidc/login/")
    assert answer.status_code == 503
    assert "Signing in didn't work" in unescape(answer.content.decode())
    account("alice")
    assert client.get("/accounts/login/").status_code == 200


def test_a_page_of_another_site_cannot_start_a_sign_in(provided: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/accounts/oidc/login/").status_code == 403
    assert "Refresh" not in strict.get("/accounts/oidc/login/").headers
