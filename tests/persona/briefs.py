"""Hypothesis strategies for role briefs and for conversations about them."""

from typing import Any

from hypothesis import strategies as st

from practice.persona.brief.role_brief import RoleBrief
from practice.persona.brief.role_brief_faults import reference_faults

CRITERIA = 4
KEYS = [f"r{number}" for number in range(1, 9)]


@st.composite
def briefs(draw: st.DrawFn) -> RoleBrief:
    """Valid briefs in which every reaction can happen and one ends the session."""
    keys = KEYS[: draw(st.integers(2, len(KEYS)))]
    reactions = [draw(_reaction(key, keys[:place])) for place, key in enumerate(keys)]
    reactions.append(
        {"key": "hurt", "when": "x", "heard": ["hurt"], "says": ["Ouch."], "trust": draw(st.integers(-3, -1))}
    )
    reactions.append({"key": "leaves", "when": "x", "says": ["Bye."], "ends": "failed"})
    raw = {
        "manner": "short",
        "trust": draw(st.integers(-3, 3)),
        "reactions": draw(st.permutations(reactions)),
        "holdsOn": ["Hold one.", "Hold two."],
    }
    reachable = {fault.field for fault in reference_faults(raw, criteria=CRITERIA)}
    raw["reactions"] = [
        one for place, one in enumerate(raw["reactions"], 1) if f"reactions[{place}].needs.trust" not in reachable
    ]
    kept = {one["key"] for one in raw["reactions"]}
    for one in raw["reactions"]:
        if "needs" in one:
            one["needs"]["after"] = [key for key in one["needs"].get("after", []) if key in kept]
    return RoleBrief.model_validate(raw)


@st.composite
def _reaction(draw: st.DrawFn, key: str, before: list[str]) -> dict[str, Any]:
    needs: dict[str, Any] = {
        "after": draw(st.lists(st.sampled_from(before), max_size=2, unique=True)) if before else []
    }
    if draw(st.booleans()):
        needs["trust"] = draw(st.integers(-3, 3))
    return {
        "key": key,
        "when": "x",
        "heard": [f"heard {key}"],
        "says": [f"{key} says {number}." for number in range(draw(st.integers(1, 3)))],
        "otherwise": [f"{key} otherwise."] if draw(st.booleans()) else [],
        "needs": needs,
        "trust": draw(st.integers(-2, 3)),
        "meets": draw(st.lists(st.integers(1, CRITERIA), max_size=2, unique=True)),
        "once": draw(st.booleans()),
        **({"ends": "failed"} if draw(st.integers(0, 9)) == 0 else {}),
    }


def talks(brief: RoleBrief) -> st.SearchStrategy[list[list[str]]]:
    """The recognised reaction keys of each turn, unknown keys included."""
    keys = [*(one.key for one in brief.reactions), "unknown"]
    return st.lists(st.lists(st.sampled_from(keys), max_size=4), max_size=12)
