"""The admin's own pages: the home page lists only tables in use, and every text is translated."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User

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


def _boxes(page: str, name: str) -> dict[str, bool]:
    """The values of the checkboxes called `name`, and whether each is checked."""
    found = re.findall(rf'<input type="checkbox" name="{name}" value="(\d+)"([^>]*)>', page)
    return {value: attributes.endswith(" checked") for value, attributes in found}


def test_what_somebody_may_do_is_a_choice_of_groups_and_a_table_of_permissions(admin_client: Any) -> None:
    names = ("view_skill", "manage_operations", "view_session", "view_contenttype")
    single, kept, unseen, other = (Permission.objects.get(codename=name) for name in names)
    user = User.objects.create_user("otto", is_staff=True)
    user.user_permissions.add(kept, unseen)
    curators = Group.objects.get(name="Curators")
    address = f"/admin/auth/user/{user.pk}/change/"
    page = admin_client.get(address).content.decode()
    assert _boxes(page, "groups")[str(curators.pk)] is False
    permissions = _boxes(page, "user_permissions")
    assert {pk for pk, checked in permissions.items() if checked} == {str(kept.pk), str(unseen.pk)}
    assert str(single.pk) in permissions
    assert str(other.pk) not in permissions, "No page of the admin shows it, and it is not given."

    chosen = {"groups": [curators.pk], "user_permissions": [kept.pk, single.pk]}
    said = {"username": "otto", "is_active": "on", "is_staff": "on", **chosen}
    assert admin_client.post(address, said).status_code == 302
    assert (list(user.groups.all()), set(user.user_permissions.all())) == ([curators], {kept, single})
    user.refresh_from_db()
    assert user.is_staff
    assert re.search(r"otto.*?Curators", admin_client.get("/admin/auth/user/").content.decode(), re.DOTALL)

    address = f"/admin/auth/group/{curators.pk}/change/"
    before = {str(each.pk) for each in curators.permissions.all()}
    boxes = _boxes(admin_client.get(address).content.decode(), "permissions")
    assert {value for value, checked in boxes.items() if checked} == before
    admin_client.post(address, {"name": "Curators", "permissions": [*before, kept.pk]})
    assert kept in curators.permissions.all()
    groups = admin_client.get("/admin/auth/group/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "1 名成员" in groups
