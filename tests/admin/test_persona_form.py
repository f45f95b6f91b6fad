"""The scenario form sets the persona's portrait and voice."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from coach.config.model_endpoints import LOCAL_VOICES
from coach.providers import build
from coach.providers.roleplay import StreamedRoleplay
from practice.catalog import voices
from practice.models import Scenario
from practice.portraits.address import address
from tests.fakes import models
from tests.pages import library

SAMPLE = "/admin/practice/scenario/voice-sample/"
BOSS = {"ageBand": "50s", "gender": "female", "hair": "bob"}


@pytest.fixture
def late(db: None) -> Scenario:
    """The scenario played by Sam Okafor."""
    return library.stock()["late"]


def form_of(page: str) -> dict[str, str]:
    """The fields that a browser submits for the unchanged form."""
    sent = dict(re.findall(r'<input type="(?:hidden|text|number)" name="([^"]+)" value="([^"]*)"', page))
    areas = re.findall(r'<textarea name="([^"]+)"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
    chosen = re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL)
    for name, options in chosen:
        picked = re.search(r'<option value="([^"]*)" selected', options)
        sent[name] = picked[1] if picked else ""
    return sent | {name: text for name, text in areas if "__prefix__" not in name}


def test_a_chosen_portrait_is_saved_and_shown(admin_client: Client, late: Scenario) -> None:
    where = f"/admin/practice/scenario/{late.pk}/change/"
    page = admin_client.get(where).content.decode()
    assert "the person is shown by their initial" in page
    sent = form_of(page) | {f"ai_persona_portrait-{k}": v for k, v in (("age_band", "50s"), ("hair", "bob"))}
    answer = admin_client.post(where, sent)
    assert answer.status_code == 302, re.findall(r"errorlist.*?</ul>", answer.content.decode(), re.DOTALL)
    late.refresh_from_db()
    assert late.ai_persona_portrait == {"ageBand": "50s", "hair": "bob"}
    assert address(late.ai_persona_portrait) in admin_client.get(where).content.decode()
    log = admin_client.get(f"/admin/practice/scenario/{late.pk}/history/").content.decode()
    assert "Hair or headwear: bob" in log
    assert "{" not in re.sub(r"<(script|style).*?</\1>", "", log.partition('id="content-main"')[2], flags=re.DOTALL)


def test_a_form_without_the_portrait_leaves_it_alone(admin_client: Client, late: Scenario) -> None:
    Scenario.objects.filter(pk=late.pk).update(ai_persona_portrait=BOSS | {"height": 3})
    where = f"/admin/practice/scenario/{late.pk}/change/"
    sent = form_of(admin_client.get(where).content.decode())
    kept = {name: value for name, value in sent.items() if not name.startswith("ai_persona_portrait")}
    assert admin_client.post(where, kept).status_code == 302
    late.refresh_from_db()
    assert late.ai_persona_portrait == BOSS | {"height": 3}


def test_the_preview_picture_is_drawn_by_the_server(admin_client: Client, client: Client, late: Scenario) -> None:
    where = "/admin/practice/scenario/portrait/"
    assert admin_client.get(where, BOSS)["Location"] == address(BOSS)
    assert admin_client.get(where).status_code == 404
    assert "/admin/login/" in Client().get(where, BOSS)["Location"]


def test_a_value_that_is_not_on_offer_is_refused(admin_client: Client, late: Scenario) -> None:
    where = f"/admin/practice/scenario/{late.pk}/change/"
    sent = form_of(admin_client.get(where).content.decode()) | {"ai_persona_portrait-hair": "mohawk"}
    assert "Choose one of the values listed." in admin_client.post(where, sent).content.decode()


def test_the_models_voices_are_offered(admin_client: Client, late: Scenario) -> None:
    Scenario.objects.filter(pk=late.pk).update(ai_persona_voice="Cherry")
    page = admin_client.get(f"/admin/practice/scenario/{late.pk}/change/").content.decode()
    select = page.partition('name="ai_persona_voice"')[2].partition("</select>")[0]
    offered = re.findall(r'value="([^"]*)"', select)
    assert offered == ["", "Cherry", *LOCAL_VOICES]
    assert "the configured model doesn" in select


def test_a_voice_shared_by_two_people_of_the_catalog_is_pointed_out(admin_client: Client, late: Scenario) -> None:
    Scenario.objects.filter(external_id="boss").update(ai_persona_voice="male-low", ai_persona_name="Victoria")
    where = f"/admin/practice/scenario/{late.pk}/change/"
    sent = form_of(admin_client.get(where).content.decode())
    page = admin_client.post(where, sent | {"ai_persona_voice": "male-low"}, follow=True).content.decode()
    assert "Sam Okafor sounds like the person in “Disagree with your boss”" in page
    assert "Needs attention" in admin_client.get("/admin/").content.decode()
    sent = form_of(admin_client.get(where).content.decode()) | {"ai_persona_portrait-gender": "female"}
    page = admin_client.post(where, sent, follow=True).content.decode()
    assert "may not fit the portrait of Sam Okafor" in page


def test_a_new_scenario_starts_with_an_idle_limit_of_25_seconds(admin_client: Client) -> None:
    page = admin_client.get("/admin/practice/scenario/add/").content.decode()
    assert re.search(r'name="idle_limit_seconds" value="25"', page)


def test_the_admin_home_starts_with_scenarios_and_what_needs_attention(admin_client: Client, late: Scenario) -> None:
    page = admin_client.get("/admin/").content.decode()
    assert "Practice Coach admin" in page
    assert page.index("5 published") < page.index("Needs attention") < page.index("Nobody to talk to")
    assert "Give the other person a name." in page
    places = [page.index(f'/admin/{app}/"') for app in ("practice", "auth")]
    assert places == sorted(places), "what curators work on comes before accounts"


def test_a_voice_the_model_does_not_have_has_no_sample(admin_client: Client) -> None:
    answer = admin_client.post("/admin/practice/scenario/voice-sample/", {"voice": "nobody"})
    assert answer.status_code == 422


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Iterator[models.Fake]:
    """A fake roleplay model, and an empty cache of voice samples."""
    kept = settings.CACHES["voice_samples"] | {"LOCATION": tmp_path}
    settings.CACHES = settings.CACHES | {"voice_samples": kept}
    with models.running() as fake:
        endpoint = replace(voices.config.roleplay, base_url=fake.base_url)
        monkeypatch.setattr(build, "roleplay", lambda: StreamedRoleplay(endpoint))
        yield fake


def test_a_sample_is_made_once_for_each_voice_and_language(admin_client: Client, spoken: models.Fake) -> None:
    asked = {"voice": "male-old", "language": "en"}
    first, again = (admin_client.post(SAMPLE, asked) for _ in range(2))
    assert first["Content-Type"] == "audio/mpeg"
    assert first.content == again.content != b""
    admin_client.post(SAMPLE, asked | {"language": "zh"})
    said = [one["body"] for one in spoken.wait_for(2, "roleplay")]
    assert [one["audio"]["voice"] for one in said] == ["male-old"] * 2
    assert "Good that you came" in said[0]["say"]
    assert "你来了就好" in said[1]["say"]


def test_the_default_voice_has_a_sample_too(admin_client: Client, spoken: models.Fake, late: Scenario) -> None:
    Scenario.objects.filter(pk=late.pk).update(ai_persona_portrait=BOSS)
    assert admin_client.post(SAMPLE, {"scenario": late.pk}).status_code == 200
    assert spoken.wait_for(1, "roleplay")[0]["body"]["audio"]["voice"] == "female~55~0"
    assert admin_client.post(SAMPLE, {"scenario": "nobody"}).status_code == 404
    page = admin_client.get(f"/admin/practice/scenario/{late.pk}/change/").content.decode()
    assert f'data-scenario="{late.pk}"' in page


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"fault": "401"}, "set up correctly"),
        ({"fault": "models_loading"}, "take a minute or two to load"),
        ({"text": "Good that you came.", "audio_ms": 0}, "may write but not speak"),
        ({"fault": "400"}, "refused to speak"),
    ],
)
def test_a_sample_that_fails_says_why(
    admin_client: Client, spoken: models.Fake, answer: dict[str, Any], words: str
) -> None:
    spoken.answer("roleplay", times=None, **answer)
    refused = admin_client.post(SAMPLE, {"voice": "male"})
    assert (refused.status_code, words in refused.json()["detail"]) == (503, True), refused.content


def test_samples_are_for_those_who_may_write_scenarios(client: Client, admin_client: Client, db: None) -> None:
    assert admin_client.get(SAMPLE).status_code == 405
    assert "/admin/login/" in Client().post(SAMPLE, {"voice": "male"})["Location"]


def test_each_new_person_gets_the_next_voice(late: Scenario) -> None:
    every = list(Scenario.objects.order_by("created_at", "external_id"))
    for at, one in enumerate(every):
        Scenario.objects.filter(pk=one.pk).update(
            ai_persona_name=f"Person {at}", ai_persona_portrait={"gender": "female", "ageBand": "30s"}, language="en"
        )
    every = list(Scenario.objects.order_by("created_at", "external_id"))
    assert [voices.voice_of(one) for one in every] == [f"female~35~{at}" for at in range(len(every))]
    # The same person in another scenario keeps the voice.
    every[-1].ai_persona_name = "Person 0"
    assert voices.voice_of(every[-1]) == "female~35~0"
