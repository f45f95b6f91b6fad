"""What the practice room says, in the reader's language; `static/js/words.js` puts names and numbers in."""

from django.utils.translation import gettext as _

from practice.lifecycle import ObjectiveStatus, Reason
from practice.models import PracticeSession


def words() -> dict[str, str]:
    """Every sentence that the page's script shows. A key is a scene of `static/js/room-state.js`, or what it is for."""
    return {
        # The state beside the control.
        "connecting": _("Opening the line …"),
        "unreachable": _("The line does not open. Still trying."),
        "reconnecting": _("The line dropped. Dialling again …"),
        "offline": _("This device is offline."),
        "queued": _("Waiting for a place"),
        "opening": _("{name} is about to begin"),
        "speaking": _("{name} is speaking"),
        "blocked": _("{name} is speaking, but the sound is held back"),
        "thinking": _("{name} is thinking"),
        "yours": _("Your turn: hold space, or press and hold"),
        "yours.touch": _("Your turn: press and hold, or tap"),
        "typing": _("Your turn: type what you say"),
        "ask": _("Your turn: first let {name} hear you"),
        "asking": _("Waiting for the microphone …"),
        "recording": _("Recording: let go to send"),
        "recording.tapped": _("Recording: press again to send"),
        "sending": _("Sending"),
        "refused": _("That did not get through"),
        "kept": _("You were speaking when the page closed"),
        "elsewhere": _("This conversation is open in another tab"),
        "gone": _("This session no longer exists"),
        "ended": _("The conversation has ended"),
        # A line beneath it, where one helps.
        "hint.connecting": _("Allow a few seconds."),
        "hint.unreachable": _(
            "A proxy or a firewall may block WebSockets, which talking needs. Another network often helps."
        ),
        "hint.reconnecting": _("What was said is kept."),
        "hint.offline": _("What was said is kept. It goes on when the connection is back."),
        "hint.queued": _("Everybody else is talking. You are number {position}; it begins by itself."),
        "hint.speaking": _("You may cut in: speak as you would on your turn."),
        "hint.yours": _("A short press keeps recording until the next. Escape cancels."),
        "hint.yours.touch": _("A tap keeps recording until the next."),
        "hint.typing": _("Enter sends, Shift and Enter begin a new line."),
        "hint.typing.touch": "",
        "hint.thinking": _("Your words are there."),
        "hint.thinking.long": _("This takes longer than usual. Your words are there; nothing is lost."),
        "hint.thinking.local": _("A small model on this computer answers; it needs a few seconds."),
        "hint.asking": _("Your browser asks for it, often at the top of the page."),
        "hint.recording": _("Escape cancels."),
        "hint.recording.touch": "",
        "hint.recording.warning": _("{seconds} seconds left for this turn."),
        "hint.sending.offline": _("The recording is kept until it has arrived."),
        "hint.sending.full": _("That was as much as one turn holds; it is on its way."),
        # The tab.
        "title.connecting": _("Connecting"),
        "title.waiting": _("Waiting"),
        "title.speaking": _("{name} speaks"),
        "title.yours": _("Your turn"),
        "title.recording": _("Recording"),
        "title.thinking": _("{name} thinks"),
        "title.trouble": _("Needs you"),
        "title.ended": _("Ended"),
        # The control itself, for those who do not see it.
        "talk.speak": _("Speak"),
        "talk.send": _("Send what you said"),
        "talk.interrupt": _("Cut in and speak"),
        "talk.wait": _("Speak (not now)"),
        "talk.allow": _("Allow the microphone"),
        # Lines of the script.
        "line.you": _("You"),
        "line.transcribing": _("Your words are being written down …"),
        "line.unheard": _("Your words could not be written down; the recording is kept."),
        "line.interrupted": _("cut short"),
        "line.play": _("Play {name}, line {number}"),
        "line.play.you": _("Play yourself, line {number}"),
        # Notices: what happened, what was kept, the button that helps.
        "notice.ask": _("Your browser will ask whether this page may use the microphone: allow it. Or type instead."),
        "notice.blocked": _("Your browser waits for a click before it plays sound."),
        "notice.blocked.action": _("Play audio"),
        "notice.refused.action": _("Send again"),
        "notice.refused.drop": _("Say it anew"),
        "notice.kept": _("{seconds} seconds of what you said are kept."),
        "notice.kept.action": _("Send them"),
        "notice.kept.drop": _("Say it anew"),
        "notice.elsewhere": _("Only one tab can listen and speak at a time."),
        "notice.elsewhere.action": _("Continue here"),
        "notice.gone.action": _("Choose another scenario"),
        "notice.microphone.action": _("Try the microphone again"),
        "notice.lost": _("The microphone went away. What you said until then is kept."),
        "notice.unheard": _("The microphone stopped before anything was recorded. Try again, or type instead."),
        "notice.interrupted": _("The sound was interrupted and nothing was recorded. Press and speak again."),
        "notice.interrupted.sent": _("The sound was interrupted. What was heard until then is being sent."),
        "notice.muted": _("Your microphone is muted. Unmute it with its own switch or in your sound settings."),
        "notice.asking": _(
            "Your browser has not answered yet. Look for its question near the address, or type instead."
        ),
        "notice.loudspeaker": _("The sound could not be started. You can read what {name} says and carry on."),
        "notice.loudspeaker.action": _("Try the sound again"),
        "notice.misunderstood": _("The page and the server disagree. Reload the page: nothing is lost."),
        "notice.misunderstood.action": _("Reload"),
        "notice.audio": _("That recording could not be played just now. Try again in a moment."),
        "notice.ended": _("{message}"),
        "notice.ended.action": _("Go to the feedback"),
        "notice.stopping": _("Ending the conversation …"),
        "notice.unstopped": _("The server did not hear that. It will end by itself once the page is closed."),
        # Time.
        "time.session": _("{seconds} s left"),
        "time.session.said": _("{seconds} seconds left in this conversation."),
        "time.idle": _("{name} waits: {seconds} s left to begin"),
        "time.idle.said": _("{seconds} seconds left to begin your answer."),
        "take.time": _("{time}"),
        "take.warning.said": _("Little time left for this turn."),
        # Said aloud only.
        "said.line": _("{name}: {text}"),
        "said.sent": _("Sent."),
        "said.cancelled": _("Recording cancelled."),
    }


