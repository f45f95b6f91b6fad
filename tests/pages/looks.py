"""Opens pages in Chromium as a trainee would, and finds visual and accessibility faults."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from coach.config import ROOT
from tests.browser import shown
from tests.browser.devices import WITHIN_MS

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = (360, 740), (1440, 900)

COLOURS_HAVE_CHANGED = """new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))
  .then(() => document.getAnimations().filter((each) => each instanceof CSSTransition))
  .then((running) => Promise.allSettled(running.map((each) => each.finished)))"""

# Sums up every layout shift that the user did not cause, from the first paint on.
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


# Every part of the page has its script (marked by static/js/boot.js), and none is being fetched.
SETTLED = """() => {
  const marks = new Set(performance.getEntriesByType("mark").map((each) => each.name));
  const parts = [...document.querySelectorAll("[data-module]")].map((each) => `mounted ${each.dataset.module}`);
  return "booted" in document.documentElement.dataset && parts.every((each) => marks.has(each))
    && !document.querySelector(".htmx-request");
}"""


@contextmanager
def visit(
    chromium: Browser,
    *,
    size: tuple[int, int] = DESK,
    scheme: str = "light",
    expected: tuple[str, ...] = (),
    **options: object,
) -> Iterator[Page]:
    """Yields a page of a fresh visitor; console messages that do not match `expected` fail the test."""
    context: BrowserContext = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        # axe is put in from outside, which the policy would rightly refuse; `policy` visits keep it.
        **{"bypass_csp": True, "locale": "en-GB", "permissions": ["microphone"]} | options,
    )
    shown.watch(context)
    context.add_init_script(SHIFTS)
    page = context.new_page()
    page.set_default_timeout(WITHIN_MS)
    page.set_default_navigation_timeout(60_000)
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(words in message.text for words in expected):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(f"{error}\n{error.stack}"))
    try:
        yield page
    except BaseException:  # pytest's own failures too
        shown.keep(context)
        raise
    finally:
        context.close()
    assert complaints == [], complaints


def settled(page: Page) -> None:
    """Wait until the page no longer changes; "networkidle" would take half a second longer each time."""
    page.wait_for_function(SETTLED)


def flaws(page: Page, name: str) -> list[str]:
    """The page's faults in its present state, at both widths, light and dark: axe's findings by rule and place."""
    found = []
    for size in (PHONE, DESK):
        found += _flaws(page, name, size, "light")
        found += [f"{size[0]} px: {each}" for each in small_targets(page)]
    # Both widths have the same components, so dark colours are checked at one of them.
    return found + _flaws(page, name, PHONE, "dark")


def admin_flaws(page: Page, name: str) -> list[str]:
    """Likewise for admin pages, mostly Django's own: light on a phone, dark on a desktop, sizes by axe."""
    return _flaws(page, name, PHONE, "light") + _flaws(page, name, DESK, "dark")


def _flaws(page: Page, name: str, size: tuple[int, int], scheme: str) -> list[str]:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)
    page.evaluate(COLOURS_HAVE_CHANGED)
    picture(page, f"{name}-{size[0]}-{scheme}")
    look = f"{size[0]} px, {scheme}: "
    # The dark theme changes only colours.
    found = [look + each for each in violations(page, RULES if scheme == "light" else ["color-contrast"])]
    if wider := overflow(page):
        found.append(look + f"{wider} px wider than its window")
    return found


def violations(page: Page, rules: list[str] = RULES) -> list[str]:
    """axe's findings by these rules or tags, one line per rule and place."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=str(AXE))
    found = page.evaluate("(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", rules)
    return [
        f"{rule['id']}: {node['target']} {json.dumps(node.get('failureSummary', ''))}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def overflow(page: Page) -> int:
    """How many px the page is wider than its window."""
    return page.evaluate("Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)")


def shifted(page: Page) -> float:
    """Cumulative layout shift so far."""
    return page.evaluate("window.shifted")


def small_targets(page: Page) -> list[str]:
    """Controls under 24 by 24 px that are not part of a sentence."""
    return page.evaluate(
        """() => [...document.querySelectorAll("a, button, input, summary, select")]
          .filter((each) => each.checkVisibility() && !each.closest("p, .visually-hidden, .skip-link"))
          .map((each) => [each, each.getBoundingClientRect()])
          .filter(([, box]) => box.width > 0 && (box.width < 24 || box.height < 24))
          .map(([each]) => each.outerHTML.slice(0, 120))"""
    )


def picture(page: Page, name: str) -> None:
    """Save a screenshot of the whole page to the folder named by PAGE_PICTURES, if that is set."""
    if folder := os.environ.get("PAGE_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
