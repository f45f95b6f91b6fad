"""The first page of the admin: what people need, in the language of the page."""

import re
from typing import Any

import pytest

# What Django and other packages say themselves there, and our own Chinese for it.
OURS = {"Log out": "退出登录", "View site": "打开网站", "Recent actions": "最近操作", "Model name": "名称"}


@pytest.mark.django_db
def test_tables_that_stay_empty_are_not_offered(admin_client: Any) -> None:
    page = admin_client.get("/admin/").content.decode()
    assert "/admin/auth/user/" in page
    assert re.findall(r"/admin/(?:account|socialaccount)/\w+", page) == []


@pytest.mark.django_db
def test_the_packages_words_are_in_our_chinese(admin_client: Any) -> None:
    page = admin_client.get("/admin/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert {english: chinese for english, chinese in OURS.items() if english in page or chinese not in page} == {}
    assert "注销" not in page
