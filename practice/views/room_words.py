"""What the practice room says, in the reader's language; `static/js/words.js` puts names and numbers in."""

import re

from django.utils.translation import gettext as _

from coach.pages.time_words import clock_face
from practice.lifecycle import ObjectiveStatus, Reason
from practice.models import PracticeSession


def words() -> dict[str, str]:
    """Every sentence that the page's script shows. A key is a scene of `static/js/room-state.js`, or what it is for."""
    return {
        "coach.later": _("A hint is there when it is your turn."),
        "coach.failed": _("There is no hint right now. Say what you want to say."),
        "coaching.said": _("The clock has stopped. {praise} “{quote}” Try next: {next} Press G or speak to go on."),
        "coaching.failed": _("That couldn't be changed right now. Try again in a moment."),
        # The state beside the control.
        "paused": _("Paused: take your time, then go on or answer"),
        "connecting": _("Connecting …"),
        "unreachable": _("Can't connect yet. Still trying …"),
        "reconnecting": _("Connection lost. Reconnecting …"),
        "offline": _("You're offline"),
        "queued": _("Waiting for a free place"),
        "opening": _("{name} is about to speak"),
        "speaking": _("{name} is speaking"),
        "blocked": _("{name} is speaking, but your browser blocks the sound"),
        "thinking": _("{name} is thinking"),
        "yours": _("Your turn: hold Space or the button"),
        "yours.touch": _("Your turn: hold or tap the button"),
        "typing": _("Your turn: type your reply"),
        "ask": _("Your turn: allow the microphone first"),
        "asking": _("Waiting for the microphone …"),
        "recording": _("Recording: release to send"),
        "recording.tapped": _("Recording: tap again to send"),
        "sending": _("Sending …"),
        "refused": _("That didn't go through"),
        "kept": _("Your last recording hasn't been sent"),
        "quiet": _("We didn't hear you"),
        "elsewhere": _("This conversation is open in another tab"),
        "gone": _("This session no longer exists"),
        "signed-out": _("You have been signed out"),
        "ended": _("The conversation has ended"),
        # A line beneath it, where one helps.
        "hint.connecting": _("This takes a few seconds."),
        "hint.unreachable": _("A proxy or firewall may be blocking WebSockets. Another network often helps."),
        "hint.reconnecting": _("Nothing is lost."),
        "hint.offline": _("Nothing is lost. We'll carry on when you're back online."),
        "hint.queued": _("All places are taken. You're number {position}; it starts automatically."),
        "hint.queued.next": _("All places are taken. You're next; it starts automatically."),
        "hint.speaking": _("You can interrupt: hold Space and speak."),
        "hint.speaking.touch": _("You can interrupt: hold the button and speak."),
        "hint.speaking.typing": _("You can interrupt: type and send."),
        "hint.yours": _("Tap to record, tap again to send. Esc cancels."),
        "hint.yours.touch": _("Tap to record, tap again to send."),
        "hint.typing": _("Enter sends, Shift+Enter starts a new line."),
        "hint.typing.touch": "",
        "hint.thinking": _("Sent."),
        "hint.thinking.long": _("This is taking longer than usual. Your words have arrived; nothing is lost."),
        "hint.thinking.local": _("A small model on this computer is answering; it needs a few seconds."),
        "hint.asking": _("Your browser asks you, usually at the top of the page."),
        "hint.recording": _("Esc cancels."),
        "hint.recording.touch": "",
        "hint.recording.unheard": _("We can't hear you. Is your microphone on and unmuted?"),
        "hint.recording.warning": _("{seconds} s left for this turn"),
        "hint.sending.offline": _("The recording is kept until it has arrived."),
        "hint.sending.full": _("That's the longest one turn can be; it is being sent."),
        # Hands-free talking.
        "hands.loading": _("Getting hands-free ready …"),
        "hands.yours": _("Listening: just speak"),
        "hands.recording": _("Hearing you"),
        "hands.pausing": _("Waiting in case you go on …"),
        "hands.deaf": _("Nothing comes from the microphone"),
        "hands.hidden": _("Paused while this page is hidden"),
        "hands.hint.loading": _("Until then, hold Space or the button."),
        "hands.hint.yours": _("A pause sends it. F brings push-to-talk back."),
        "hands.hint.recording": _("Space sends it now, Esc cancels."),
        "hands.hint.speaking": _("You can interrupt: just speak."),
        "hands.hint.speaking.loud": _("To interrupt, speak up or hold Space. Headphones make it easy."),
        "hands.hint.deaf": _("Press a key or click to wake it, or press F for push-to-talk."),
        "hands.hint.loading.touch": _("Until then, hold the button."),
        "hands.hint.yours.touch": _("A pause sends it. The button works as well."),
        "hands.hint.recording.touch": _("Tap the button to send it now."),
        "hands.hint.speaking.touch": _("You can interrupt: just speak."),
        "hands.hint.speaking.loud.touch": _("To interrupt, speak up or hold the button. Headphones make it easy."),
        "hands.hint.deaf.touch": _("Tap the page to wake it, or switch hands-free off."),
        "hands.on.said": _("Hands-free is on: just speak. Press F for push-to-talk."),
        "hands.off.said": _("Push-to-talk is on: hold Space to speak."),
        "notice.hands-free": _("Hands-free doesn't work in this browser right now. Hold Space or the button to speak."),
        # The tab.
        "title.paused": _("Paused"),
        "title.connecting": _("Connecting"),
        "title.waiting": _("Waiting"),
        "title.speaking": _("{name} is speaking"),
        "title.yours": _("Your turn"),
        "title.recording": _("Recording"),
        "title.thinking": _("{name} is thinking"),
        "title.trouble": _("Needs your attention"),
        "title.ended": _("Ended"),
        # The control itself, for those who do not see it.
        "talk.speak": _("Speak"),
        "talk.send": _("Send what you said"),
        "talk.interrupt": _("Interrupt and speak"),
        "talk.wait": _("Speak (not now)"),
        "talk.allow": _("Allow the microphone"),
        # Lines of the script.
        "line.you": _("You"),
        "line.transcribing": _("Transcribing …"),
        "line.unheard": _("This couldn't be transcribed; the recording is kept."),
        "line.wordless": _("No words were recognised; you can play the recording."),
        "line.wordless.them": _("Nothing was said."),
        "line.uncaptioned": _("Captions are off."),
        "line.interrupted": _("cut short"),
        "line.play": _("Play {name}, line {number}"),
        "line.play.you": _("Play yourself, line {number}"),
        # Notices: what happened, what was kept, the button that helps.
        "notice.ask": _("Your browser will ask to use the microphone: choose Allow. Or type instead."),
        "notice.blocked": _("Your browser needs a click before it plays sound."),
        "notice.blocked.action": _("Play audio"),
        "notice.refused.action": _("Send again"),
        "notice.refused.drop": _("Record again"),
        "notice.kept": _("{seconds} seconds of what you said are kept."),
        "notice.kept.action": _("Send them"),
        "notice.kept.drop": _("Record again"),
        "notice.quiet": _("There seems to be no speech in this recording, so it wasn't sent."),
        "notice.quiet.action": _("Record again"),
        "notice.quiet.drop": _("Send it anyway"),
        "notice.elsewhere": _("Only one tab can listen and speak at a time."),
        "notice.elsewhere.action": _("Continue here"),
        "notice.gone.action": _("Choose another scenario"),
        "notice.signed-out": _("You are no longer signed in here. Everything said so far is kept."),
        "notice.signed-out.action": _("Sign in again"),
        "notice.microphone.action": _("Try the microphone again"),
        "notice.lost": _("The microphone was disconnected. What you said until then is saved."),
        "notice.revoked": _("Your browser no longer lets this page use the microphone. What you said is saved."),
        "notice.unheard": _("The microphone stopped before anything was recorded. Try again, or type instead."),
        "notice.interrupted": _("The sound was interrupted and nothing was recorded. Press and speak again."),
        "notice.interrupted.sent": _("The sound was interrupted. What was heard until then is being sent."),
        "notice.muted": _("Your microphone is muted. Unmute it with its own switch or in your sound settings."),
        "notice.asking": _(
            "Your browser has not answered yet. Look for its question near the address, or type instead."
        ),
        "notice.loudspeaker": _("The sound could not be started. You can read what {name} says and carry on."),
        "notice.loudspeaker.action": _("Try the sound again"),
        "notice.misunderstood": _("This page is out of step with the server. Reload it; nothing is lost."),
        "notice.misunderstood.action": _("Reload"),
        "notice.audio": _("That recording can't be played right now. Try again in a moment."),
        "notice.ended": _("{message}"),
        "notice.ended.action": _("Go to the feedback"),
        "notice.stopping": _("Ending the conversation …"),
        "notice.unstopped": _("The server didn't answer. The conversation ends by itself once you close this page."),
        # Time.
        "time.session": _("{seconds} s left"),
        "time.session.said": _("{seconds} seconds left in this conversation."),
        "time.idle": _("{name} is waiting: start within {seconds} s"),
        "time.idle.typing": _("{name} is waiting: start typing within {seconds} s"),
        "time.idle.said": _("{seconds} seconds left to start your answer."),
        "take.time": _("{time}"),
        "take.warning.said": _("Not much time left for this turn."),
        # Said aloud only.
        "said.line": _("{name}: {text}"),
        "said.sent": _("Sent."),
        "said.cancelled": _("Recording cancelled."),
    }


