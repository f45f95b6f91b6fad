"""The sentence that says why a plain insult, mockery or threat keeps the ratings low (`ratings.py`)."""

from django.utils import translation
from django.utils.translation import gettext as _

from evaluations.transcript.conversation import Conversation
from practice.lifecycle import Language


def told(conversation: Conversation) -> str:
    """One sentence, in the session's language."""
    with translation.override("zh-hans" if conversation.language == Language.CHINESE else "en"):
        other = conversation.counterpart or _("the other person")
        words = _("You insulted, mocked or threatened %(other)s: that keeps every rating at 2 or lower.")
        return words % {"other": other}
