"""Decides whose pages may change something here: our own, and those in CSRF_TRUSTED_ORIGINS.

Clients that are not browsers send no Origin and are allowed; `Origin: null` is foreign.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from coach.edge.drain_gate import Application, Receive, Scope, Send

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
SECURE = {"https", "wss"}


def is_own(origin: str, *, host: str, scheme: str, trusted: Sequence[str] = ()) -> bool:
    """Whether `origin` (as the browser sent it) is the site at `scheme`://`host`, or one of `trusted`.

    `trusted` entries are like Django's: `https://name[:port]`, the name may begin with `*.`.
    """
    given = _parts(origin)
    if given is None:
        return False
    own = _parts(f"{'https' if scheme in SECURE else 'http'}://{host}")
    return given == own or any(_matches(given, entry) for entry in trusted)


def _matches(given: tuple[str, str, int], entry: str) -> bool:
    scheme, _, rest = entry.partition("://")
    wildcard = rest.startswith("*.")
    wanted = _parts(f"{scheme}://{rest.removeprefix('*.')}")
    if wanted is None or (given[0], given[2]) != (wanted[0], wanted[2]):
        return False
    return given[1] == wanted[1] or (wildcard and given[1].endswith("." + wanted[1]))


def _parts(origin: str) -> tuple[str, str, int] | None:
    """Scheme, lower-case host and port; None if it is not an origin."""
    try:
        split = urlsplit(origin)
        host, port = split.hostname, split.port
    except ValueError:
        return None
    if split.scheme not in DEFAULT_PORTS or not host or split.path or split.query or split.fragment or split.username:
        return None
    return split.scheme, host, port or DEFAULT_PORTS[split.scheme]


class OriginValidator:
    """Refuses a socket whose handshake comes from a foreign page with 403."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        origin = headers.get(b"origin")
        host = headers.get(b"host", b"").decode("latin-1")
        if origin is None or (
            # A foreign name that resolves to this machine would send matching Host and Origin.
            validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
            and is_own(
                origin.decode("latin-1"),
                host=host,
                scheme=_scheme(scope, headers),
                trusted=settings.CSRF_TRUSTED_ORIGINS,
            )
        ):
            await self._application(scope, receive, send)
        else:
            await WebsocketDenier()(scope, receive, send)


def _scheme(scope: Scope, headers: dict[bytes, bytes]) -> str:
    # Daphne gives no scheme for sockets; behind a proxy, use the header that Django trusts.
    proxy = settings.SECURE_PROXY_SSL_HEADER
    if proxy:
        name = proxy[0].removeprefix("HTTP_").replace("_", "-").lower().encode()
        # Some proxies tell a socket's own scheme: wss.
        told = headers.get(name, b"").decode("latin-1").split(",")[0].strip().lower()
        return "https" if told in SECURE else "http"
    return str(scope.get("scheme", "http"))
