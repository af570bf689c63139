"""Every address of the installation, by door."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("office/", admin.site.urls),
    path("api/", include("api.urls")),
    path("", include("web.urls")),
]
