"""The Markdown that curators may write, and the HTML it becomes."""

import pytest

from coach.pages.markdown import plain, render


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Sam is **late**.", "<p>Sam is <strong>late</strong>.</p>\n"),
        ("# Top", "<h2>Top</h2>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ('She said "no".', "<p>She said “no”.</p>\n"),
        (
            "[rules](https://example.org)",
            '<p><a href="https://example.org" rel="noopener noreferrer">rules</a></p>\n',
        ),
    ],
)
def test_prose_is_rendered(written: str, shown: str) -> None:
    assert render(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "![x](https://example.org/spy.png)",
        '<a href="https://example.org" style="position:fixed">x</a>',
        "<svg/onload=alert(1)>",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
    ],
)
def test_active_html_is_removed(written: str) -> None:
    html = render(written)
    for danger in ("<script", "<img", "<svg", "javascript:", "data:", "<a href=&", 'style="'):
        assert danger not in html.replace("href=&quot;", "").replace("[x](javascript:", "").replace("[x](data:", "")


def test_plain_text_keeps_the_words_and_drops_the_markup() -> None:
    assert plain("Sam is **late**\nagain.\n\n> So it *goes*.") == "Sam is late again.\nSo it goes."
