"""Which reactions a turn triggers. Similarity here is the share of common words, so that only the rules are tested;
`scripts/bench/roleplay` measures the real encoder."""

import math
import re
from collections import Counter
from collections.abc import Sequence

import pytest

from coach.providers.ports import TurnPieces, Vector
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.recognition.time_proposal import proposes_time
from practice.persona.recognition.turn_recognition import prepare, recognise, understand
from practice.persona.sentences.sentence_parts import clauses, sentences
from tests import cast

BRIEF = RoleBrief.model_validate(
    {
        "manner": "Short.",
        "holdsOn": ["Well."],
        "reactions": [
            {
                "key": "late",
                "when": "reports came late",
                "heard": ["The report came four days late.", "Late again."],
                "says": ["I know."],
            },
            {"key": "lena", "when": "hears about Lena", "heard": ["Lena stayed until eleven."], "says": ["Oh."]},
            {"key": "gives-in", "when": "gives in", "heard": ["Fine, we keep Monday as it is."], "says": ["Good."]},
            {
                "key": "for-good",
                "when": "confirms it",
                "heard": ["Yes, we keep Monday as it is."],
                "says": ["Settled."],
                "needs": {"after": ["gives-in"]},
                "ends": "failed",
            },
            {"key": "leaves", "when": "trust is gone", "says": ["I am done."], "ends": "failed"},
        ],
    }
)


GREETING = {"key": "greeting", "when": "is greeted", "heard": ["Hi there, Alex."], "says": ["Hi."]}


