"""Configures django-allauth: who may have an account, and what we store of a provider's answer."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.httpkit import get_client_ip
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest

KEPT_CLAIMS = ("sub", "iss", "name", "preferred_username")


class Accounts(DefaultAccountAdapter):
    """Local accounts are created by an admin: nobody can sign up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """One address for everybody who connects by a Unix socket without a proxy: they are throttled together."""
        return get_client_ip(request) or "local"


class ProviderAccounts(DefaultSocialAccountAdapter):
    """Anyone the OpenID provider accepts gets an account. We store names, but no e-mail address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        # An address would link the account to a local one with the same address.
        sociallogin.email_addresses = []
        if sociallogin.user:
            sociallogin.user.email = ""
        account = sociallogin.account
        account.extra_data = _kept(account.extra_data)
        if account.pk:
            account.save(update_fields=["extra_data"])


def _kept(claims: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _kept(value) if isinstance(value, dict) else value
        for name, value in claims.items()
        if isinstance(value, dict) or name in KEPT_CLAIMS
    }
