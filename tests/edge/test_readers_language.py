"""A reader gets the language they chose on the page, else the one their browser asks for."""

import pytest
from django.test import Client

ENGLISH, CHINESE = "en", "zh-hans"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", ENGLISH),
        ("zh-CN,zh;q=0.9,en;q=0.5", CHINESE),
        ("en-GB,en;q=0.9,zh;q=0.8", ENGLISH),
        ("fr-FR,fr;q=0.9", ENGLISH),
        # As some programs write it, alone and before what else they ask for.
        ("zh_CN", CHINESE),
        ("zh_CN.UTF-8,zh;q=0.9", CHINESE),
        ("zh-Hans-CN;q=1.0, en-CN;q=0.9", CHINESE),
        ("zh-TW", CHINESE),
        ("ZH-cn", CHINESE),
        ("en ; q = 0.2 , zh ; q = 0.8", CHINESE),
        ("zh;q=.8,en;q=.2", CHINESE),
        # An unreadable range is skipped; the others count.
        ("zh;q=high,zh-CN;q=0.4", CHINESE),
        ("zh-CN,,en;q=0.5,", CHINESE),
        ("en;q=0.5;q=1,zh", CHINESE),
        # Quality 0 refuses.
        ("zh;q=0", ENGLISH),
        ("zh;q=0.000", ENGLISH),
        ("zh-CN;q=0,fr", ENGLISH),
        ("fr,zh;q=0,*;q=0.1", ENGLISH),
        ("en;q=0,*", CHINESE),
        ("en;q=0", CHINESE),
        ("zh;q=0,zh-CN;q=0.5", CHINESE),
        ("zh;q=0,en;q=0", ENGLISH),
        ("*;q=0", ENGLISH),
        # Anything else has the quality of `*`.
        ("*", ENGLISH),
        ("*,zh;q=0.5", ENGLISH),
        ("zh,*", CHINESE),
        ("fr;q=0.9,*;q=0.5,zh;q=0.7", CHINESE),
        ("zh;q=7,en", CHINESE),
        ("x" * 4_000, ENGLISH),
    ],
)
def test_the_browsers_preferred_language_is_chosen(client: Client, header: str, language: str) -> None:
    answer = client.get("/nowhere", headers={"Accept-Language": header})
    assert answer["Content-Language"] == language
    assert "Accept-Language" in answer["Vary"]


@pytest.mark.parametrize(
    ("cookie", "language"), [("zh-hans", CHINESE), ("en", ENGLISH), ("xx", CHINESE), ("", CHINESE)]
)
def test_the_language_chosen_on_the_page_comes_before_the_browsers(client: Client, cookie: str, language: str) -> None:
    client.cookies["django_language"] = cookie
    assert client.get("/nowhere", headers={"Accept-Language": "zh"})["Content-Language"] == language