class CountedWords:
    """SentenceEmbeddings by word counts; `asked` records the texts."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        self.asked: list[list[str]] = []
        self.lasting: list[bool] = []

    async def embed(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        self.asked.append(list(texts))
        self.lasting.append(lasting)
        return [self._vector(text) for text in texts]

    def embed_blocking(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        raise AssertionError("recognition never blocks its event loop")

    def embed_pieces_blocking(self, turns: Sequence[TurnPieces], *, layers: str) -> list[list[Vector]]:
        raise AssertionError("recognition never blocks its event loop")

    def _vector(self, text: str) -> list[float]:
        counts = Counter(re.findall(r"[a-z]+|[\u4e00-\u9fff]", text.lower()))
        vector = [0.0] * 4000
        for word, count in counts.items():
            vector[self.words.setdefault(word, len(self.words))] = count
        length = math.sqrt(sum(number * number for number in vector)) or 1.0
        return [number / length for number in vector]


async def keys(text: str, happened: Sequence[str] = (), language: str = "en") -> list[str]:
    found = await recognise(BRIEF, text, CountedWords(), language=language, happened=happened)
    return [one.key for one in found]


async def test_a_sentence_triggers_the_most_similar_reaction() -> None:
    assert await keys("The report came late.") == ["late"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The search page was four days late.", ["late-work"]),
        ("What is getting in your way? You are lazy.", ["behind-it", "insult"]),
        ("You are lazy! Thanks. The search page was four days late.", ["insult", "late-work"]),
        ("Good morning.", []),
    ],
)
async def test_the_reactions_of_the_casts_brief_are_told_apart(text: str, expected: list[str]) -> None:
    brief = RoleBrief.model_validate(cast.role_brief())
    assert sorted(one.key for one in await recognise(brief, text, CountedWords())) == expected


async def test_the_line_that_answers_a_question_is_found_by_similarity() -> None:
    says = ["Three years in March.", "Lunch was a sandwich."]
    reaction = {"key": "own", "when": "small talk", "heard": ["How many years? And lunch?"], "says": says}
    brief = RoleBrief.model_validate({"manner": "Short.", "holdsOn": ["Well."], "reactions": [reaction]})
    for asked, answered in (("How many years now?", says[0]), ("What was lunch?", says[1])):
        fits = (await understand(brief, asked, CountedWords())).fits
        assert max(fits, key=lambda line: fits[line]) == answered


@pytest.mark.parametrize(
    ("said", "aside"),
    [
        ("Are you actually an AI?", "identity"),
        ("Can we stop here, please?", "stop"),
        ("My mother is in hospital.", "own-news"),
        ("Do you want some water?", "hospitality"),
    ],
)
async def test_some_common_talk_is_recognised_by_its_words(said: str, aside: str) -> None:
    found = await understand(BRIEF, said, CountedWords())
    assert (found.reactions, found.aside) == ((), aside)


async def test_a_greeting_reaction_happens_once() -> None:
    greeting = {
        "key": "greeting",
        "when": "is greeted",
        "heard": ["Nice to see you here, Alex."],
        "says": ["Hi."],
    }
    brief = RoleBrief.model_validate(cast.role_brief(reactions=[greeting, *cast.role_brief()["reactions"]]))
    for happened, expected in (((), ["greeting"]), (["greeting"], []), (["late-work"], [])):
        found = await recognise(brief, "It is so nice to see you here today.", CountedWords(), happened=happened)
        assert [one.key for one in found] == expected


async def test_every_sentence_of_a_turn_counts() -> None:
    assert set(await keys("The report came late, four days. And Lena stayed until eleven.")) == {"late", "lena"}


async def test_a_long_sentence_is_split_into_clauses() -> None:
    said = (
        "You told me on Wednesday that everything was fine and ready to go, and Lena stayed until eleven, because so."
    )
    assert await keys(said) == ["lena"]


async def test_a_sentence_similar_to_nothing_triggers_nothing() -> None:
    assert await keys("My cousin runs a marathon in Lisbon.") == []
    assert await keys("Sorry, what did you say?") == []
    for blank in ("", "  ", "...", "?!", "\n"):
        assert await keys(blank) == []


async def test_a_reaction_without_examples_is_never_triggered_by_words() -> None:
    assert await keys("Trust is gone.") == []


async def test_a_confirmation_counts_only_after_giving_in() -> None:
    assert await keys("Yes, we keep Monday as it is.") == ["gives-in"]
    assert await keys("Yes, we keep Monday as it is.", happened=["gives-in"]) == ["for-good"]
    assert await keys("Fine, we keep Monday as it is.", happened=["gives-in"]) == ["for-good"], "said twice is meant"


async def test_a_turn_without_words_needs_no_embeddings() -> None:
    model = CountedWords()
    await recognise(BRIEF, "…", model)
    assert model.asked == []


async def test_the_brief_is_embedded_before_the_first_turn() -> None:
    model = CountedWords()
    await prepare(BRIEF, model)
    await recognise(BRIEF, "Late again.", model)
    *_, then = model.asked
    assert then == ["Late again."], "known lines are not even looked up again"
    assert model.lasting == [True, True, False], "what a person said is kept nowhere"


def test_text_is_split_into_sentences_in_both_languages() -> None:
    assert sentences("I know. What now?  Really…") == ["I know.", "What now?", "Really…"]
    assert sentences("我知道。怎么办？真的吗！") == ["我知道。", "怎么办？", "真的吗！"]


def test_only_long_sentences_have_clauses() -> None:
    assert clauses("Short, and sweet.") == []
    run_on = "so the panel met this morning and um its tomasz its not you im sorry priya"
    assert clauses(run_on) == ["so the panel met this morning and um", "its tomasz its not you"]
    assert clauses("你上周三和周四都跟我说快好了，结果丽娜一个人加班到十一点。") == [
        "你上周三和周四都跟我说快好了",
        "结果丽娜一个人加班到十一点。",
    ]


def test_and_before_a_new_subject_starts_a_clause() -> None:
    assert clauses("You hid the shoes before sport, and she cried and you pushed the boy off the bench.") == [
        "You hid the shoes before sport",
        "you pushed the boy off the bench.",
    ]


async def test_filler_words_change_nothing() -> None:
    assert await keys("uh, so, um, the report came four days late, you know") == ["late"]


async def test_a_turn_of_only_filler_sounds_is_a_hesitation() -> None:
    assert (await understand(BRIEF, "Um... er.", CountedWords())).aside == "hesitation"


async def test_half_a_short_sentence_counts_if_it_is_nearly_a_line() -> None:
    assert await keys("No, no, Sam, the report came four days late.") == ["late"]
    assert await keys("No, no, Sam, the report came in handwriting.") == []


async def test_common_talk_is_found_in_half_a_sentence() -> None:
    found = await understand(BRIEF, "Hard as it sounds for everybody, I have to go now", CountedWords())
    assert (found.reactions, found.aside) == ((), "goodbye")


async def test_a_question_neither_gives_in_nor_confirms() -> None:
    assert await keys("Fine, we keep Monday as it is.") == ["gives-in"]
    assert await keys("Yes, we keep Monday as it is.", happened=["gives-in"]) == ["for-good"]
    assert "for-good" not in await keys("Do we keep Monday as it is?", happened=["gives-in"])


async def test_a_sentence_equally_similar_to_two_reactions_triggers_neither() -> None:
    assert await keys("Four Lena.") == []


@pytest.mark.parametrize(
    ("sentence", "language"), [("How can I help you today?", "en"), ("请问有什么可以帮您？", "zh")]
)
async def test_an_assistants_offer_of_help_is_recognised_as_such(sentence: str, language: str) -> None:
    assert (await understand(BRIEF, sentence, CountedWords(), language=language)).aside == "serves"


@pytest.mark.parametrize(
    ("sentence", "language", "proposed"),
    [
        ("End of August maybe?", "en", True),
        ("So end of August then, and I'll help carry stuff.", "en", True),
        ("The 31st.", "en", True),
        ("First of next month?", "en", True),
        ("Let's say Friday.", "en", True),
        ("In six weeks.", "en", True),
        ("Could we say ten o'clock?", "en", True),
        ("On Monday he pushed him off the bench.", "en", False),
        ("It's about Monday.", "en", False),
        ("Why not on Friday?", "en", False),
        ("The report came four days late.", "en", False),
        ("那就下周三吧。", "zh", True),
        ("月底行不行？", "zh", True),
        ("这周末？", "zh", False),
        ("上周三你没来。", "zh", False),
        ("他昨天三点才来。", "zh", False),
    ],
)
def test_a_proposed_day_is_recognised_by_its_form(sentence: str, language: str, proposed: bool) -> None:
    assert proposes_time(sentence, language) is proposed


MOVES_OUT = RoleBrief.model_validate(
    {
        "manner": "Short.",
        "holdsOn": ["Well."],
        "reactions": [
            {"key": "told", "when": "hears it", "heard": ["You have to go."], "says": ["Oh."]},
            {
                "key": "date",
                "when": "is offered a date",
                "heard": ["Shall we write it on the calendar?"],
                "says": ["Deal."],
                "needs": {"after": ["told"]},
                "meets": [1],
            },
            {
                "key": "sister",
                "when": "is asked about a place",
                "heard": ["Your sister in August maybe?"],
                "says": ["No."],
            },
            {"key": "leaves", "when": "trust is gone", "says": ["I am done."], "ends": "failed"},
        ],
    }
)


async def test_a_proposed_day_triggers_the_reaction_that_waits_for_one() -> None:
    async def called(text: str, *happened: str) -> list[str]:
        return [one.key for one in await recognise(MOVES_OUT, text, CountedWords(), happened=happened)]

    assert await called("End of August maybe?", "told") == ["date"]
    assert await called("So the 31st, then.", "told") == ["date"]
    assert "date" not in await called("End of August maybe?"), "nothing waits for a day yet"
    assert "date" not in await called("End of August maybe?", "told", "date"), "it has been agreed"
    assert await called("You have to go.", "told") == ["told"]


@pytest.mark.parametrize("said", ["You stood there for me and it is my fault.", "You waited and I let you down."])
async def test_taking_the_blame_is_not_blaming(said: str) -> None:
    insult = {"key": "insult", "when": "is blamed", "heard": [said], "says": ["So it is my fault?"], "trust": -1}
    other = said.replace("You", "You all day")
    brief = RoleBrief.model_validate(cast.role_brief(reactions=[insult]))
    assert await recognise(brief, other, CountedWords()) == []


async def test_an_uncertain_match_without_effect_is_dropped() -> None:
    small = {"key": "small", "when": "own life", "heard": ["Do you like the old house there?"], "says": ["Yes."]}
    for trust, expected in ((0, []), (1, ["small"])):
        brief = RoleBrief.model_validate(cast.role_brief(reactions=[GREETING, small | {"trust": trust}]))
        found = await recognise(brief, "Do you like the river now and then?", CountedWords())
        assert [one.key for one in found] == expected
