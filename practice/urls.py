"""The trainee's pages."""

from django.urls import path

from practice.views import catalog

app_name = "practice"
urlpatterns = [
    path("", catalog.catalog, name="catalog"),
    path("scenarios/<str:scenario_id>/", catalog.scenario, name="scenario"),
]
