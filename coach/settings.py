"""Django's settings: wiring only. What varies between installations comes from `coach.config`."""

from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from coach.config import ROOT, config
from coach.edge.input_limits import MAX_BODY_BYTES
from coach.pages.npm_folders import npm_static_dirs
from coach.redis_links import ASYNC_OPTIONS
from coach.signin import attempt_limits, provider
from coach.telemetry import logs
from coach.telemetry.setup import secrets_of

SECRET_KEY = config.secret_key
DEBUG = config.debug
ALLOWED_HOSTS = config.allowed_hosts
CSRF_TRUSTED_ORIGINS = config.csrf_trusted_origins
ROOT_URLCONF = "coach.urls"
ASGI_APPLICATION = "coach.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "daphne",
    "coach.pages.admin_site.CoachAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "auditlog",
    "csp",
    "django_htmx",
    "template_partials",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "coach.signin",
    "coach.storage",
    "coach.leancloud",
    "coach.model_use",
    "practice",
    "evaluations",
    "history",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "coach.pages.static_releases.StaticFilesOfAnyRelease",
    "csp.middleware.CSPMiddleware",
    "coach.pages.headers.PermissionsPolicy",
    "coach.edge.front_door.FrontDoor",
    "coach.edge.api_edge.ApiEdge",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "coach.edge.readers_language.ReadersLanguage",
    "coach.edge.unmigrated.Unmigrated",
    "coach.pages.timezones.ReadersTimezone",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "coach.signin.middleware.SignInDoor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "coach.edge.retry_conflicts.RetryConflicts",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["coach.pages.tags"],
        },
    }
]

config.var_dir.mkdir(parents=True, exist_ok=True)
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(config.database_url, conn_health_checks=True)
    if config.database_url
    # No address: a VAR_DIR may hold signs that mean something in one.
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": config.var_dir / "coach.sqlite3", "CONN_HEALTH_CHECKS": True}
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Connections live as long as their thread: otherwise the last one to close would checkpoint the whole log each
    # time.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    # Tests run threads and processes too, so they also need a file.
    DATABASES["default"]["TEST"] = {"NAME": config.var_dir / "test.sqlite3"}
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728; "
        # What is deleted is overwritten: not every build of SQLite does so by itself.
        "PRAGMA secure_delete=ON;",
    }
else:
    DATABASES["default"]["ENGINE"] = "coach.database"
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {
            # An attempt to connect is given up after a second, so that the next request tries at once instead of
            # waiting for an attempt that is delayed longer the longer the server has been down.
            "pool": {"min_size": 0, "max_size": 10, "timeout": 10, "reconnect_timeout": 1},
            "connect_timeout": 5,
            # Lets the client notice a server that vanished without closing the connection.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
            "options": "-c statement_timeout=30000",
        }
    )

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [{"address": config.redis_url, **ASYNC_OPTIONS}],
            "capacity": 1000,
            "expiry": 30,
        },
    }
}

# Counts of sign-in attempts: shared by all processes, and available without Redis.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "signin_attempt"},
    # A sentence in each voice that curators can choose; made again when lost.
    "voice_samples": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": config.var_dir / "voice-samples",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
}

# Accounts are created by an admin or come from the OpenID provider; nothing is ever sent by mail.
LOGIN_URL = "account_login"
CSRF_FAILURE_VIEW = "coach.signin.views.csrf_failure"
LOGIN_REDIRECT_URL = "practice:catalog"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "coach.signin.adapters.Accounts"
SOCIALACCOUNT_ADAPTER = "coach.signin.adapters.ProviderAccounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = attempt_limits.LIMITS
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if config.behind_proxy else 0
SOCIALACCOUNT_PROVIDERS = provider.described(config)
SOCIALACCOUNT_STORE_TOKENS = False

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["coach.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = config.var_dir / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [ROOT / "static", *npm_static_dirs(ROOT)]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "coach.pages.npm_files.NpmFileFinder",
]
# Before files are collected (in a checkout or tests) they are served from their source.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()
# Then they are looked up one by one, instead of listing thousands of package files at every start and for every test
# client.
WHITENOISE_AUTOREFRESH = DEBUG or WHITENOISE_USE_FINDERS
# Cached for ever: files with a hash in their name, and modules in a folder that has one.
WHITENOISE_IMMUTABLE_FILE_TEST = r"\.[0-9a-f]{12}\.|/[0-9a-f]{12}/js/"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "coach.pages.staticfiles.HashedWhereCollected"},
    "audio-local": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": config.var_dir / "audio", "file_permissions_mode": 0o600, "allow_overwrite": True},
    },
    "audio-s3": {
        "BACKEND": "coach.storage.s3_compatible.S3CompatibleStorage",
        "OPTIONS": {
            "bucket_name": config.s3_bucket,
            "endpoint_url": config.s3_endpoint_url or None,
            "default_acl": None,
            "file_overwrite": True,
            "addressing_style": config.s3_addressing_style,
        },
    },
}
if "coach.leancloud" in INSTALLED_APPS:
    STORAGES["audio-leancloud"] = {"BACKEND": "coach.leancloud.files.LeanCloudFileStorage"}

# The edge refuses larger bodies before Django sees them.
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
# A full role brief has 150 facts and 60 reactions, a row of fields each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The MP3 encoder and the voice detector need WebAssembly.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, "'wasm-unsafe-eval'"],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
if config.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    # Health probes ask the process directly, without TLS.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
# This site must not make promises for other names under its domain.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = logs.config()
logs.start(secrets_of(config))
