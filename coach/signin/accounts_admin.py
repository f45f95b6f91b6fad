"""Users and groups in the admin: what somebody may do is said in a few words; single permissions are a table."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.db.models import Count, Field, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from coach.pages.admin_search import FoldedSearch
from coach.signin.permission_form import GroupsWidget, PermissionsWidget, describe, permissions_with_types

WORDS: dict[str, tuple[Any, Any]] = {
    "username": (gettext_lazy("Username"), ""),
    "is_active": (
        gettext_lazy("May sign in"),
        gettext_lazy("Untick this instead of deleting an account: what it practised stays."),
    ),
    "is_staff": (gettext_lazy("May open the admin"), ""),
    "is_superuser": (gettext_lazy("May do everything"), gettext_lazy("Also what no group and no permission allows.")),
}


class PasswordWidget(forms.Widget):
    """Whether there is a password, and the way to set another; nothing of its hash."""

    read_only = True

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        has_one = bool(value) and not str(value).startswith("!")
        said, do = (_("Set"), _("Set another")) if has_one else (_("None: signs in elsewhere"), _("Set one"))
        return format_html('<span class="state-line">{} <a href="../password/">{}</a></span>', said, do)


class UserForm(UserChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].widget = PasswordWidget()
            self.fields["password"].help_text = ""
        for name, (label, help_text) in WORDS.items():
            if name in self.fields:
                self.fields[name].label, self.fields[name].help_text = label, help_text


class _PlainChoices(admin.ModelAdmin):
    """Groups and permissions as checkboxes, without links that open a second window."""

    class Media:
        css = {"all": ("desk/accounts.css",)}

    filter_horizontal = ()
    widgets: dict[str, type[forms.CheckboxSelectMultiple]] = {}

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        widget = self.widgets.get(db_field.name)
        if widget is None:
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        if widget is PermissionsWidget:
            kwargs["queryset"] = permissions_with_types()
        return db_field.formfield(widget=widget, help_text="", **kwargs)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        one_button = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, {**context, **one_button}, *args, **kwargs)


class MaySignIn(admin.BooleanFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("sign-in allowed")


@admin.display(description=gettext_lazy("last sign-in"), ordering="last_login")
def last_sign_in(user: User) -> str:
    return date_format(timezone.localtime(user.last_login), "SHORT_DATE_FORMAT") if user.last_login else _("never")


class AccountsAdmin(_PlainChoices, FoldedSearch, UserAdmin):
    form = UserForm
    widgets = {"groups": GroupsWidget, "user_permissions": PermissionsWidget}
    list_display = ("shown_name", "may", last_sign_in)
    list_filter = ("groups", ("is_active", MaySignIn))
    empty_value_display = gettext_lazy("None")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("What this person may do"), {"fields": ("is_staff", "groups", "is_superuser")}),
        (gettext_lazy("Single permissions"), {"classes": ("collapse",), "fields": ("user_permissions",)}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=gettext_lazy("user"), ordering="username")
    def shown_name(self, user: User) -> SafeString | str:
        more = " · ".join(each for each in (user.get_full_name(), user.email) if each)
        return format_html('{}<br><span class="quiet">{}</span>', user.username, more) if more else user.username

    @admin.display(description=gettext_lazy("may do"))
    def may(self, user: User) -> SafeString | str:
        if not user.is_active:
            return format_html('<span class="badge badge-bin">{}</span>', _("Blocked"))
        if user.is_superuser:
            return _("Everything")
        groups = ", ".join(each.name for each in user.groups.all())
        if not user.is_staff:
            return _("Practise") if not groups else _("Practise (%(groups)s: not on the admin)") % {"groups": groups}
        return groups or _("Sign in to the admin")


class GroupsAdmin(_PlainChoices, FoldedSearch, GroupAdmin):
    widgets = {"permissions": PermissionsWidget}
    list_display = ("shown_name", "members", "may")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        counted = super().get_queryset(request).annotate(member_count=Count("user"))
        return counted.prefetch_related("permissions__content_type")

    @admin.display(description=gettext_lazy("group"), ordering="name")
    def shown_name(self, group: Group) -> str:
        return group.name

    @admin.display(description=gettext_lazy("members"), ordering="member_count")
    def members(self, group: Any) -> SafeString:
        return format_html(
            '<a href="../user/?groups__id__exact={}">{}</a>',
            group.pk,
            ngettext("%d member", "%d members", group.member_count) % group.member_count,
        )

    @admin.display(description=gettext_lazy("may do"))
    def may(self, group: Group) -> str:
        return describe(group)
