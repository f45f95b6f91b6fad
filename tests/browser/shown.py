"""What the browser showed when a test failed: its pages' addresses and words, consoles, and requests."""

from collections import deque

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request

LINES, REQUESTS, WORDS = 40, 25, 1_500
# A page whose scripts hang would never answer.
PATIENCE_MS = 3_000

_watched: dict[BrowserContext, "_Watched"] = {}
_closed: list[str] = []


class _Watched:
    def __init__(self, context: BrowserContext) -> None:
        self.said: deque[str] = deque(maxlen=LINES)
        self.asked: deque[Request] = deque(maxlen=REQUESTS)
        self._outcomes: dict[Request, str] = {}
        context.on("console", self._console)
        context.on("weberror", lambda fault: self.said.append(f"script error: {fault.error}"))
        context.on("request", self._request)
        context.on("response", lambda answer: self._outcomes.update({answer.request: str(answer.status)}))
        context.on("requestfailed", lambda request: self._outcomes.update({request: f"failed, {request.failure}"}))

    def forget(self) -> None:
        self.said.clear()
        self.asked.clear()
        self._outcomes.clear()

    def requests(self) -> list[str]:
        return [f"{each.method} {each.url}: {self._outcomes.get(each, 'no answer yet')}" for each in self.asked]

    def _console(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        # A room loads ninety scripts, which only push out what matters.
        if request.resource_type in ("document", "fetch", "xhr", "websocket", "other", "eventsource"):
            self.asked.append(request)


def watch(context: BrowserContext) -> None:
    """From now on remember what the context's pages say and ask for; what an earlier test left is forgotten."""
    if context in _watched:
        _watched[context].forget()
        return
    _watched[context] = _Watched(context)
    context.on("close", lambda *_: _watched.pop(context, None))


def keep(context: BrowserContext) -> None:
    """The test fails and closes its context: keep what `told` would find there."""
    _closed.append(_report(context, _watched[context]))


def told() -> str:
    """A report of all contexts that are open or were kept, in which anything happened; each is told once."""
    found = [*_closed, *(_report(context, watched) for context, watched in _watched.items())]
    _closed.clear()
    return "\n\n".join(report for report in found if report)


def _report(context: BrowserContext, watched: _Watched) -> str:
    parts = [_page(page) for page in context.pages]
    if watched.said:
        parts.append("\n  ".join(["console:", *watched.said]))
    if watched.asked:
        parts.append("\n  ".join(["requests:", *watched.requests()]))
    return "\n".join(parts)


def _page(page: Page) -> str:
    try:
        words = page.locator("body").inner_text(timeout=PATIENCE_MS)[:WORDS]
    except Error as error:
        words = f"(the page does not answer: {error.message.splitlines()[0]})"
    return f"page {page.url}\n  " + "\n  ".join(line for line in words.splitlines() if line.strip())
