"""The role brief: how to play the other person of a scenario. Independent of the database.

Fields and meaning are described in `seed-data/README.md`. Each field is checked by itself here; how they refer to each
other is checked in `role_brief_faults`.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from django.utils.translation import gettext
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from practice.persona.trust import TRUST_MAX, TRUST_MIN
from practice.seed_data.seed_fields import Filled, Kept, Key, Line, SeedShape, limited

REACTIONS_MAX, FACTS_MAX, LINES_MAX = 60, 150, 20
BRIEFS_KEPT = 16

TrustLevel = Annotated[int, Field(ge=TRUST_MIN, le=TRUST_MAX)]
Spoken = Annotated[str, limited(400), Kept, Line, Filled]
Hint = Annotated[str, limited(200), Kept, Line]
Lines = Annotated[list[Spoken], Field(max_length=LINES_MAX)]


def _some(lines: list[str]) -> list[str]:
    if not lines:
        raise PydanticCustomError("list_empty", gettext("must not be empty"))
    return lines


SomeLines = Annotated[Lines, AfterValidator(_some)]


class Needs(SeedShape):
    """What unlocks a reaction: a minimum trust, and reactions that must come before it."""

    trust: TrustLevel | None = None
    after: Annotated[list[Key], Field(max_length=REACTIONS_MAX)] = []


class Reaction(SeedShape):
    """Something the persona does in response to something the trainee does.

    Without `heard` it happens by itself when trust falls to -3, and ends the talk.
    """

    key: Key
    when: Annotated[str, limited(300), Kept, Line, Filled]
    heard: Lines = []
    says: SomeLines
    otherwise: Lines = []
    needs: Needs = Needs()
    trust: TrustLevel = 0
    meets: Annotated[list[int], Field(max_length=REACTIONS_MAX)] = []
    ends: Literal["failed"] | None = None
    hint: Hint = ""
    once: bool = False

    @property
    def by_trust(self) -> bool:
        """Whether it happens by itself when trust reaches the minimum."""
        return not self.heard


class FactNeeds(SeedShape):
    """Reactions that must have happened before the fact is told."""

    after: Annotated[list[Key], Field(max_length=REACTIONS_MAX)] = []


class Fact(SeedShape):
    """Something the persona knows and tells whenever they are asked. It costs and opens nothing."""

    asked: SomeLines
    says: SomeLines
    needs: FactNeeds = FactNeeds()


class RoleBrief(SeedShape):
    """`knows`: facts about the persona's life and the matter; reactions are what moves the talk.

    `to_any_…`: answers in the persona's voice that fit any question, statement or request they have no line for."""

    manner: Annotated[str, limited(1_000), Kept, Filled]
    trust: TrustLevel = 0
    reactions: Annotated[list[Reaction], Field(max_length=REACTIONS_MAX)]
    holds_on: SomeLines
    knows: Annotated[list[Fact], Field(max_length=FACTS_MAX)] = []
    to_any_question: Lines = []
    to_any_statement: Lines = []
    to_any_request: Lines = []

    def stored(self) -> dict[str, Any]:
        """As stored in the row and in files."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def reaction(self, key: str) -> Reaction:
        return next(one for one in self.reactions if one.key == key)


def parsed(stored: Mapping[str, Any]) -> RoleBrief:
    """A stored brief. Reading a full one takes as long as understanding a turn, so the last ones are remembered.

    Raises pydantic's ValidationError.
    """
    return _parsed(json.dumps(stored))


@lru_cache(maxsize=BRIEFS_KEPT)
def _parsed(stored: str) -> RoleBrief:
    return RoleBrief.model_validate_json(stored)
