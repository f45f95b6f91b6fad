from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from coach.config import config


class SignInConfig(AppConfig):
    name = "coach.signin"
    label = "signin"
    verbose_name = gettext_lazy("Sign-in")

    def ready(self) -> None:
        from django.apps import apps
        from django.contrib import admin

        from coach.signin.accounts_admin import AccountsAdmin, GroupsAdmin
        from coach.signin.admin_login import ThrottledAdminForm

        admin.site.login_form = ThrottledAdminForm
        for name, shown in (("auth.User", AccountsAdmin), ("auth.Group", GroupsAdmin)):
            admin.site.unregister(apps.get_model(name))
            admin.site.register(apps.get_model(name), shown)
        # allauth registers these; the provider is set in the environment, and neither addresses nor tokens are kept.
        for name in ("account.EmailAddress", "socialaccount.SocialApp", "socialaccount.SocialToken"):
            admin.site.unregister(apps.get_model(name))
        if not config.oidc_issuer:
            admin.site.unregister(apps.get_model("socialaccount.SocialAccount"))
