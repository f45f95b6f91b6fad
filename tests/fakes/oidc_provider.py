"""An OpenID Connect provider as a separate process: django-allauth's, with one client and one user.

`python -m tests.fakes.oidc_provider CALLBACK FOLDER` prints its address and serves until it is ended.
"""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

CLIENT_ID, CLIENT_SECRET = "practice-coach", "a secret of the provider's"
NAME, PASSWORD = "jordan", "jordan's password at the provider"


@contextlib.contextmanager
def running(callback: str) -> Iterator[str]:
    """Serve the provider; yields the issuer's address. `callback` is the only allowed redirect URI."""
    command = [sys.executable, "-m", "tests.fakes.oidc_provider", callback]
    with (
        tempfile.TemporaryDirectory(prefix="coach-oidc-") as folder,
        subprocess.Popen([*command, folder], stdout=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def main(callback: str, folder: str) -> None:
    import django
    from django.conf import settings

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    settings.configure(
        SECRET_KEY="of-the-provider-alone",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="tests.fakes.oidc_provider_urls",
        # Django's own hashers take a third of a second on purpose, twice in each sign-in.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(folder) / "provider.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.sessions",
            "allauth",
            "allauth.account",
            "allauth.idp.oidc",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        SESSION_COOKIE_NAME="provider_session",
        CSRF_COOKIE_NAME="provider_csrf",
        ACCOUNT_EMAIL_VERIFICATION="none",
        ACCOUNT_LOGIN_METHODS={"username"},
        ACCOUNT_RATE_LIMITS=False,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        IDP_OIDC_PRIVATE_KEY=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    )
    django.setup()
    _fill(callback)
    _serve()


def _fill(callback: str) -> None:
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    User.objects.create_user(NAME, "jordan@example.org", PASSWORD, first_name="Jordan", last_name="Meyer")
    client = Client(id=CLIENT_ID, name="The coach", redirect_uris=callback, scopes="openid\nprofile", skip_consent=True)
    client.set_secret(CLIENT_SECRET)
    client.save()


def _serve() -> None:
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from django.core.wsgi import get_wsgi_application

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
