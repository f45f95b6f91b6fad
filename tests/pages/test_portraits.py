"""Each persona has a portrait drawn from a few choices about how they look."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from practice.models import Scenario
from practice.portraits import drawing, looks
from practice.portraits.address import address

SEEDS = json.loads((Path(__file__).parents[2] / "seed-data/scenarios.json").read_text(encoding="utf-8"))
BYTES_MAX = 4_500
SAM = {"ageBand": "30s", "gender": "male", "skin": 6, "hair": "cropped", "glasses": True, "clothes": "hoodie"}

any_look = st.builds(looks.Look, **{name: st.sampled_from(values) for name, values in looks.CHOICES.items()})


@given(any_look)
def test_every_look_is_a_small_picture_without_script_style_or_text(look):
    drawn = drawing.svg(look)
    assert drawn == drawing.svg(looks.of_code(look.code))
    assert len(drawn) < BYTES_MAX
    tags = {element.tag.partition("}")[2] for element in ElementTree.fromstring(drawn).iter()}
    assert tags <= {"svg", "g", "path", "circle", "ellipse", "rect"}
    assert not re.search(r"\b(on\w+|style|href)=", drawn)


@pytest.mark.parametrize("field", looks.CHOICES)
def test_each_portrait_choice_changes_the_picture(field):
    plain = {"ageBand": "40s", "gender": "male", "skin": 3, "hair": "parted", "clothes": "shirt", "backdrop": "sand"}
    drawn = {drawing.svg(looks.look_of(plain | {to_camel(field): value})) for value in looks.CHOICES[field]}
    # Some neighbouring age bands look alike.
    assert len(drawn) >= (6 if field == "age_band" else len(looks.CHOICES[field]))


@pytest.mark.parametrize("said", [None, {}, [], "short", {"height": 3}, {"hair": "mohawk"}, {"glasses": None}])
def test_without_a_portrait_the_initial_is_shown(said):
    assert looks.look_of(said) is None
    assert address(said) == ""


def test_any_portrait_data_still_gives_a_face():
    look = looks.look_of({"ageBand": "90s", "skin": [], "hair": "grey-short", "glasses": False, "clothes": {"a": 1}})
    assert (look.hair, look.hair_colour, look.glasses) == ("short", "grey", "none")


def test_the_picture_is_cached_by_the_browser_and_a_wrong_address_is_404(client):
    answer = client.get(address(SAM))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/svg+xml"
    assert "immutable" in answer["Cache-Control"]
    assert answer.content.decode() == drawing.svg(looks.look_of(SAM))
    assert client.get(address(SAM).replace("cropped", "mohawk")).status_code == 404


def test_card_scenario_and_room_show_the_same_face_and_an_initial_without_one(client, catalog):
    with_face, without = catalog["late"], catalog["rent"]
    Scenario.objects.filter(pk=with_face.pk).update(ai_persona_portrait=SAM)
    picture = f'<img src="{address(SAM)}"'
    assert client.get("/").content.decode().count(picture) == 1
    assert picture in client.get(f"/scenarios/{with_face.pk}/").content.decode()
    body = {"scenarioId": with_face.pk, "clientSessionStartedAt": timezone.now().isoformat()}
    session = client.post("/api/sessions", body, content_type="application/json").json()["id"]
    assert picture in client.get(f"/sessions/{session}/").content.decode()
    assert '<img src="/portraits' not in client.get(f"/scenarios/{without.pk}/").content.decode()


@pytest.mark.parametrize("scenario", SEEDS, ids=lambda scenario: scenario["externalId"])
def test_each_shipped_persona_has_a_portrait_that_can_be_drawn(scenario):
    told = scenario["aiPersona"]["portrait"]
    names = {to_camel(name): values for name, values in looks.CHOICES.items()}
    assert {name: value for name, value in told.items() if str(value) not in names[name]} == {}


def test_no_two_shipped_personas_look_alike():
    drawn = [drawing.svg(looks.look_of(scenario["aiPersona"]["portrait"])) for scenario in SEEDS]
    assert len(set(drawn)) == len(SEEDS)
