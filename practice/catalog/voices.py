"""The personas' voices: which are on offer, which one fits, and which people would sound alike."""

from dataclasses import dataclass

from coach.config import config
from practice.catalog import availability
from practice.models import Scenario
from practice.portraits.looks import Look, look_of

# Voices documented for DashScope's omni models; any other name counts as neither.
FEMALE = frozenset(("Cherry", "Jennifer", "Katerina", "Jada", "Sunny", "Kiki", "Serena", "Chelsie"))
MALE = frozenset(("Ethan", "Nofish", "Ryan", "Elias", "Dylan", "Li", "Marcus", "Roy", "Peter", "Rocky", "Eric"))


@dataclass(frozen=True)
class Voice:
    """A voice; `gender` as in a portrait, empty if unknown."""

    name: str
    gender: str


def offered() -> list[Voice]:
    """The voices of the model that plays the other person."""
    return [Voice(name, _gender(name)) for name in config.roleplay.voices]


def voice_of(scenario: Scenario) -> str:
    """The persona's own voice, else one that fits the portrait; an empty name lets the model choose.

    People of one language and gender get theirs in turn, in the order in which their scenarios were written, so that
    nobody sounds like somebody else before every voice is taken. The local server is told gender, age and that place
    (`male~35~4`) and has 16 shades of each voice.
    """
    if scenario.ai_persona_voice:
        return scenario.ai_persona_voice
    look = look_of(scenario.ai_persona_portrait)
    if look is None:
        return ""
    place = _place(scenario, look.gender)
    if config.roleplay.local:
        return f"{look.gender}~{look.age}~{place}"
    fitting = [voice.name for voice in offered() if voice.gender == look.gender]
    return fitting[place % len(fitting)] if fitting else ""


def _place(scenario: Scenario, gender: str) -> int:
    """How many other people of the gender speak the language and came first. The same person may come up again."""
    rows = Scenario.objects.filter(language=scenario.language).order_by("created_at", "external_id")
    names: dict[str, None] = {}
    for name, portrait in rows.values_list("ai_persona_name", "ai_persona_portrait"):
        if (look := look_of(portrait)) is not None and look.gender == gender:
            names.setdefault(name)
    return list(names).index(scenario.ai_persona_name) if scenario.ai_persona_name in names else len(names)


def alike(scenario: Scenario) -> list[Scenario]:
    """Other published scenarios in the language whose persona has the same manually chosen voice."""
    if not scenario.ai_persona_voice:
        return []
    others = availability.published().filter(language=scenario.language, ai_persona_voice=scenario.ai_persona_voice)
    # The same person may come up in several scenarios.
    return list(others.exclude(pk=scenario.pk).exclude(ai_persona_name=scenario.ai_persona_name).order_by("title"))


def unfitting(voice: str, portrait: object) -> bool:
    """Whether the voice is known to be of a different gender from the portrait."""
    look: Look | None = look_of(portrait)
    genders = {look.gender if look else "", _gender(voice)} - {"", "neutral"}
    return len(genders) > 1


def _gender(name: str) -> str:
    if name in FEMALE or name.startswith("female"):
        return "female"
    return "male" if name in MALE or name.startswith("male") else ""
