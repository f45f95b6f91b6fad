"""The admin: where curators write, preview, publish and retire skills and scenarios."""

from auditlog.models import LogEntry
from django.contrib import admin
from django.utils.translation import gettext_lazy

from practice.admin.audit_log import ChangeLogAdmin
from practice.admin.scenarios import ScenarioAdmin
from practice.admin.skills import SkillAdmin
from practice.models import Scenario, Skill

admin.site.site_header = gettext_lazy("Practice Coach admin")
admin.site.site_title = gettext_lazy("Practice Coach admin")
admin.site.index_title = gettext_lazy("What would you like to do?")

admin.site.register(Skill, SkillAdmin)
admin.site.register(Scenario, ScenarioAdmin)

admin.site.unregister(LogEntry)
admin.site.register(LogEntry, ChangeLogAdmin)