def ending(session: PracticeSession) -> str:
    """How a session ended, in one human sentence."""
    name = session.brief["aiPersona"]["name"]
    minutes = _spoken_length(session.total_duration_seconds)
    sentences = {
        Reason.MANUAL: _("You ended the conversation with {name} after {length}."),
        Reason.IDLE: _("It went quiet, so the conversation with {name} ended after {length}."),
        Reason.DURATION: _("Time was up: you talked with {name} for {length}."),
        Reason.OBJECTIVE_MET: _("You got there: the conversation with {name} reached what you came for, in {length}."),
        Reason.OBJECTIVE_FAILED: _(
            "It did not work out this time: the conversation with {name} closed after {length}."
        ),
        Reason.QA_ERROR: _("The model that plays {name} stopped answering, so the conversation ended after {length}."),
        Reason.MEDIA_ERROR: _("The sound failed, so the conversation with {name} ended after {length}."),
        Reason.CLIENT_CLOSED: _("The page was away too long, so the conversation with {name} ended after {length}."),
        Reason.CAPACITY: _("No place became free in time, so the conversation with {name} never began."),
    }
    if session.started_at is None and session.termination_reason != Reason.CAPACITY:
        return _("The conversation with {name} ended before it began.").format(name=name)
    return sentences[Reason(session.termination_reason)].format(name=name, length=minutes)


def aftercare(session: PracticeSession) -> str:
    """What was kept and what can be done, where the end was nobody's wish; else empty."""
    sentences = {
        Reason.QA_ERROR: _("Everything said so far is kept. Retry goes on from here in a new session."),
        Reason.MEDIA_ERROR: _(
            "Everything said so far is kept. Check your microphone and speakers, then practise again."
        ),
        Reason.CLIENT_CLOSED: _("Everything said so far is kept."),
        Reason.CAPACITY: _("Many people are practising just now. Try again in a minute."),
        Reason.IDLE: _("That happens. Pauses are fine in real life; here a silence ends the rehearsal."),
    }
    return sentences.get(Reason(session.termination_reason), "")


def verdict(session: PracticeSession) -> str:
    """Whether the objective was reached, where somebody judged it; else empty."""
    return {
        ObjectiveStatus.SUCCEEDED: _("Objective reached"),
        ObjectiveStatus.FAILED: _("Objective not reached"),
    }.get(ObjectiveStatus(session.objective_status), "")


def _spoken_length(seconds: int | None) -> str:
    if seconds is None or seconds < 1:
        return _("a moment")
    if seconds < 90:
        return _("{seconds} seconds").format(seconds=seconds) if seconds > 1 else _("one second")
    return _("{minutes} minutes").format(minutes=round(seconds / 60))
