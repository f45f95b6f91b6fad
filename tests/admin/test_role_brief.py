"""Curators edit the role brief row by row in the admin; the importer's rules apply."""

import json
import re
from html import unescape

import pytest
from django.test.client import BOUNDARY, encode_multipart

from coach.edge import input_limits
from practice.models import Scenario
from tests import cast
from tests.admin.catalog_pages import errors, form_of, page_of
from tests.seeding.test_role_briefs import BRIEF

FIELD = "ai_persona_brief"


def rows_of(brief):
    """The form fields that a browser sends for a brief."""
    sent = {"manner": brief["manner"], "trust": brief.get("trust", 0), "holdsOn": "\r\n".join(brief["holdsOn"])}
    sent |= {name: "\r\n".join(lines) for name, lines in brief.items() if name.startswith("toAny")}
    for place, one in enumerate(brief["reactions"]):
        needs = one.get("needs", {})
        row = {name: one.get(name, "") for name in ("key", "when", "hint")}
        row |= {name: "\r\n".join(one.get(name, [])) for name in ("heard", "says", "otherwise")}
        row |= {"needs_trust": needs.get("trust", ""), "needs_after": ", ".join(needs.get("after", []))}
        row |= {"trust": one.get("trust", 0), "meets": ", ".join(map(str, one.get("meets", [])))}
        row |= {name: "on" for name in ("ends", "once") if one.get(name)}
        sent |= {f"{place}-{name}": value for name, value in row.items()}
    for place, one in enumerate(brief.get("knows", [])):
        sent |= {f"knows-{place}-{name}": "\r\n".join(one[name]) for name in ("asked", "says")}
        sent[f"knows-{place}-needs_after"] = ", ".join(one.get("needs", {}).get("after", []))
    return {f"{FIELD}-{name}": value for name, value in sent.items()}


def changed(brief, place, **fields):
    reactions = [dict(one) for one in brief["reactions"]]
    reactions[place] |= fields
    return brief | {"reactions": reactions}


def without_defaults(brief):
    kept = {name: value for name, value in brief.items() if name != "trust" or value}
    return kept | {"reactions": [{key: value for key, value in one.items() if value} for one in brief["reactions"]]}


def faults_of(response):
    """The errors beside the brief's fields, in the order of the page."""
    page = unescape(response.content.decode()).partition("data-brief\n")[2].partition("brief-holdsOn")[0]
    lists = re.findall(r'<ul class="errorlist">(.*?)</ul>', page)
    return [words for each in lists for words in re.findall(r"<li>(.*?)</li>", each)]


def test_a_brief_is_written_read_back_and_saved_unchanged(curator, published):
    curator.post(page_of(published), form_of(published, **rows_of(BRIEF)))
    published.refresh_from_db()
    assert published.ai_persona_brief == without_defaults(BRIEF)

    page = curator.get(page_of(published)).content.decode()
    assert "Wait. Lena sat here until eleven?" in page
    # Each with a blank one for the script, and one without it.
    assert page.count("data-reaction-name") == len(BRIEF["reactions"]) + 2
    assert page.count("data-fact-asked") == len(BRIEF["knows"]) + 2
    curator.post(page_of(published), form_of(published, **rows_of(published.ai_persona_brief)))
    assert Scenario.objects.get().ai_persona_brief == without_defaults(BRIEF)


def test_all_errors_stand_beside_their_fields_and_nothing_is_saved(curator, published):
    brief = changed(BRIEF, 0, says=[], meets=["x", 9]) | {"manner": " "}
    brief = changed(brief, 2, key="lena", needs={"after": ["nowhere"]})
    brief["knows"] = [{"asked": ["You are lazy."], "says": [], "needs": {"after": ["never"]}}]
    response = curator.post(page_of(published), form_of(published, **rows_of(brief)))

    assert errors(response) == {
        FIELD: ["The role brief can't be saved yet: each problem is shown beside its field (9)."]
    }
    assert faults_of(response) == [
        "Fill this in.",
        "Write at least one line.",
        "Write whole numbers, with commas between them.",
        "There is no end criterion 9: there are 2.",
        "Reaction 2 has this key already.",
        "There is no reaction “nowhere”.",
        "Reaction “insult” listens for this line too.",
        "Write at least one line.",
        "There is no reaction “never”.",
    ]
    assert "Wait. Lena sat here until eleven?" in response.content.decode()
    assert Scenario.objects.get().ai_persona_brief is None


