"""Words of ours must not change what Django's own admin says."""

from django.test import Client


def test_the_home_page_keeps_djangos_words_in_chinese(admin_client: Client) -> None:
    page = admin_client.get("/admin/", headers={"accept-language": "zh"}).content.decode()
    assert ">修改</a>" in page


def test_the_list_of_sessions_has_chinese_headings_only(admin_client: Client) -> None:
    page = admin_client.get("/admin/practice/practicesession/", headers={"accept-language": "zh"}).content.decode()
    assert "Scenario title" not in page
