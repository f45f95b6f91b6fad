"""Behaviours are edited as rows of a skill's form and validated like seed files."""

from typing import Any

from practice.models import Skill
from tests.admin.catalog_pages import errors, form_of, page_of
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


def test_behaviours_are_saved_and_shown_again(curator, listening):
    curator.post(page_of(listening), form_of(listening) | rows(behaviours()))
    assert Skill.objects.get().behaviours == behaviours()
    html = curator.get(page_of(listening)).content.decode()
    assert "On Monday I did names-it." in html
    assert html.count('<details class="reaction"') == len(behaviours()) + 2, "and two to write in"


def test_a_key_is_made_from_the_text(curator, listening):
    curator.post(page_of(listening), form_of(listening) | rows(behaviours(key="", text="Names the event")))
    assert Skill.objects.get().behaviours[0]["key"] == "names-the-event"


def test_errors_stand_beside_their_row_and_input_is_kept(curator, listening):
    response = curator.post(page_of(listening), form_of(listening) | rows(behaviours(shown=[])))
    assert errors(response) == {"behaviours": ["Each problem is shown beside its behaviour (1)."]}
    html = response.content.decode()
    assert "Write at least one line." in html
    assert "Does names-it" in html
    assert Skill.objects.get().behaviours == []


def test_too_few_behaviours_are_refused(curator, listening):
    response = curator.post(page_of(listening), form_of(listening) | rows(behaviours()[:2]))
    assert "must have 4 to 8 entries" in errors(response)["behaviours"][0]


def test_a_form_without_behaviours_leaves_them_unchanged(curator, listening):
    Skill.objects.update(behaviours=behaviours())
    curator.post(page_of(listening), form_of(listening, name="Hearing"))
    assert (Skill.objects.get().name, Skill.objects.get().behaviours) == ("Hearing", behaviours())


def test_published_scenarios_do_not_lock_behaviours(curator, listening, published):
    curator.post(page_of(listening), form_of(listening) | rows(behaviours()))
    assert Skill.objects.get(pk=listening.pk).behaviours == behaviours()