_NOBODYS_WISH = frozenset({Reason.QA_ERROR, Reason.MEDIA_ERROR, Reason.CAPACITY})
_DECIDED = {
    ObjectiveStatus.SUCCEEDED: Reason.OBJECTIVE_MET,
    ObjectiveStatus.FAILED: Reason.OBJECTIVE_FAILED,
}


def ending(session: PracticeSession) -> str:
    """How a session ended, in one human sentence: that the goal was reached matters more than who stopped."""
    name = short_name(session.brief["aiPersona"]["name"])
    length = clock_face(session.total_duration_seconds)
    sentences = {
        Reason.MANUAL: _("You ended the conversation with {name} after {length}."),
        Reason.IDLE: _("It went quiet, so the conversation with {name} ended after {length}."),
        Reason.DURATION: _("Time's up: you talked with {name} for {length}."),
        Reason.OBJECTIVE_MET: _("You reached your goal with {name} in {length}."),
        Reason.OBJECTIVE_FAILED: _("You didn't reach your goal with {name} this time; it ended after {length}."),
        Reason.QA_ERROR: _("We lost the connection to {name} after {length}."),
        Reason.MEDIA_ERROR: _("The sound failed, so the conversation with {name} ended after {length}."),
        Reason.CLIENT_CLOSED: _("The page was closed too long, so the conversation with {name} ended after {length}."),
        Reason.CAPACITY: _("No place became free in time, so the conversation with {name} never started."),
    }
    if session.started_at is None and session.termination_reason != Reason.CAPACITY:
        return _("The conversation with {name} ended before it started.").format(name=name)
    return sentences[_telling_reason(session)].format(name=name, length=length)


