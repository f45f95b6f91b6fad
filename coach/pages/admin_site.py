"""The admin site: curators' models come first, accounts last."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.translation import gettext as _

FIRST = ("practice", "evaluations", "history", "auditlog", "auth")


class CoachAdminSite(AdminSite):
    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Django's list with our apps first; scenarios lead their own list, and the audit log says what it logs."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: model["object_name"] != "Scenario")
            for model in app["models"]:
                if model["object_name"] == "LogEntry":
                    model["name"] = _("Changes to scenarios and skills")
        return sorted(apps, key=lambda app: FIRST.index(app["app_label"]) if app["app_label"] in FIRST else len(FIRST))


class CoachAdminConfig(AdminConfig):
    default_site = "coach.pages.admin_site.CoachAdminSite"
