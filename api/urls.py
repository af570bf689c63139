"""Addresses of this door, by version; where there is nothing, that is said as a problem too."""

from django.urls import include, path, re_path

from api.views import NowhereView

app_name = "api"
urlpatterns = [
    path("v1/", include("api.v1.urls")),
    re_path("", NowhereView.as_view(), name="nowhere"),
]
