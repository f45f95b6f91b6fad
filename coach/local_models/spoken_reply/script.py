"""Rewrites a chat request as a dialogue script.

Small models that are told in chat form to play someone turn into assistants. Given a script with names in the margin,
they continue it. So the cloud's request (system prompt, then user and assistant messages) is rewritten here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from coach.local_models.language import Language
from coach.local_models.language_model.llm import Script
from coach.local_models.spoken_reply.opening import opening, planned, word_for_word
from coach.local_models.spoken_reply.perspective import about, in_own_words, relation

_NAME = r"(?P<name>[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3})"
_HAN_NAME = r"(?P<name>[\u4e00-\u9fffA-Za-z·]{1,12}?)(?=[,，。：:;；、（(\s]|$)"
_SELF = (
    re.compile(rf"\b(?:[Yy]ou are|[Yy]ou're|[Yy]ou play|[Pp]lay|[Yy]our name is) (?:the role of )?{_NAME}"),
    re.compile(rf"(?:你是|你扮演|扮演|你叫)[“\"「]?{_HAN_NAME}"),
)
_OTHER = (
    re.compile(rf"\b(?:talking|speaking|speak|talk|conversation) (?:with|to) {_NAME}"),
    re.compile(rf"\b(?:trainee|other person|counterpart|partner)(?: is|'s name is|:| \()\s*{_NAME}"),
    re.compile(rf"(?:对方是|对方叫|对面是|和你说话的是|与你交谈的是|你在和)[“\"「]?{_HAN_NAME}"),
)


_NOTE = "({})\n"


@dataclass(frozen=True)
class DialogueLine:
    """One earlier line; `text` may be empty if nothing was recognised. `note` is context that nobody said."""

    speaker: Literal["ai", "trainee"]
    text: str
    note: str = ""


@dataclass(frozen=True)
class ReadInstructions:
    """The parts of the instructions that `practice` writes; instructions of another form are all in `facts`."""

    ours: str
    theirs: str
    cast: str
    own: str
    situation: str
    speech: str
    lines: str
    facts: str
    opening: str


def names(instructions: str, language: Language) -> tuple[str, str]:
    """The names of the persona and the trainee in the instructions, shortened for the margin."""
    ours = _first(_SELF, instructions) or ("我" if language == "zh" else "Me")
    theirs = _first(_OTHER, instructions) or ("对方" if language == "zh" else "Visitor")
    return _short(ours), (
        _short(theirs) if _short(theirs) != _short(ours) else ("对方" if language == "zh" else "Visitor")
    )


def brief(instructions: str, language: Language) -> ReadInstructions:
    """Parse the instructions: who is who and what each of them knows."""
    ours, theirs = names(instructions, language)
    sections = _SECTIONS[language]
    found = dict.fromkeys(("", "self", *sections.begins), "")
    current, us, them = "", "", ""
    for line in instructions.replace("**", "").strip().splitlines():
        if not (them or current) and (who := sections.who_they_are.match(line)):
            them = who.group(1)
        elif not (us or current) and (who := sections.who_we_are.match(line)):
            us = who.group(1)
        else:
            for name, begins in sections.begins.items():
                if begun := begins.match(line):
                    current, line = name, line[begun.end() :]
                    break
            found[current] += line.strip() + "\n"
    return ReadInstructions(
        ours=ours,
        theirs=theirs,
        cast=sections.cast.format(us=relation(us, theirs, language), them=relation(them, ours, language))
        if us and them
        else "",
        own=in_own_words(_paragraph(found["you"]), language),
        situation=about(_paragraph(found["situation"]), theirs, language),
        speech=_paragraph(found["speech"]),
        lines=_paragraph(found["lines"]),
        facts=_paragraph(found[""]),
        opening=_paragraph(found["opening"]),
    )


def first_line(instructions: str, language: Language) -> str:
    """The opening that the instructions give word for word; empty if they leave it to the model."""
    return word_for_word(brief(instructions, language).opening, language)


def write(
    instructions: str,
    lines: Sequence[DialogueLine],
    language: Language,
    *,
    until: Literal["ai", "trainee"] = "ai",
) -> Script:
    """The script up to the model's next line, or to the trainee's.

    It ends without a space, because the model adds its own.
    """
    known = brief(instructions, language)
    chat = _as_chat(instructions, lines, language)
    if until == "ai" and not lines and planned(known.opening):
        return opening(known.ours, known.theirs, known.opening, language, chat)
    frame = _frame(known, language)
    stage = (
        _CUE[language].format(ours=known.ours, cue=known.opening) if planned(known.opening) and until == "ai" else ""
    )
    said = "".join(_row(line, known.ours if line.speaker == "ai" else known.theirs, language) for line in lines)
    return Script(
        text=f"{frame}{said}{stage}{known.ours if until == 'ai' else known.theirs}:",
        messages=chat,
        stop=["\n", f"{known.theirs}:", f"{known.ours}:"],
        fixed=len(frame),
    )


def _frame(known: ReadInstructions, language: Language) -> str:
    words = _FRAMES[language]
    parts = [words.title.format(cast=known.cast or f"{known.ours} / {known.theirs}")]
    if known.facts:
        parts.append(known.facts)
    if known.situation:
        parts.append(words.situation.format(text=known.situation))
    if known.own:
        parts.append(words.own.format(name=known.ours, text=known.own))
    if known.speech:
        parts.append(words.speech.format(name=known.ours, text=known.speech))
    if known.lines:
        parts.append(words.lines.format(name=known.ours, text=known.lines))
    parts.append(words.manner.format(ours=known.ours, theirs=known.theirs))
    return "\n\n".join(parts) + "\n\n"


def _paragraph(text: str) -> str:
    return "\n".join(line for line in text.strip().splitlines() if line.strip())


def _row(line: DialogueLine, name: str, language: Language) -> str:
    note = _NOTE.format(_one_line(line.note, language)) if line.note.strip() else ""
    return f"{note}{name}: {_one_line(line.text, language)}\n"


def _first(patterns: Sequence[re.Pattern[str]], text: str) -> str | None:
    return next((found.group("name") for pattern in patterns if (found := pattern.search(text))), None)


def _short(name: str) -> str:
    words = name.replace("’", "'").rstrip(".,'").split()
    if len(words) > 1 and words[0].rstrip(".") in {"Mr", "Mrs", "Ms", "Dr", "Prof", "Miss"}:
        return " ".join(words[:2])
    return words[0] if words else name


def _one_line(text: str, language: Language) -> str:
    line = " ".join(text.split())
    return line or ("（听不清）" if language == "zh" else "(could not be heard)")


def _as_chat(instructions: str, lines: Sequence[DialogueLine], language: Language) -> list[dict[str, str]]:
    rule = _CHAT_RULE[language]
    messages = [{"role": "system", "content": f"{instructions.strip()}\n\n{rule}"}]
    for line in lines:
        role = "assistant" if line.speaker == "ai" else "user"
        note = f"\n\n{_NOTE.format(_one_line(line.note, language))}" if line.note.strip() else ""
        messages.append({"role": role, "content": f"{_one_line(line.text, language)}{note}".rstrip()})
    if not lines:
        messages.append({"role": "user", "content": _OPEN[language]})
    return messages


@dataclass(frozen=True)
class Sections:
    """How instructions in one language mark their parts, and how the cast is named."""

    who_we_are: re.Pattern[str]
    who_they_are: re.Pattern[str]
    begins: Mapping[str, re.Pattern[str]]
    cast: str


_SECTIONS: dict[Language, Sections] = {
    "en": Sections(
        who_we_are=re.compile(r"^You are (.+?)\.?$"),
        who_they_are=re.compile(r"^You are talking with (.+?)\.?$"),
        begins={
            "you": re.compile(r"^About you: ?"),
            "other": re.compile(r"^About .+?: ?"),
            "situation": re.compile(r"^Situation, “.*?”: ?"),
            "speech": re.compile(r"^How you speak: ?"),
            "lines": re.compile(r"^Lines of yours: ?"),
            "conduct": re.compile(r"^Stay .+ all the way through\."),
            "opening": re.compile(r"^You speak first\. ?"),
        },
        cast="{us}, and {them}",
    ),
    "zh": Sections(
        who_we_are=re.compile(r"^你是(.+?)。?$"),
        who_they_are=re.compile(r"^对方是(.+?)。?$"),
        begins={
            "you": re.compile(r"^关于你："),
            "other": re.compile(r"^关于.+?："),
            "situation": re.compile(r"^情境“.*?”："),
            "speech": re.compile(r"^你说话的方式："),
            "lines": re.compile(r"^你说过这样的话："),
            "conduct": re.compile(r"^始终保持.+的身份"),
            "opening": re.compile(r"^由你先开口。"),
        },
        cast="{us}；{them}",
    ),
}


@dataclass(frozen=True)
class Frame:
    """The text around the facts."""

    title: str
    situation: str
    own: str
    speech: str
    lines: str
    manner: str


_FRAMES: dict[Language, Frame] = {
    "en": Frame(
        title="Two people talk: {cast}.",
        situation="How it came about: {text}",
        own="What {name} thinks: {text}",
        speech="How {name} speaks: {text}",
        lines="{name} says things like {text}",
        manner=(
            "This is the recording of their talk, word for word. They speak the way people speak, in plain words, one "
            "to three short sentences at a time. {ours} answers what {theirs} has just said, each time with something "
            "new: a feeling, a reason or a question. {ours} does not give in easily."
        ),
    ),
    "zh": Frame(
        title="两个人的谈话：{cast}。",
        situation="事情的经过：{text}",
        own="{name}心里想：{text}",
        speech="{name}说话的方式：{text}",
        lines="{name}会说这样的话：{text}",
        manner="以下是谈话录音的逐字稿。两人说话口语化，每次一到三句短话。{ours}回应{theirs}刚说的话，每次都带来新的东西：一种情绪、一个理由或一个问题。{ours}不轻易让步。",
    ),
}
# The last words keep the model from reading the cue aloud.
_CUE: dict[Language, str] = {
    "en": "({ours} begins. The plan: {cue} Now in {ours}'s own spoken words:)\n",
    "zh": "（{ours}先开口。打算：{cue}下面是{ours}亲口说的话：）\n",
}
_CHAT_RULE: dict[Language, str] = {
    "en": "Stay in this role. Say only what this person says aloud: one to three short sentences, no narration.",
    "zh": "始终保持这个角色。只说出这个人会说的话：一到三句口语短句，不要旁白。",
}
_OPEN: dict[Language, str] = {"en": "(The conversation begins. You speak first.)", "zh": "（谈话开始，你先开口。）"}
