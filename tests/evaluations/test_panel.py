"""The feedback panel renders each of its states, as a full page and as an htmx partial."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from evaluations import evaluation_job
from evaluations.models import RATED_BY_RUBRIC, Evaluation
from practice.lifecycle import AsrStatus
from tests.evaluations.cast import ENDED, ended_session, queued, reloaded, run, run_until_settled
from tests.evaluations.talks import CLARITY, LISTENING, answer, score
from tests.fakes.models import Fake

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def part(client: Client, evaluation: Evaluation) -> tuple[int, str]:
    shown = client.get(f"/sessions/{evaluation.session_id}/evaluation/", **HTMX)
    return shown.status_code, shown.content.decode()


def claimed(evaluation: Evaluation) -> evaluation_job.Claim:
    claim = evaluation_job.claim(evaluation.pk, now=ENDED)
    assert claim
    return claim


def test_during_transcription_the_panel_says_so_and_polls(client: Client) -> None:
    session = ended_session(["Hi.", None], asr=AsrStatus.PENDING)
    session.ended_at = timezone.now()
    status, html = part(client, queued(session, now=session.ended_at))
    assert status == 200
    assert "Transcribing your last turn" in html
    assert 'hx-trigger="every 2s"' in html


def test_while_waiting_only_what_has_changed_is_fetched_again(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer())
    evaluation = queued()
    assert "?part=progress&amp;phase=queued" in part(client, evaluation)[1]
    waiting = f"/sessions/{evaluation.session_id}/evaluation/?part=progress&phase=queued"
    same = client.get(waiting, **HTMX).content.decode()
    assert "<progress" in same
    assert not re.search('<h2|evaluation-doing"[^>]*role|hx-swap-oob', same)

    evaluation_job.give_back(claimed(evaluation), "503", now=ENDED, after=timedelta(seconds=3))
    retrying = client.get(waiting, **HTMX).content.decode()
    assert re.search(r'hx-swap-oob="innerHTML:#evaluation-doing">\s*Writing the feedback .* \(try 1 of 3\)', retrying)
    assert "phase=retrying" in retrying

    run_until_settled(evaluation, judge.base_url)
    whole = client.get(waiting, **HTMX)
    assert (whole.status_code, whole["HX-Retarget"]) == (286, "closest .evaluation")
    assert "#ending" in whole.content.decode()


def test_feedback_that_arrives_on_its_own_page_refers_to_the_page_with_the_transcript(
    client: Client, judge: Fake
) -> None:
    judge.answer("evaluation_result", arguments=answer())
    evaluation = run(queued(), judge.base_url)
    page = f"/sessions/{evaluation.session_id}/evaluation/"
    arrived = client.get(page, **HTMX, HTTP_HX_CURRENT_URL=f"http://testserver{page}").content.decode()
    assert f'href="/sessions/{evaluation.session_id}/#turn-' in arrived
    assert "#ending" not in arrived


def test_during_scoring_the_panel_says_what_happens_and_how_long_it_takes(client: Client) -> None:
    evaluation = queued(now=timezone.now())
    assert evaluation_job.claim(evaluation.pk, now=timezone.now())
    status, html = part(client, evaluation)
    assert (status, "rating 2 skills" in html, "Usually about" in html) == (200, True, True)


def test_after_a_failed_try_the_panel_announces_another(client: Client) -> None:
    evaluation = queued()
    evaluation_job.give_back(claimed(evaluation), "503", now=ENDED, after=timedelta(seconds=3))
    assert "Writing the feedback didn't work (try 1 of 3)" in part(client, evaluation)[1]


def test_a_result_stops_the_polling(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer())
    status, html = part(client, run(queued(), judge.base_url))
    assert status == 286
    assert "hx-trigger" not in html


def test_a_result_pasted_into_the_address_bar_is_a_page(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer())
    evaluation = run(queued(), judge.base_url)
    page = client.get(f"/sessions/{evaluation.session_id}/evaluation/")
    assert page.status_code == 200
    assert "<html" in page.content.decode()


def test_a_result_shows_rating_rubric_note_quote_and_a_better_line(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer(scores=[score(LISTENING), score(CLARITY, rating=5)]))
    html = part(client, run(queued(), judge.base_url))[1]
    for words in (
        "3 of 5",
        "Repeats in part.",
        "You named what happened.",
        "“The last three slipped”",
        "What would help you to warn me in time?",
        "The teammate agrees to warn earlier.",
    ):
        assert words in html
    assert 'href="#turn-1"' in html


def test_strengths_stand_before_gaps(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer(scores=[score(LISTENING, rating=2), score(CLARITY, rating=5)]))
    html = part(client, run(queued(), judge.base_url))[1]
    assert (
        "".join(
            words
            for words in re.findall(r"<h[34][^>]*>([^<]+)<", html)
            if words in ("What worked", "Clarity", "What to work on", "Listening")
        )
        == "What workedClarityWhat to work onListening"
    )


def test_only_two_skills_of_each_stand_before_more(client: Client, judge: Fake) -> None:
    from evaluations.transcript.conversation import RatedSkill
    from tests.evaluations.cast import BRIEF

    skills = [RatedSkill(f"s{n}", f"Skill {n}", "") for n in range(4)]
    brief = BRIEF | {"skillSummaries": [{"skillId": s.id, "name": s.name, "rubric": s.rubric} for s in skills]}
    judge.answer("evaluation_result", arguments=answer(scores=[score(skill, rating=2) for skill in skills]))
    html = part(client, run(queued(ended_session(brief=brief)), judge.base_url))[1]
    details = html[html.index("What to work on") :]
    assert details.index("Skill 1") < details.index("2 more skills") < details.index("Skill 2")


def test_a_rating_without_a_quote_says_so(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer(scores=[score(LISTENING, evidence=[]), score(CLARITY)]))
    assert "No quote supports this rating." in part(client, run(queued(), judge.base_url))[1]


def test_text_from_the_model_is_escaped(client: Client, judge: Fake) -> None:
    bad = "<script>alert(1)</script>"
    judge.answer(
        "evaluation_result", arguments=answer(summary=bad, scores=[score(LISTENING, note=bad), score(CLARITY)])
    )
    html = part(client, run(queued(), judge.base_url))[1]
    assert bad not in html
    assert "&lt;script&gt;" in html


def test_a_local_models_result_is_called_that(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer())
    evaluation = run(queued(), judge.base_url)
    html = part(client, evaluation)[1]
    assert ("this computer" in html, "Reached<" in html, "Not reached<" in html) == (False, True, True)
    Evaluation.objects.update(scored_locally=True)
    assert "Made on this computer, without an AI service" in part(client, evaluation)[1]
    Evaluation.objects.update(shape=RATED_BY_RUBRIC)
    html = part(client, evaluation)[1]
    assert "Rated by a small model on this computer" in html
    assert ("Reached<" in html, "Not seen<" in html, "Not reached<" in html) == (True, True, False)


def test_with_nothing_to_score_it_says_so(client: Client, judge: Fake) -> None:
    status, html = part(client, run(queued(ended_session(["Hi."])), judge.base_url))
    assert (status, "nothing to score" in html) == (286, True)


def test_only_a_failed_evaluation_has_the_retry_button(client: Client) -> None:
    evaluation = queued()
    assert "Try again" not in part(client, evaluation)[1]
    evaluation_job.fail(claimed(evaluation), "judge-1 answered 503")
    status, html = part(client, evaluation)
    assert (status, "Try again" in html) == (286, True)
    assert "hx-disabled-elt" in html


def test_the_retry_button_requeues_and_shows_progress(client: Client) -> None:
    evaluation = queued()
    evaluation_job.fail(claimed(evaluation), "judge-1 answered 503")
    asked = client.post(f"/sessions/{evaluation.session_id}/evaluation/", **HTMX)
    assert (asked.status_code, reloaded(evaluation).status) == (200, "pending")
    html = asked.content.decode()
    assert 'hx-trigger="every 2s"' in html
    # The button is gone: keyboard focus moves to the heading, whose id keeps it there through every poll.
    assert '<h2 class="evaluation-title" id="evaluation-title" tabindex="-1" autofocus>' in html
    assert "autofocus" not in part(client, evaluation)[1]


def test_the_retry_button_works_without_javascript(client: Client) -> None:
    evaluation = queued()
    evaluation_job.fail(claimed(evaluation), "no")
    asked = client.post(f"/sessions/{evaluation.session_id}/evaluation/")
    assert (asked.status_code, asked["Location"]) == (302, f"/sessions/{evaluation.session_id}/evaluation/")


def test_a_session_that_never_began_says_so_and_does_not_poll(client: Client) -> None:
    session = ended_session([], was_active=False)
    shown = client.get(f"/sessions/{session.pk}/evaluation/", **HTMX)
    assert (shown.status_code, "never started" in shown.content.decode()) == (286, True)


def test_somebody_elses_panel_is_not_found(client: Client, settings) -> None:
    evaluation = queued()
    evaluation.session.user_id = "somebody-else"
    evaluation.session.save()
    assert part(client, evaluation)[0] == 404
