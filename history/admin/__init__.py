"""Sessions for those who review them, and the operators' page. Erasing and requeueing are verbs of the apps below."""

from django.contrib import admin

from history.admin.sessions import SessionAdmin
from practice.models import PracticeSession

admin.site.register(PracticeSession, SessionAdmin)
