"""Behaviours are edited in rows on a skill's form, under the rules of the seed format."""

from typing import Any

from practice.models import Skill
from tests.admin.desk import errors, form_of, page_of
from tests.seeding.records import behaviours


def rows(given: list[dict[str, Any]]) -> dict[str, str]:
    sent: dict[str, str] = {}
    for place in range(8):
        one = given[place] if place < len(given) else {}
        for name in ("key", "text", "kind"):
            sent[f"behaviours-{place}-{name}"] = one.get(name, "do" if name == "kind" else "")
        for name in ("shown", "notShown"):
            sent[f"behaviours-{place}-{name}"] = "\n".join(one.get(name, []))
    return sent


def test_they_are_written_and_shown_again(desk, listening):
    desk.post(page_of(listening), form_of(listening) | rows(behaviours()))
    assert Skill.objects.get().behaviours == behaviours()
    html = desk.get(page_of(listening)).content.decode()
    assert "On Monday I did names-it." in html
    assert html.count('<details class="reaction"') == 8


def test_a_key_is_made_from_the_text(desk, listening):
    desk.post(page_of(listening), form_of(listening) | rows(behaviours(key="", text="Names the event")))
    assert Skill.objects.get().behaviours[0]["key"] == "names-the-event"


def test_what_is_wrong_is_said_beside_the_row_and_nothing_is_lost(desk, listening):
    response = desk.post(page_of(listening), form_of(listening) | rows(behaviours(shown=[])))
    assert errors(response) == {"behaviours": ["Each problem is shown beside its behaviour (1)."]}
    html = response.content.decode()
    assert "Write at least one line." in html
    assert "Does names-it" in html
    assert Skill.objects.get().behaviours == []


def test_too_few_are_refused(desk, listening):
    response = desk.post(page_of(listening), form_of(listening) | rows(behaviours()[:2]))
    assert "must have 4 to 8 entries" in errors(response)["behaviours"][0]


def test_a_page_without_them_leaves_them_as_they_are(desk, listening):
    Skill.objects.update(behaviours=behaviours())
    desk.post(page_of(listening), form_of(listening, name="Hearing"))
    assert (Skill.objects.get().name, Skill.objects.get().behaviours) == ("Hearing", behaviours())


def test_published_scenarios_do_not_lock_them(desk, listening, published):
    desk.post(page_of(listening), form_of(listening) | rows(behaviours()))
    assert Skill.objects.get(pk=listening.pk).behaviours == behaviours()
