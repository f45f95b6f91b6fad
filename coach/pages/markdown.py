"""Renders curators' Markdown safely: CommonMark with tables, then only the elements that prose needs."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(
    ["replacements", "smartquotes", "table"]
)
_TAGS = {
    *("p", "br", "hr", "em", "strong", "blockquote", "code", "pre", "ul", "ol", "li", "a"),
    *("h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td"),
}


def render(text: str) -> SafeString:
    """Safe HTML for `text`. Headings start at h2, because a page has its own h1; raw HTML is shown as text."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 4)}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
    return mark_safe(clean)  # noqa: S308 - nh3 has just cleaned it


def plain(text: str) -> str:
    """The words of `text` without markup, paragraphs separated by one newline."""
    blocks = []
    for token in _MARKDOWN.parse(text):
        if token.type == "inline":
            words = "".join(
                " " if child.type in ("softbreak", "hardbreak") else child.content for child in token.children or []
            )
            blocks.append(words.strip())
    return "\n".join(block for block in blocks if block)
