"""Reuses Chromium contexts between tests, so that the room's ninety modules come from the browser's cache."""

import json
from collections import defaultdict
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from tests.browser import shown

_Kind = tuple[Browser, str]


class Contexts:
    """A pool: one test at a time uses a context, and only cached files survive from one test to the next."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._free: dict[_Kind, list[BrowserContext]] = defaultdict(list)
        self._kinds: dict[BrowserContext, _Kind] = {}

    def take(self, browser: Browser, options: dict[str, Any]) -> BrowserContext:
        kind = (browser, json.dumps(options, sort_keys=True))
        if self._free[kind]:
            taken = self._free[kind].pop()
        else:
            taken = browser.new_context(**{"base_url": self._address, "permissions": ["microphone"]} | options)
            self._kinds[taken] = kind
        shown.watch(taken)
        return taken

    def give_back(self, context: BrowserContext) -> None:
        kind = self._kinds[context]
        if not kind[0].is_connected():
            return
        for page in context.pages:
            page.close()
        context.set_offline(False)
        context.clear_cookies()
        page = context.new_page()
        forget = {"origin": self._address, "storageTypes": "all"}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", forget)
        page.close()
        self._free[kind].append(context)

    def close(self) -> None:
        for context, (browser, _) in self._kinds.items():
            if browser.is_connected():
                context.close()
