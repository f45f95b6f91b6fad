"""The script of an ended conversation: its times, doubtful and quoted words, and the actions on a line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from coach import clock
from coach.identity import trainee
from coach.pages.fields import WordsField
from coach.pages.requests import PageRequest
from practice import delivery
from practice.catalog import availability
from practice.lifecycle import AsrStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.ports import Quoted, ports
from practice.turns import correction
from practice.views import redo

CORRECTED = "transcriptCorrected"
"""The event that notifies the rest of the page."""

PRINTED_WHOLE, PRINTED_IN_PART = 650, 300
"""How many words of a talk fit on two sheets beside its feedback.

A short talk is printed whole; a long one has more feedback.
"""


@dataclass(frozen=True)
class LinePiece:
    """Part of a line; `tone` as in `Quoted`, empty if not quoted."""

    text: str
    doubtful: bool
    tone: str


def lines(session: PracticeSession, turns: Iterable[Turn], *, startable: bool) -> list[Turn]:
    """The turns, each with what its line shows besides the words.

    `at`: seconds since the first line said here, None where it has no time of its own; `answered_in`: seconds from the
    trainee's turn to the first sound of this answer, None where there is none; `pieces`; `correctable`;
    `left_out_of_print` (`_leave_out`); `redo_body` (`redo.offered`) where the scenario is `startable`.
    """
    found = list(turns)
    quoted = ports.quoted(session.pk)
    began = {turn.pk: turn.started_at for turn in found if turn.started_at and turn.sequence >= session.own_from}
    first = min(began.values(), default=None)
    ended = session.status == SessionStatus.ENDED
    for turn in found:
        shown: Any = turn
        shown.at = (began[turn.pk] - first).total_seconds() if first and turn.pk in began else None
        shown.answered_in = turn.latency_ms / 1000 if turn.latency_ms is not None and turn.sequence else None
        shown.pieces = pieces(turn.transcript or "", turn.doubtful, quoted.get(turn.sequence, ()))
        shown.correctable = ended and turn.speaker == Speaker.TRAINEE and turn.asr_status != AsrStatus.PENDING
    _leave_out(found, session.language, set(quoted))
    return redo.offered(session, found) if startable else found


def context(turns: Sequence[Any]) -> dict[str, Any]:
    """What the pages say about the lines as a whole; `turns` come from `lines`."""
    return {
        "turns": turns,
        "has_answer_times": any(turn.answered_in is not None for turn in turns),
        "has_doubts": any(piece.doubtful for turn in turns for piece in turn.pieces),
        "printed_in_part": any(turn.left_out_of_print for turn in turns),
    }


def _leave_out(turns: Sequence[Any], language: str, quoted: set[int]) -> None:
    """Decide what to leave out of print: two sheets hold a limited number of words, and quoted lines go first."""
    words = {turn.sequence: delivery.count_words(turn.transcript or "", language) for turn in turns}
    first = sorted(quoted)
    kept, left = set(), PRINTED_WHOLE if sum(words.values()) <= PRINTED_WHOLE else PRINTED_IN_PART
    for sequence in dict.fromkeys([*first, *(sequence - 1 for sequence in first), *words]):
        if sequence in words and words[sequence] <= left:
            kept.add(sequence)
            left -= words[sequence]
    for turn in turns:
        turn.left_out_of_print = turn.sequence not in kept


def pieces(text: str, doubtful: Sequence[Sequence[int]], quoted: Sequence[Quoted]) -> list[LinePiece]:
    """The text, split wherever a doubt or quote begins or ends. Ranges and quotes outside the text are ignored."""
    most = len(text)
    doubts = [(max(0, start), min(most, end)) for start, end in doubtful if start < min(most, end)]
    places = [(text.find(each.text), each) for each in quoted if each.text]
    quotes = [(at, at + len(each.text), each.tone) for at, each in places if at >= 0]
    cuts = {0, most} | {cut for low, high in doubts for cut in (low, high)}
    cuts |= {cut for low, high, _tone in quotes for cut in (low, high)}
    return [
        LinePiece(
            text[start:end],
            any(low <= start < high for low, high in doubts),
            next((tone for low, high, tone in quotes if low <= start < high), ""),
        )
        for start, end in pairwise(sorted(cuts))
    ]


class CorrectionForm(forms.Form):
    """The trainee's correction of a line."""

    transcript = WordsField(max_length=correction.CHARACTERS_MAX)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def line(request: PageRequest, session_id: str, turn_id: str) -> HttpResponse:
    """One line as it is now; POST corrects it. With htmx only the line, otherwise a redirect to the session."""
    session = PracticeSession.objects.select_related("scenario").filter(pk=session_id, user_id=trainee()).first()
    if session is None:
        raise Http404
    turn = session.turns.filter(pk=turn_id).first()
    if turn is None:
        raise Http404
    problem = _correct(request, turn) if request.method == "POST" else ""
    if not request.htmx:
        if problem:
            messages.warning(request, problem)
        return HttpResponseRedirect(f"{reverse('history:detail', args=[session.pk])}#turn-{turn.sequence}")
    startable = availability.startable(session.scenario)
    shown = next(each for each in lines(session, session.turns.said(), startable=startable) if each.pk == turn.pk)
    context = {
        "session": session,
        "person": session.brief["aiPersona"],
        "turn": shown,
        "problem": problem,
        "corrected": request.method == "POST" and not problem,
        "room_url": reverse("practice:room", args=["ID"]),
    }
    response = render(request, "practice/room_line.html", context)
    if context["corrected"]:
        response["HX-Trigger-After-Swap"] = CORRECTED
    return response


def _correct(request: HttpRequest, turn: Turn) -> str:
    """Correct the turn; returns an error message, or an empty text on success."""
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _("Write what you said, in at most 2,000 characters.")
    try:
        correction.correct(turn, form.cleaned_data["transcript"], now=clock.now())
    except correction.NotCorrectable:
        return _("This line can't be corrected now: it is still being transcribed, or it isn't yours.")
    return ""
