"""Which parts of a model's text are spoken, and how they are split into pieces."""

import pytest

from coach.local_models.spoken_reply.utterance import Utterance


def run(*raw: str) -> tuple[str, list[str]]:
    utterance, text, pieces = Utterance(), "", []
    for piece in raw:
        said = utterance.feed(piece)
        text += said.delta
        pieces += said.pieces
        if utterance.done:
            break
    pieces += utterance.finish().pieces
    return text.strip(), pieces


def letters(text: str) -> tuple[str, list[str]]:
    return run(*text)


def test_the_first_clause_is_spoken_before_the_sentence_is_done() -> None:
    utterance = Utterance()
    assert utterance.feed("Well, ").pieces == ("Well,",)
    assert utterance.feed("I was going to").pieces == ()


def test_a_first_clause_without_a_comma_is_cut_before_a_linking_word() -> None:
    _, pieces = letters("I really never thought that you would say such a thing to me today. Never.")
    assert pieces[0] == "I really never thought"
    assert " ".join(pieces) == "I really never thought that you would say such a thing to me today. Never."


def test_later_pieces_are_whole_sentences_or_long_clauses() -> None:
    _, pieces = letters("Look, I hear you. But no, I can't do that before Friday, and you know it.")
    assert pieces == ["Look,", "I hear you.", "But no, I can't do that before Friday,", "and you know it."]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_captions_and_speech_are_the_same_however_the_text_is_split(size: int) -> None:
    raw = ' "Mr. Dalby, it\'s 3.5 percent. (sighs) I mean, *looks away* what did you expect? Nothing?"'
    text, pieces = run(*(raw[at : at + size] for at in range(0, len(raw), size)))
    assert " ".join(pieces).split() == text.split()
    assert text == "Mr. Dalby, it's 3.5 percent. I mean, what did you expect? Nothing?"


def test_a_reply_stops_after_three_sentences() -> None:
    text, _ = letters("One. Two! Three? Four. Five.")
    assert text == "One. Two! Three?"


def test_no_further_sentence_begins_once_enough_is_said() -> None:
    long = "I have told you about this more than once, and every time you promised me that it would be different"
    text, _ = letters(f"{long}, and {long[:60]}. And another thing. And more.")
    assert text.endswith(".")
    assert "another" not in text


def test_stage_directions_and_quotation_marks_are_not_spoken() -> None:
    text, _ = letters("(He looks up.) “Fine.” *shrugs* [door] Whatever.")
    assert text == "Fine. Whatever."


def test_an_aside_that_never_closes_is_dropped() -> None:
    text, pieces = letters("Fine. (and then he leaves the room")
    assert text == "Fine."
    assert pieces == ["Fine."]


def test_chinese_clauses_are_cut_without_spaces() -> None:
    text, pieces = letters("妈，我知道你是为我好。可是我现在真的不想谈这个，你能听我说完吗？好不好？再说吧。")
    assert pieces[0] == "妈，"
    assert "".join(pieces) == text
    assert text == "妈，我知道你是为我好。可是我现在真的不想谈这个，你能听我说完吗？好不好？"


def test_text_without_letters_is_not_spoken() -> None:
    text, pieces = letters("... — …")
    assert pieces == []
    assert text.strip(" .…—") == ""
