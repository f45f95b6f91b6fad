"""A dispute is about one answer: a new reading that answers otherwise leaves it behind, and can be disputed anew."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from evaluations.findings.ratings import Answer
from evaluations.models import Dispute, Evaluation
from evaluations.own_view import disputes
from evaluations.requeue import read_again
from history import detail
from history.admin.disputes import mark_of
from practice.models import PracticeSession, Turn
from tests.evaluations.cast import ENDED, Clock, queued, run, session_with_behaviours
from tests.evaluations.talks import ASKS, FEEDBACK, SHOWS_COSTS, SHOWS_NAMES, finding, looked_at
from tests.fakes.models import Fake

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SHOWS_ASKS = finding(ASKS, "shown", "So you've had a lot on your plate", 3)
UNSURE_ASKS = finding(ASKS, "unsure")
DESK = "/admin/practice/practicesession/"
ABOUT_EARLIER = "Before the feedback was redone it said “Not yet”, and you wrote:"


@pytest.fixture
def session(judge: Fake) -> PracticeSession:
    """Rated 4 of 5: the trainee is said not to have asked, and says in the dispute that they did."""
    judge.answer("evaluation_result", arguments=looked_at(SHOWS_NAMES, SHOWS_COSTS), times=None)
    evaluation = run(queued(session_with_behaviours()), judge.base_url)
    differ(evaluation, "I asked in my last line.", hours=0)
    Evaluation.objects.update(opened_at=ENDED)
    return evaluation.session


@pytest.fixture
def curator(client: Client) -> Client:
    found = Client()
    found.force_login(User.objects.create_superuser("anna"))
    return found


def differ(evaluation: Evaluation, reason: str, *, hours: int) -> Dispute:
    now = ENDED + timedelta(hours=hours)
    return disputes.raise_dispute(evaluation, skill_id=FEEDBACK.id, key="asks", reason=reason, now=now)


def reviewed(answer: Answer, reason: str = "Turn 3 asks.") -> None:
    assert disputes.overrule(Dispute.objects.get(), answer, reason, by="anna", now=ENDED)


def read_anew(judge: Fake, *findings: dict[str, Any], hours: int = 2) -> Evaluation:
    """Correct a line and read again; the evaluator finds what was found before and `findings`."""
    judge.reset()
    judge.answer("evaluation_result", arguments=looked_at(SHOWS_NAMES, SHOWS_COSTS, *findings), times=None)
    now = ENDED + timedelta(hours=hours)
    Turn.objects.filter(sequence=3).update(corrected_at=now - timedelta(minutes=1))
    evaluation = Evaluation.objects.get()
    assert read_again(evaluation, now=now)
    done = run(evaluation, judge.base_url, Clock(now))
    assert done.status == "completed"
    return done


def whole_page(client: Client, session: PracticeSession) -> str:
    return html.unescape(client.get(f"/sessions/{session.pk}/evaluation/").content.decode())


def line(client: Client, session: PracticeSession) -> str:
    """What the trainee's page says about asking, as plain words."""
    items = re.findall(r'<li class="finding.*?</li>', whole_page(client, session), re.DOTALL)
    (found,) = [each for each in items if ASKS.text in each]
    return plain(found)


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def asking(client: Client, session: PracticeSession) -> dict[str, Any]:
    """The behaviour as the API tells it."""
    (score,) = client.get(f"/api/sessions/{session.pk}/evaluation").json()["scores"]
    return next(each for each in score["behaviours"] if each["key"] == "asks")


def desk(curator: Client, session: PracticeSession) -> str:
    return plain(curator.get(f"{DESK}{session.pk}/change/").content.decode())


