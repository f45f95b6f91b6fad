"""The dialogue script that the local server builds from a request."""

import json
from typing import Any

import pytest

from coach.config import ROOT
from coach.local_models.language import language_of
from coach.local_models.speech.persona_gender import gender_of
from coach.local_models.spoken_reply.opening import word_for_word
from coach.local_models.spoken_reply.perspective import in_own_words
from coach.local_models.spoken_reply.script import DialogueLine, brief, first_line, names, write

LIBRARY = json.loads((ROOT / "seed-data" / "scenarios.json").read_text())
INSTRUCTIONS = """You are Sam Okafor, Developer on your team.
You are talking with Jordan, Team lead.
About you: You say "you know me" when you are stuck. Nobody asks you to.
About Jordan: You have covered for Sam twice.
Situation, “The deadline”: You lead a **small** team. Sam knows nothing.
You are alone in the room.
Stay Sam Okafor all the way through. Speak as people speak aloud."""
OPENING = "\nYou speak first. Joke about the room."
CHINESE = """你是妈妈，你的母亲。
对方是小雨，女儿。
关于你：你最怕孩子一个人，总说“你听我的”。
情境“年夜饭”：你在厨房陪妈妈包饺子。
始终保持妈妈的身份。"""


def test_names_are_found_in_the_instructions() -> None:
    assert names(INSTRUCTIONS, "en") == ("Sam", "Jordan")
    assert names("You are Ms Fontaine, a customer.\nYou are talking with Lou, manager.", "en") == ("Ms Fontaine", "Lou")
    assert names(CHINESE, "zh") == ("妈妈", "小雨")
    assert names("Be rude.", "en") == ("Me", "Visitor")


def test_the_brief_is_rewritten_for_each_side_without_rules_of_conduct() -> None:
    known = brief(INSTRUCTIONS, "en")
    assert known.own == 'I say "you know me" when I am stuck. Nobody asks me to.'
    assert known.situation == "Jordan lead a small team. Sam knows nothing.\nJordan is alone in the room."
    assert known.cast == "Sam Okafor, Developer on Jordan's team, and Jordan, Team lead"
    script = write(INSTRUCTIONS, [], "en").text
    assert "Stay Sam" not in script
    assert "covered for Sam" not in script


def test_instructions_in_another_form_are_kept_unchanged() -> None:
    script = write("Play a grumpy neighbour who hates noise.", [DialogueLine("trainee", "Hello")], "en")
    assert "Play a grumpy neighbour who hates noise." in script.text
    assert script.text.endswith("Visitor: Hello\nMe:")


def test_the_script_ends_with_the_personas_name() -> None:
    lines = [DialogueLine("ai", "Tiny room."), DialogueLine("trainee", "Sit\ndown.", note="Sam looks away.")]
    script = write(INSTRUCTIONS, lines, "en")
    assert script.text.endswith("Sam: Tiny room.\n(Sam looks away.)\nJordan: Sit down.\nSam:")
    assert "Jordan:" in script.stop
    assert "\n" in script.stop


def test_a_chat_model_gets_a_note_with_the_line_that_it_belongs_to() -> None:
    lines = [DialogueLine("ai", "Tiny room."), DialogueLine("trainee", "Sit\ndown.", note="Sam looks away.")]
    *before, last = write(INSTRUCTIONS, lines, "en").messages
    assert last == {"role": "user", "content": "Sit down.\n\n(Sam looks away.)"}
    assert [each["content"] for each in before][1:] == ["Tiny room."]


def test_later_scripts_begin_with_the_earlier_ones() -> None:
    """The model's cache is reused only for a common beginning."""
    before = write(INSTRUCTIONS + OPENING, [], "en", until="trainee")
    first = write(INSTRUCTIONS, [DialogueLine("ai", "Tiny room."), DialogueLine("trainee", "Sit down.")], "en")
    second = write(
        INSTRUCTIONS,
        [
            DialogueLine("ai", "Tiny room."),
            DialogueLine("trainee", "Sit down."),
            DialogueLine("ai", "Why?"),
            DialogueLine("trainee", "Listen."),
        ],
        "en",
    )
    assert first.text[: first.fixed] == before.text[: before.fixed]
    assert second.text.startswith(first.text)


