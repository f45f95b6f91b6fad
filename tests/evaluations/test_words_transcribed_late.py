"""Words that arrive after an evaluation found nothing to score are scored, also where criteria were stored by then."""

import pytest

from evaluations import evaluation_job
from evaluations.models import CriterionResult, Evaluation
from practice.lifecycle import AsrStatus, Speaker
from practice.models import PracticeSession, Turn
from tests.evaluations.cast import ENDED, queued, run, run_until_settled
from tests.evaluations.talks import answer
from tests.evaluations.test_goal_reached import played
from tests.fakes.models import Fake

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def unheard(session: PracticeSession) -> Evaluation:
    """The evaluation of a conversation of which no word of the trainee is known."""
    spoken = Turn.objects.filter(session=session, speaker=Speaker.TRAINEE)
    spoken.update(transcript=None, asr_status=AsrStatus.FAILED)
    return queued(session)


def criteria(evaluation: Evaluation) -> list[str]:
    return list(CriterionResult.objects.filter(evaluation=evaluation).values_list("criterion", flat=True))


@pytest.mark.parametrize("met", [{}, {"1": 1}], ids=["none met", "one met"])
def test_with_a_role_brief_words_transcribed_late_are_scored(judge: Fake, met: dict[str, int]) -> None:
    judge.answer("evaluation_result", arguments=answer(), times=None)
    session = played(met)
    evaluation = run(unheard(session), judge.base_url)
    assert evaluation.status == "completed"
    assert not evaluation.scores.exists()
    assert criteria(evaluation) == session.brief["endCriteria"], "the role brief says which were met"

    heard = Turn.objects.filter(session=session, sequence=1)
    heard.update(transcript="Warn me before it slips.", asr_status=AsrStatus.COMPLETED)
    assert evaluation_job.heard(session.pk, now=ENDED) == evaluation.pk

    again = run_until_settled(evaluation, judge.base_url)
    assert (again.status, again.last_error) == ("completed", "")
    assert again.scores.exists()
    assert criteria(again) == session.brief["endCriteria"]
