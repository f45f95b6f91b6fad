"""The admin pages for reviewing sessions, and the operators' page.

Erasing and requeueing are done by the apps below.
"""

from django.contrib import admin

from history.admin.sessions import SessionAdmin
from practice.models import PracticeSession

admin.site.register(PracticeSession, SessionAdmin)