def test_the_opening_prompt_contains_only_the_audible_parts_of_its_plan() -> None:
    plan = "\nYou speak first. Stir the soup, say that it is nearly ready, and ask how you can help."
    script = write(INSTRUCTIONS + plan, [], "en")
    assert script.text.endswith(
        "Plan for Sam, who talks to Jordan: Say that it is nearly ready, ask how you can help.\nSam:"
    )
    assert script.slot == "opening"
    chinese = write(CHINESE + "\n由你先开口。你一边擀皮，先问孩子吃得好不好。", [], "zh")
    assert chinese.text.endswith("妈妈对小雨的打算：先问孩子吃得好不好。\n妈妈:")


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("Come in late and say: “Sorry. So, what's this about?”", "Sorry. So, what's this about?"),
        ("Say “Oh, coffee!”, sit down, then: “Wasn't yesterday great?”", "Oh, coffee! Wasn't yesterday great?"),
        ("Ask what “nearly there” is to mean.", ""),
        ("Come in late.", ""),
    ],
)
def test_whole_sentences_in_quotation_marks_are_the_first_line(plan: str, said: str) -> None:
    assert first_line(f"{INSTRUCTIONS}\nYou speak first. {plan}", "en") == said


@pytest.mark.parametrize("scenario", LIBRARY, ids=lambda scenario: scenario["externalId"])
def test_each_shipped_scenario_gives_its_first_line_word_for_word(scenario: dict[str, Any]) -> None:
    line = word_for_word(scenario["prompt"], scenario["language"])
    assert 4 <= (len(line.split()) if scenario["language"] == "en" else len(line) // 2) <= 40


def test_a_chinese_first_line_is_spoken_word_for_word() -> None:
    plan = "\n由你先开口。你看了看表，说：“坐吧，我还有二十分钟。你想谈什么？”"
    assert first_line(CHINESE + plan, "zh") == "坐吧，我还有二十分钟。你想谈什么？"


def test_a_continued_conversation_keeps_its_script() -> None:
    script = write(INSTRUCTIONS + "\nYou speak first. Go on.", [DialogueLine("trainee", "Wait.")], "en")
    assert script.slot == "turn"
    assert "The plan: Go on." in script.text


def test_without_a_plan_the_persona_opens() -> None:
    script = write(INSTRUCTIONS + "\nYou speak first. Open the conversation with Jordan the way Sam would.", [], "en")
    assert script.slot == "turn"
    assert script.text.endswith("\n\nSam:")


def test_an_untranscribed_turn_is_marked_as_such_in_the_script() -> None:
    assert "Jordan: (could not be heard)\n" in write(INSTRUCTIONS, [DialogueLine("trainee", "")], "en").text


def test_a_chinese_script_is_written_in_chinese() -> None:
    known = brief(CHINESE, "zh")
    assert known.own == "我最怕孩子一个人，总说“你听我的”。"
    assert known.cast == "妈妈，小雨的母亲；小雨，女儿"
    assert write(CHINESE, [DialogueLine("trainee", "妈。")], "zh").text.endswith("小雨: 妈。\n妈妈:")


@pytest.mark.parametrize(
    ("told", "own"),
    [
        ("You want Monday to hold: last year you moved it.", "I want Monday to hold: last year I moved it."),
        ("The rent shames you. Anger makes you loud.", "The rent shames me. Anger makes me loud."),
        ("A developer you like and depend on.", "A developer I like and depend on."),
        ("Someone asks how you are and then waits for you.", "Someone asks how I am and then waits for me."),
        ("It is yours; you've kept it yourself.", "It is mine; I've kept it myself."),
        ("The two of you are alone.", "The two of us are alone."),
        ("She says “you are late” to you.", "She says “you are late” to me."),
    ],
)
def test_facts_are_rewritten_in_the_first_person(told: str, own: str) -> None:
    assert in_own_words(told, "en") == own


def test_the_language_is_detected_from_the_characters() -> None:
    assert language_of("你好 Sam") == "zh"
    assert language_of("A talk with 妈妈 about the wedding and the years before") == "en"


@pytest.mark.parametrize(
    ("name", "facts", "gender"),
    [
        ("Walter", "You are Walter, her father.", "male"),
        ("Ms Fontaine", "You are Ms Fontaine.", "female"),
        ("妈妈", "你是妈妈。", "female"),
        ("建军", "你是建军，她的表哥。", "male"),
        ("Quill", "You are Quill, your brother.", "male"),
        ("Quill", "You are Quill.", "female"),
    ],
)
def test_the_voice_suits_the_persona(name: str, facts: str, gender: str) -> None:
    assert gender_of(name, facts) == gender