@pytest.mark.parametrize("answer", [Answer.SHOWN, Answer.NOT_SHOWN])
def test_a_reviewers_answer_about_an_earlier_reading_says_nothing_about_the_new_one(
    client: Client, curator: Client, session: PracticeSession, judge: Fake, answer: Answer
) -> None:
    reviewed(answer)
    done = read_anew(judge, SHOWS_ASKS)

    told = line(client, session)
    assert told.startswith("You did this")
    assert "keeps the answer" not in told
    assert "looked again and says" not in told
    said = "You did this" if answer is Answer.SHOWN else "Not yet"
    assert f"{ABOUT_EARLIER} I asked in my last line. A reviewer answered: {said} · Turn 3 asks." in told
    assert "That was about an earlier reading and no longer counts." in told
    assert "With the reviewer's answers" not in plain(
        client.get(f"/sessions/{session.pk}/evaluation/").content.decode()
    )
    assert disputes.reviewed_ratings(done, ["What got in the way?"]) == {}
    assert disputes.changed_ratings(FEEDBACK.id, [session.pk]) == {}
    api = asking(client, session)
    assert (api["disputed"], api["dispute"]["answer"], api["answer"]) == (False, "notShown", "shown")
    assert "about an earlier reading" in desk(curator, session)


def test_a_reviewers_answer_counts_on_when_the_new_reading_says_the_same(
    client: Client, curator: Client, session: PracticeSession, judge: Fake
) -> None:
    reviewed(Answer.SHOWN)
    done = read_anew(judge)
    told = line(client, session)
    assert "A reviewer looked again and says: You did this · Turn 3 asks." in told
    assert "earlier reading" not in told + desk(curator, session)
    assert disputes.reviewed_ratings(done, ["What got in the way?"]) == {FEEDBACK.id: 5}
    assert disputes.changed_ratings(FEEDBACK.id, [session.pk]) == {session.pk: 5}
    assert asking(client, session)["disputed"]


def test_the_new_answer_can_be_disputed_and_both_disputes_stay_visible(
    client: Client, curator: Client, session: PracticeSession, judge: Fake
) -> None:
    reviewed(Answer.NOT_SHOWN, "That was a wish.")
    done = read_anew(judge, UNSURE_ASKS)
    assert "I see it differently" in line(client, session)

    given = {"skill": FEEDBACK.id, "key": "asks", "reason": "It is a plain question."}
    answered = client.post(f"/sessions/{session.pk}/evaluation/disputes/", given, headers={"HX-Request": "true"})
    earlier = f"{ABOUT_EARLIER} I asked in my last line. A reviewer answered: Not yet · That was a wish."
    for told in (plain(answered.content.decode()), line(client, session)):
        assert earlier in told
        assert "You see it differently: It is a plain question. Noted. A reviewer will look at it" in told
        assert "Change what I wrote" in told
    api = asking(client, session)
    assert (api["disputed"], api["dispute"]["answer"], api["dispute"]["overruled"]) == (True, "unsure", None)
    shown = desk(curator, session)
    assert "Answered: unsure. It is a plain question." in shown
    assert "Earlier reading: not shown. I asked in my last line. A reviewer answered: not shown. That was a wish." in (
        shown
    )

    reviewed(Answer.SHOWN, "It asks.")
    assert "A reviewer looked again and says: You did this · It asks." in line(client, session)
    assert disputes.reviewed_ratings(done, ["What got in the way?"]) == {FEEDBACK.id: 5}
    (first,) = detail.portable(session)["earlierReadings"]
    behaviours = first["result"]["scores"][0]["behaviours"]
    kept = next(each["dispute"] for each in behaviours if each["key"] == "asks")
    assert (kept["reason"], kept["overruled"]["reason"]) == ("I asked in my last line.", "That was a wish.")


def test_a_second_post_about_the_new_answer_replaces_only_its_own_reason(
    client: Client, session: PracticeSession, judge: Fake
) -> None:
    """Two posts at once take their turns; neither may push the other's dispute into the earlier reading."""
    done = read_anew(judge, SHOWS_ASKS)
    differ(done, "I said it, but I did not ask.", hours=3)
    differ(done, "That was no question.", hours=4)
    dispute = Dispute.objects.get()
    assert (dispute.answer, dispute.reason) == ("shown", "That was no question.")
    assert [each["reason"] for each in disputes.earlier(dispute, dispute.answer)] == ["I asked in my last line."]
    told = line(client, session)
    assert told.count("and you wrote:") == 1
    assert "I said it, but" not in told


