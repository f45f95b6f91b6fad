"""Configures django-allauth: who may have an account, and what we store of a provider's answer."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import get_client_ip
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

log = structlog.get_logger(__name__)

KEPT_CLAIMS = ("sub", "iss", "name", "preferred_username")
SUBJECT_CHARS = 191
"""As many as the table of allauth's provider accounts holds."""


class Accounts(DefaultAccountAdapter):
    """Local accounts are created by an admin: nobody can sign up."""

    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("Wrong username or password. Check both and try again."),
        "account_inactive": _("This account is disabled. Ask your administrator."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """One address for everybody who connects by a Unix socket without a proxy: they are throttled together."""
        return get_client_ip(request) or "local"


class ProviderAccounts(DefaultSocialAccountAdapter):
    """Anyone the OpenID provider accepts gets an account. We store names, but no e-mail address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: object = None,
        exception: Exception | None = None,
        extra_context: Mapping[str, Any] | None = None,
    ) -> None:
        """Log why. Who is signed in and comes back once more (twice clicked, *Back*) just goes on to the first page."""
        if request.user.is_authenticated and "state" not in (extra_context or {}):
            raise ImmediateHttpResponse(redirect(settings.LOGIN_REDIRECT_URL))
        if error == AuthError.CANCELLED:
            return
        cause = exception and (exception.__cause__ or exception)
        # The provider's own code (RFC 6749, 4.1.2.1), as far as it is one.
        told = re.match(r"[a-z_]{0,40}", request.GET.get("error", ""))
        log.warning(
            "signing in with the OpenID provider failed",
            reason=(told and told[0]) or error,
            error=type(cause).__name__ if cause else "",
        )

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Raises PermissionDenied for an answer that does not name one person, and to link a second account to one."""
        # An address would link the account to a local one with the same address.
        sociallogin.email_addresses = []
        if sociallogin.user:
            sociallogin.user.email = ""
        account = sociallogin.account
        account.extra_data = _kept(account.extra_data)
        if account.pk:
            account.save(update_fields=["extra_data"])
        _check_subject(account.extra_data)
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise PermissionDenied("Accounts are not linked.")


def _check_subject(answers: dict[str, Any]) -> None:
    """Userinfo and id token must name the same subject (OpenID Connect Core, 5.3.2), and a usable one.

    allauth (65.22) takes userinfo's as it is: everybody whose subject is empty or null would share an account.
    """
    subjects = {claims.get("sub") for claims in answers.values() if isinstance(claims, dict)}
    subject = subjects.pop() if len(subjects) == 1 else None
    if not isinstance(subject, str) or not subject.strip() or len(subject) > SUBJECT_CHARS:
        raise PermissionDenied("The provider named no usable subject.")


def _kept(claims: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _kept(value) if isinstance(value, dict) else value
        for name, value in claims.items()
        if isinstance(value, dict) or name in KEPT_CLAIMS
    }
