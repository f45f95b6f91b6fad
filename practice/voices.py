"""The voices that personas speak with: those on offer, the one that fits, and two people who would sound alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from coach.config import config
from practice import catalog
from practice.models import Scenario
from practice.portraits.looks import Look, look_of

# Of the voices that DashScope's omni models document; a name that is not here is taken for neither.
FEMALE = frozenset(("Cherry", "Jennifer", "Katerina", "Jada", "Sunny", "Kiki", "Serena", "Chelsie"))
MALE = frozenset(("Ethan", "Nofish", "Ryan", "Elias", "Dylan", "Li", "Marcus", "Roy", "Peter", "Rocky", "Eric"))


@dataclass(frozen=True)
class Voice:
    """`gender`: as in a portrait; empty where nobody said."""

    name: str
    gender: str


def offered() -> list[Voice]:
    """Those of the model that plays the other person."""
    return [Voice(name, _gender(name)) for name in config.roleplay.voices]


def voice_of(scenario: Scenario) -> str:
    """The persona's own voice, else one that fits the portrait; empty leaves the choice to the model.

    The local server hears gender and age (`male~35`) and gives each name a shade of its own.
    """
    if scenario.ai_persona_voice:
        return scenario.ai_persona_voice
    look = look_of(scenario.ai_persona_portrait)
    if look is None or look.gender == "neutral":
        return ""
    if config.roleplay.local:
        return f"{look.gender}~{look.age}"
    return _one_of([voice.name for voice in offered() if voice.gender == look.gender], scenario.ai_persona_name)


def alike(scenario: Scenario) -> list[Scenario]:
    """Other published scenarios of the language whose persona was given the same voice by hand."""
    if not scenario.ai_persona_voice:
        return []
    others = catalog.published().filter(language=scenario.language, ai_persona_voice=scenario.ai_persona_voice)
    # The same person may come up in several scenarios.
    return list(others.exclude(pk=scenario.pk).exclude(ai_persona_name=scenario.ai_persona_name).order_by("title"))


def unfitting(voice: str, portrait: object) -> bool:
    """Whether a voice is known to be another gender's than the portrait."""
    look: Look | None = look_of(portrait)
    genders = {look.gender if look else "", _gender(voice)} - {"", "neutral"}
    return len(genders) > 1


def _gender(name: str) -> str:
    if name in FEMALE or name.startswith("female"):
        return "female"
    return "male" if name in MALE or name.startswith("male") else ""


def _one_of(names: Sequence[str], person: str) -> str:
    return names[crc32(person.casefold().encode()) % len(names)] if names else ""
