"""Words of packages on the admin's pages: said here, they are looked up in our catalogue, which comes before theirs.

Django's Chinese says "deregister" for "log out" and "cancel the selection" for "delete the selected".
"""

from django.utils.translation import gettext_noop as _noop

WORDS = (
    # Django's admin
    _noop("Log out"),
    _noop("View site"),
    _noop("Add"),
    _noop("Add %s"),
    _noop("Change %s"),
    _noop("View %s"),
    _noop("groups"),
    _noop("Add %(name)s"),
    _noop("Recent actions"),
    _noop("My actions"),
    _noop("None available"),
    _noop("Select %s to change"),
    _noop("Select %s to view"),
    _noop("Delete selected %(verbose_name_plural)s"),
    _noop("Delete selected %(model)s"),
    _noop("Breadcrumbs"),
    _noop("Model name"),
    _noop("Add link"),
    _noop("Change or view list link"),
    _noop("Authentication and Authorization"),
    _noop("Filter"),
    _noop(" By %(filter_title)s "),
    _noop("Action:"),
    _noop("Run the selected action"),
    _noop("No action selected."),
    _noop("Items must be selected in order to perform actions on them. No items have been changed."),
    _noop("%(full_result_count)s total"),
    _noop("0 of %(cnt)s selected"),
    _noop("Past 7 days"),
    _noop("You may edit it again below."),
    _noop("Thanks for spending some quality time with the web site today."),
    _noop(
        "Please enter the correct %(username)s and password for a staff account. Note that both fields may be "
        "case-sensitive."
    ),
    _noop(
        "You are authenticated as %(username)s, but are not authorized to access this page. Would you like to login to "
        "a different account?"
    ),
    _noop("This account is inactive."),
    _noop("staff status"),
    _noop("Designates whether the user can log into this admin site."),
    _noop("Designates whether this user should be treated as active. Unselect this instead of deleting accounts."),
    # django-auditlog, which knows no Chinese
    _noop("actor"),
    _noop("Created {repr:s}"),
    _noop("Updated {repr:s}"),
    _noop("Deleted {repr:s}"),
    _noop("Logged {repr:s}"),
)
