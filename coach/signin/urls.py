"""The django-allauth pages that this site has, under the names by which allauth looks them up."""

from allauth.account import views as account
from allauth.socialaccount import views as socialaccount
from django.urls import path, re_path

from coach.signin import views
from coach.signin.provider import PROVIDER_ID

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/change/", views.change_password, name="account_change_password"),
    path(f"{PROVIDER_ID}/login/", views.provider_login, name="openid_connect_login"),
    re_path(
        rf"^(?P<provider_id>{PROVIDER_ID})/login/callback/$", views.provider_callback, name="openid_connect_callback"
    ),
    path("login/cancelled/", socialaccount.login_cancelled, name="socialaccount_login_cancelled"),
    path("login/error/", socialaccount.login_error, name="socialaccount_login_error"),
]
