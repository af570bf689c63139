"""The one door for office and desk: signing in, second factors, the own password."""

from allauth.account import views
from django.urls import include, path
from django.views.decorators.cache import never_cache

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("account/inactive/", views.account_inactive, name="account_inactive"),
    path("account/reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("account/password/", never_cache(views.password_change), name="account_change_password"),
    path("account/factors/", include("allauth.mfa.urls")),
]
