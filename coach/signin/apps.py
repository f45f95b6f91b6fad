from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class SignInConfig(AppConfig):
    name = "coach.signin"
    label = "signin"
    verbose_name = gettext_lazy("Sign-in")

    def ready(self) -> None:
        from django.contrib import admin

        from coach.signin.admin_login import ThrottledAdminForm

        admin.site.login_form = ThrottledAdminForm
