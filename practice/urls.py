"""URLs of the trainee's pages."""

from django.urls import path

from practice.views import catalog, portrait, room, script

app_name = "practice"
urlpatterns = [
    path("", catalog.catalog, name="catalog"),
    path("scenarios/<str:scenario_id>/", catalog.scenario, name="scenario"),
    path("portraits/<slug:edition>/<slug:code>.svg", portrait.portrait, name="portrait"),
    path("sessions/<str:session_id>/", room.room, name="room"),
    path("sessions/<str:session_id>/turns/<str:turn_id>/audio/", room.turn_audio, name="turn-audio"),
    path("sessions/<str:session_id>/turns/<str:turn_id>/line/", script.line, name="line"),
]