def test_the_fullest_chinese_brief_can_be_saved(curator, published):
    facts = [
        {"asked": [f"第{n}件事{'是什么时候说的' * 12}{way}？" for way in "甲乙"], "says": ["去年春天。"]}
        for n in range(150)
    ]
    small = [
        {"key": f"small-{n}", "when": "聊点别的", "heard": [f"说点{n}别的。"], "says": ["好。"]}
        for n in range(60 - len(BRIEF["reactions"]))
    ]
    brief = BRIEF | {"reactions": [*BRIEF["reactions"], *small], "knows": facts}
    assert 90_000 < len(json.dumps(brief, ensure_ascii=False).encode()) < 105_000
    assert 'enctype="multipart/form-data"' in curator.get(page_of(published)).content.decode()
    sent = form_of(published, **rows_of(brief))
    assert len(encode_multipart(BOUNDARY, sent)) < input_limits.MAX_BODY_BYTES
    curator.post(page_of(published), sent)
    assert Scenario.objects.get().ai_persona_brief["knows"] == facts


def test_end_criteria_that_a_brief_refers_to_cannot_be_removed(curator, published):
    Scenario.objects.update(ai_persona_brief=BRIEF)
    response = curator.post(page_of(published), form_of(published, end_criteria="It fails if Sam leaves."))
    assert FIELD in errors(response)


def test_a_form_without_the_brief_keeps_it_and_an_emptied_one_removes_it(curator, published):
    Scenario.objects.update(ai_persona_brief=BRIEF)
    curator.post(page_of(published), form_of(published, title="Another title"))
    assert Scenario.objects.get().ai_persona_brief == BRIEF
    empty = {"manner": "", "reactions": [], "holdsOn": []}
    curator.post(page_of(published), form_of(published, **rows_of(empty)))
    assert Scenario.objects.get().ai_persona_brief is None


def test_a_ticked_row_is_removed_and_an_empty_row_is_ignored(curator, published):
    rows = rows_of(BRIEF) | {f"{FIELD}-2-DELETE": "on", f"{FIELD}-9-key": "", f"{FIELD}-9-trust": "0"}
    rows |= {f"{FIELD}-knows-1-DELETE": "on", f"{FIELD}-knows-8-asked": "", f"{FIELD}-knows-8-says": " "}
    curator.post(page_of(published), form_of(published, **rows))
    kept = [one["key"] for one in Scenario.objects.get().ai_persona_brief["reactions"]]
    assert kept == ["late-work", "lena", "insult", "leaves"]
    assert Scenario.objects.get().ai_persona_brief["knows"] == BRIEF["knows"][:1]


@pytest.mark.parametrize(
    "rows", [{"0-key": "a", "0-trust": "99"}, {"7777-key": "x"}, {"0-key": "\x00", "0-says": "\ud800"}]
)
def test_malformed_input_is_answered_with_errors(curator, published, rows):
    sent = {f"{FIELD}-manner": "m"} | {
        f"{FIELD}-{name}": value.encode("utf-8", "replace") for name, value in rows.items()
    }
    response = curator.post(page_of(published), form_of(published, **sent))
    assert response.status_code == 200
    assert FIELD in errors(response)


def test_errors_of_the_brief_are_shown_in_chinese_too(curator, published):
    response = curator.post(
        page_of(published),
        form_of(published, **rows_of(changed(BRIEF, 0, says=[]))),
        headers={"Accept-Language": "zh-CN"},
    )
    assert faults_of(response) == ["至少写一句。"]


def test_a_copy_has_the_brief_too(curator, published):
    Scenario.objects.update(ai_persona_brief=BRIEF, hard_part="He laughs it off.")
    curator.post(page_of(published, "duplicate"))
    copied = Scenario.objects.exclude(pk=published.pk).get()
    assert (copied.ai_persona_brief, copied.hard_part) == (BRIEF, "He laughs it off.")


def test_the_preview_shows_the_trainees_page_without_the_brief(curator, published):
    Scenario.objects.update(ai_persona_brief=cast.role_brief())
    assert "support calls" not in curator.get(page_of(published, "preview")).content.decode()
