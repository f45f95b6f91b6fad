"""The admin in Chromium: writing, publishing and unpublishing a scenario, and axe on every page."""

import re
from collections.abc import AsyncIterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from coach.providers.ports import AudioDelta, ReplyRequest
from practice.admin import voice_form
from practice.models import Scenario
from tests.pages import past
from tests.pages.looks import admin_flaws, visit
from tests.seeding.test_role_briefs import BRIEF

pytestmark = pytest.mark.browser

Catalog = dict[str, Scenario]
TITLE = "Telling a friend the truth"


def sign_in(page: Page, server: LiveServer, user: User) -> None:
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])


@pytest.fixture
def root(stocked: Catalog) -> User:
    return User.objects.create_superuser("root")


class OneTone:
    """A roleplay model that says half a second of tone."""

    async def reply(self, asked: ReplyRequest) -> AsyncIterator[AudioDelta]:
        yield AudioDelta(bytes(24_000))


def choose_skill(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Skill").first.click()
    page.get_by_role("searchbox").last.fill(name)
    page.get_by_role("option", name=name).click()


def test_a_curator_publishes_and_unpublishes_a_scenario(
    chromium: Browser, live_server: LiveServer, root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice_form.build, "roleplay", OneTone)
    monkeypatch.setattr(voice_form, "SAMPLES", "default")
    with visit(chromium) as page:
        sign_in(page, live_server, root)
        page.goto(f"{live_server.url}/admin/practice/scenario/add/")
        page.get_by_label("Title").fill(TITLE)
        page.get_by_label("Category").fill("Friends")
        page.get_by_role("button", name="Save and publish").click()
        objective = page.locator(".field-objective")
        expect(objective.locator(".errorlist")).to_have_text("Say what the trainee is trying to achieve.")
        expect(page.locator(".errorlist")).to_have_count(7)
        expect(page.locator(".errorlist", has_text="Choose at least one skill that exists.")).to_be_visible()
        page.locator(".problems").get_by_role("link", name="Objective").click()
        expect(page.get_by_label("Objective")).to_be_focused()

        page.locator("#id_description").fill("Kim sings badly and wants to **audition**.")
        page.locator("#id_objective").fill("Say it before Saturday.")
        page.locator("#id_ai_persona_name").fill("Kim")
        page.locator("#id_ai_persona_background").fill("You want to be heard.")
        page.locator("#id_trainee_persona_name").fill("Robin")
        page.locator("#id_trainee_persona_background").fill("You dodge.")
        page.locator("#id_end_criteria").fill("Kim has heard it.\nIt fails if Kim leaves.")
        choose_skill(page, "Listening")
        page.get_by_role("button", name="Save draft").click()
        expect(page.locator(".messagelist")).to_contain_text("was added successfully")
        with page.expect_response(lambda answer: "voice-sample" in answer.url) as heard:
            page.get_by_role("button", name="Hear a sample").click()
        assert (heard.value.status, heard.value.headers["content-type"]) == (200, "audio/mpeg")
        page.get_by_text("Choose how they look").click()
        page.locator("[data-portrait] [data-part]").first.select_option(index=1)
        expect(page.locator("[data-portrait] img").first).to_have_attribute("src", re.compile(r"\?\w+="))
        page.get_by_role("link", name="Preview").click()
        expect(page.get_by_text("Trainees can't see it yet.")).to_be_visible()
        expect(page.locator("strong", has_text="audition")).to_be_visible()
        page.get_by_role("link", name="Back to the form").click()

        page.get_by_role("button", name="Save and publish").click()
        page.get_by_role("link", name="See it as trainees do").click()
        expect(page.get_by_role("button", name="Start")).to_be_visible()
        page.goto(live_server.url)
        expect(page.get_by_role("link", name=TITLE)).to_be_visible()

        page.goto(f"{live_server.url}/admin/practice/scenario/?q=truth")
        page.get_by_role("link", name=TITLE).click()
        page.get_by_role("button", name="Save and unpublish").click()
        expect(page.locator(".messagelist")).to_contain_text("trainees no longer see it")
        page.goto(live_server.url)
        expect(page.get_by_role("link", name=TITLE)).to_have_count(0)


def test_skills_reactions_and_facts_are_reordered_and_found(
    chromium: Browser, live_server: LiveServer, root: User, stocked: Catalog
) -> None:
    late = stocked["late"]
    facts = [{"asked": [f"What is {place}?"], "says": [f"It is {place}."]} for place in range(9)]
    Scenario.objects.filter(pk=late.pk).update(
        ai_persona_brief=BRIEF | {"knows": facts}, end_criteria=["You both say yes.", "It fails if Sam leaves."]
    )
    with visit(chromium) as page:
        sign_in(page, live_server, root)
        page.goto(f"{live_server.url}/admin/practice/scenario/{late.pk}/change/")
        page.get_by_role("button", name="Move up", exact=True).nth(1).click()
        page.get_by_role("button", name="Move up: lena, 2/").click()
        expect(page.get_by_role("button", name="Move up: lena, 1/")).to_be_focused()
        page.get_by_text("What they know").click()
        page.get_by_role("searchbox", name="Find a fact").fill("IS 7")
        expect(page.locator("[data-fact]").filter(visible=True)).to_have_count(1)
        expect(page.get_by_text("1 of 9 shown")).to_be_visible()
        page.keyboard.press("Enter")
        page.get_by_role("searchbox", name="Find a fact").fill("")
        page.get_by_role("button", name="Move down: What is 0?, 1/9").click()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text("was changed successfully")
    assert [skill.name for skill in late.ordered_skills()] == ["Setting limits", "Listening"]
    brief = Scenario.objects.get(pk=late.pk).ai_persona_brief
    assert [one["key"] for one in brief["reactions"]][:2] == ["lena", "late-work"]
    assert brief["knows"] == [facts[1], facts[0], *facts[2:]]


def test_axe_finds_nothing_in_the_admin(
    chromium: Browser, live_server: LiveServer, root: User, stocked: Catalog
) -> None:
    session = past.stock(stocked["late"])["scored"]
    late = stocked["late"].pk
    of_scenario = "/admin/practice/scenario/"
    paths = {
        "login": "/admin/login/",
        "index": "/admin/",
        "scenarios": of_scenario,
        "scenario": f"{of_scenario}{late}/change/",
        "preview": f"{of_scenario}{late}/preview/",
        "sessions": "/admin/practice/practicesession/",
        "session": f"/admin/practice/practicesession/{session.pk}/change/",
        "operations": "/admin/practice/practicesession/operations/",
        "import": f"{of_scenario}import/",
    }
    found = {}
    with visit(chromium, reduced_motion="reduce") as page:
        for name, path in paths.items():
            if name == "index":
                sign_in(page, live_server, root)
            page.goto(live_server.url + path)
            found[name] = admin_flaws(page, f"admin, {name}")
        page.get_by_label("Skills").set_input_files(
            {"name": "s.json", "mimeType": "application/json", "buffer": b"[5]"}
        )
        for button in ("Only check", "Import"):  # the file is still chosen after a check
            page.get_by_role("button", name=button).click()
            expect(page.locator("[data-import-outcome]")).to_be_focused()
            expect(page.get_by_text("Nothing was written: 1 problem to correct.")).to_be_visible()
        found["import, problems"] = admin_flaws(page, "admin, import with problems")
        page.goto(f"{live_server.url}{of_scenario}add/")
        page.get_by_role("button", name="Save and publish").click()
        expect(page.locator(".errorlist").first).to_be_visible()
        found["errors"] = admin_flaws(page, "admin, errors")
    assert {name: each for name, each in found.items() if each} == {}
