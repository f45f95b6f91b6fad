"""A chat request as a dialogue script.

Small models told in chat form to play someone turn into assistants. Given a script with names in the margin, they
continue it. The cloud's request (system prompt, then user and assistant messages) is therefore rewritten here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from coach.local.llm import Script

Language = Literal["en", "zh"]

_HAN = re.compile(r"[\u4e00-\u9fff]")
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


# Lines of the instructions that `practice` writes for every model.
_OPENING = re.compile(r"^(?:You speak first\.|由你先开口。)\s*(.*)$")
_CONDUCT = re.compile(r"^(?:Stay .+ all the way through\.|始终保持.+的身份)")
_NOTE = "({})\n"


@dataclass(frozen=True)
class Spoken:
    """One earlier line; `text` may be empty where nothing was understood. `note` is context that nobody said."""

    speaker: Literal["ai", "trainee"]
    text: str
    note: str = ""


def language_of(text: str) -> Language:
    """Chinese when a fifth of the letters are Han characters."""
    han = len(_HAN.findall(text))
    letters = sum(character.isalpha() for character in text)
    return "zh" if han and han * 5 >= letters else "en"


def names(instructions: str, language: Language) -> tuple[str, str]:
    """Who the model plays and whom it talks with, as the instructions call them, shortened to what fits a margin."""
    ours = _first(_SELF, instructions) or ("我" if language == "zh" else "Me")
    theirs = _first(_OTHER, instructions) or ("对方" if language == "zh" else "Visitor")
    return _short(ours), (
        _short(theirs) if _short(theirs) != _short(ours) else ("对方" if language == "zh" else "Visitor")
    )


def write(instructions: str, lines: Sequence[Spoken], language: Language) -> Script:
    """The script up to the model's next line. Ends without a blank: the model brings its own."""
    ours, theirs = names(instructions, language)
    facts, opening = _facts(instructions)
    frame = _FRAMES[language].format(ours=ours, theirs=theirs, facts=facts)
    stage = _NOTE.format(opening) if opening else ""
    said = "".join(_row(line, ours if line.speaker == "ai" else theirs, language) for line in lines)
    return Script(
        text=f"{frame}{said}{stage}{ours}:",
        messages=_as_chat(instructions, lines, language),
        stop=["\n", f"{theirs}:", f"{ours}:"],
        fixed=len(frame),
    )


def _facts(instructions: str) -> tuple[str, str]:
    """What the person knows, without the rules of conduct that the frame states better; and how they are to begin."""
    facts, opening = [], ""
    for line in instructions.strip().splitlines():
        if found := _OPENING.match(line):
            opening = found.group(1).strip()
        elif not _CONDUCT.match(line):
            facts.append(line.replace("**", ""))
    return "\n".join(line for line in facts if line.strip()), opening


def _row(line: Spoken, name: str, language: Language) -> str:
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


def _as_chat(instructions: str, lines: Sequence[Spoken], language: Language) -> list[dict[str, str]]:
    rule = _CHAT_RULE[language]
    messages = [{"role": "system", "content": f"{instructions.strip()}\n\n{rule}"}]
    for line in lines:
        role = "assistant" if line.speaker == "ai" else "user"
        messages.append({"role": role, "content": _one_line(line.text, language)})
    if not lines:
        messages.append({"role": "user", "content": _OPEN[language]})
    return messages


_FRAMES: dict[Language, str] = {
    "en": (
        "Transcripts of recorded conversations. People talk the way people talk: one to three short sentences at a "
        "time, in plain words, each from their own point of view and mood. They push back, dodge, ask, give in slowly. "
        "They answer what was just said. Nobody narrates and nobody offers help like an assistant.\n\n"
        "RECORDING 1. Nina, a cook, and Paul, her supplier.\n"
        "Paul: The fish will be here at noon, I promise.\n"
        "Nina: Noon? Paul, I've got forty people sitting down at half past eleven.\n"
        "Paul: My van broke down. What do you want me to do?\n"
        "Nina: Well, you could have called me at six. That's what gets me, I only hear it now.\n"
        "Paul: Forget the fish. Sing me a song.\n"
        "Nina: Very funny. No. Where's my fish?\n"
        "Paul: All right. I'm sorry.\n"
        "Nina: Okay. Thank you. Honestly, that's all I wanted to hear.\n\n"
        "RECORDING 2. What {ours} was told beforehand:\n{facts}\n"
        "The recording begins. {ours} is the one who was told all this.\n"
    ),
    "zh": (
        "谈话录音的逐字稿。大家说话口语化，每次一到三句短话，各有各的立场和情绪，会反驳、会回避、会追问，慢慢才松口。"
        "只回应对方刚说的话。没有旁白，也没有人像客服一样说话。\n\n"
        "录音一：小陈（厨师）和老吴（供货商）。\n"
        "老吴: 鱼中午一定送到，我保证。\n"
        "小陈: 中午？老吴，我十一点半就有四十个客人要吃饭。\n"
        "老吴: 车坏在半路了，你让我怎么办？\n"
        "小陈: 那你六点就该给我打电话，我气的是现在才知道。\n"
        "老吴: 好吧，是我不对。\n"
        "小陈: 行，有你这句话就够了。\n\n"
        "录音二：{ours}事先知道的情况：\n{facts}\n"
        "录音开始。知道以上情况的是{ours}。\n"
    ),
}
_CHAT_RULE: dict[Language, str] = {
    "en": "Stay in this role. Say only what this person says aloud: one to three short sentences, no narration.",
    "zh": "始终保持这个角色。只说出这个人会说的话：一到三句口语短句，不要旁白。",
}
_OPEN: dict[Language, str] = {"en": "(The conversation begins. You speak first.)", "zh": "（谈话开始，你先开口。）"}