_ADDRESSED_WHOLE = re.compile(
    r"^(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|aunt|uncle|officer|nurse|coach|captain|the|your|my)\b", re.I
)


def short_name(name: str) -> str:
    """What one calls somebody: the first name; all of it after a title and for names that have no spaces."""
    return name if _ADDRESSED_WHOLE.match(name) else name.partition(" ")[0]


def aftercare(session: PracticeSession) -> str:
    """What was kept and what can be done, where the end was nobody's wish; else empty."""
    sentences = {
        Reason.QA_ERROR: _("Everything said so far is kept. Retry continues from here in a new session."),
        Reason.MEDIA_ERROR: _(
            "Everything said so far is kept. Check your microphone and speakers, then practise again."
        ),
        Reason.CLIENT_CLOSED: _("Everything said so far is kept."),
        Reason.CAPACITY: _("Many people are practising right now. Try again in a minute."),
        Reason.IDLE: _("That happens. Pauses are fine in real life; here a long silence ends the rehearsal."),
    }
    return sentences.get(_telling_reason(session), "")


def _telling_reason(session: PracticeSession) -> Reason:
    reason = Reason(session.termination_reason)
    if session.started_at is None or reason in _NOBODYS_WISH:
        return reason
    return _DECIDED.get(ObjectiveStatus(session.objective_status), reason)
