"""The admin's own pages: the home page lists only tables in use, and every text is translated."""

import re
from typing import Any

import pytest

# Texts of Django and other packages on that page, and our Chinese for them.
OURS = {"Log out": "退出登录", "View site": "打开网站", "Recent actions": "最近操作", "Model name": "名称"}


@pytest.mark.django_db
def test_unused_tables_of_packages_are_not_listed(admin_client: Any) -> None:
    page = admin_client.get("/admin/").content.decode()
    assert "/admin/auth/user/" in page
    assert re.findall(r"/admin/(?:account|socialaccount)/\w+", page) == []


@pytest.mark.django_db
def test_texts_of_django_and_packages_use_our_chinese(admin_client: Any) -> None:
    page = admin_client.get("/admin/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert {english: chinese for english, chinese in OURS.items() if english in page or chinese not in page} == {}
    assert "注销" not in page
    assert ">修改</a>" in page, "Django's own translation"


def test_the_list_of_sessions_has_chinese_headings_only(admin_client: Any) -> None:
    page = admin_client.get("/admin/practice/practicesession/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "Scenario title" not in page
