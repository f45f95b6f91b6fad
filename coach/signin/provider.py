"""Describes this installation's OpenID provider for django-allauth."""

from typing import Any

from coach.config import Config

PROVIDER_ID = "oidc"


def described(config: Config) -> dict[str, Any]:
    """`SOCIALACCOUNT_PROVIDERS`: empty if no provider is configured."""
    if not config.oidc_issuer:
        return {}
    app = {
        "provider_id": PROVIDER_ID,
        "name": config.oidc_name,
        "client_id": config.oidc_client_id,
        "secret": config.oidc_client_secret.get_secret_value(),
        # allauth appends the path: an issuer that ends with a slash, as Authentik's do, would get two.
        "settings": {"server_url": config.oidc_issuer.rstrip("/")},
    }
    return {
        "openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True, "SCOPE": ["openid", "profile"]},
    }