def test_an_answer_that_came_after_the_new_reading_is_kept_with_the_dispute_it_is_about(
    client: Client, session: PracticeSession, judge: Fake
) -> None:
    done = read_anew(judge, SHOWS_ASKS)
    reviewed(Answer.SHOWN, "Yes, you did.")
    differ(done, "That was no question.", hours=3)
    assert f"{ABOUT_EARLIER} I asked in my last line. A reviewer answered: You did this · Yes, you did." in (
        line(client, session)
    )


def test_each_dispute_of_several_readings_is_shown_once(client: Client, session: PracticeSession, judge: Fake) -> None:
    """The first survives a reading that says the same, and both survive a third one."""
    read_anew(judge, hours=2)
    differ(read_anew(judge, SHOWS_ASKS, hours=4), "That was no question.", hours=5)
    read_anew(judge, UNSURE_ASKS, hours=6)
    told = line(client, session)
    assert re.findall(r"it said “(.*?)”, and you wrote: (.*?)\.", told) == [
        ("Not yet", "I asked in my last line"),
        ("You did this", "That was no question"),
    ]
    assert told.count("no longer counts") == 1


def test_a_dispute_about_an_earlier_reading_waits_for_no_reviewer(
    curator: Client, session: PracticeSession, judge: Fake
) -> None:
    waiting = f"{DESK}?disputes=open"
    assert session.pk in curator.get(waiting).content.decode()
    assert "In 1 session the trainee sees" in plain(curator.get("/admin/").content.decode())

    done = read_anew(judge, SHOWS_ASKS)

    assert session.pk not in curator.get(waiting).content.decode()
    assert session.pk in curator.get(f"{DESK}?disputes=any").content.decode()
    assert "Nobody is waiting for an answer." in plain(curator.get("/admin/").content.decode())
    shown = desk(curator, session)
    assert "I asked in my last line." in shown
    assert "The feedback was redone since and now says: shown." in shown
    assert "Send the answer" not in shown
    assert shown.count("The trainee sees it differently") == 1  # the heading; no link to something open

    differ(done, "That was no question.", hours=3)
    assert session.pk in curator.get(waiting).content.decode()
    assert "Send the answer" in desk(curator, session)


def test_a_reviewer_who_read_the_earlier_dispute_does_not_answer_the_new_one(
    curator: Client, session: PracticeSession, judge: Fake
) -> None:
    """Not even if the trainee gives the same reason, which now is about another answer."""
    dispute = Dispute.objects.get()
    read = {"answer": "shown", "reason": "Turn 3 asks.", "about": mark_of(dispute)}
    differ(read_anew(judge, SHOWS_ASKS), dispute.reason, hours=3)

    told = curator.post(f"{DESK}{session.pk}/disputes/{dispute.pk}/", read).content.decode()

    assert "The trainee has written something else" in told
    assert not disputes.overrule(dispute, Answer.SHOWN, "Turn 3 asks.", by="anna", now=ENDED)
    assert not Dispute.objects.get().overruled_answer


def test_a_dispute_that_waited_for_a_new_reading_is_about_the_new_answer(
    session: PracticeSession, judge: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = Evaluation.objects.get()
    sessions = type(PracticeSession.objects)
    locked = sessions.locked

    def after_another(self: Any, session_id: str) -> Any:
        monkeypatch.setattr(sessions, "locked", locked)
        read_anew(judge, SHOWS_ASKS)
        return locked(self, session_id)

    monkeypatch.setattr(sessions, "locked", after_another)
    assert differ(stale, "That was no question.", hours=3).answer == "shown"


def test_feedback_that_is_being_redone_cannot_be_disputed(session: PracticeSession) -> None:
    before = Evaluation.objects.get()
    Turn.objects.filter(sequence=3).update(corrected_at=ENDED + timedelta(hours=1))
    assert read_again(Evaluation.objects.get(), now=ENDED + timedelta(hours=2))
    with pytest.raises(disputes.NotDisputable):
        differ(before, "That was no question.", hours=3)
