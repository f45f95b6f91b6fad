"""URLs of the trainee's history."""

from django.urls import path

from history.views import attempts, export, listing, progress, session

app_name = "history"
urlpatterns = [
    path("history/", listing.sessions, name="list"),
    path("history/erase/", session.erase_all, name="erase-all"),
    path("history/takeout/", export.page, name="takeout"),
    path("history/takeout/<str:archive_id>/", export.download, name="takeout-download"),
    path("history/attempts/<str:scenario_id>/", attempts.attempts, name="attempts"),
    path("history/<str:session_id>/", session.session, name="detail"),
    path("history/<str:session_id>/compare/", attempts.compare, name="compare"),
    path("history/<str:session_id>/session.json", session.download, name="download"),
    path("history/<str:session_id>/erase/", session.erase, name="erase"),
    path("history/<str:session_id>/turns/<str:turn_id>/transcribe/", session.transcribe_again, name="transcribe"),
    path("progress/", progress.progress, name="progress"),
    path("progress/goal/", progress.set_goal, name="goal"),
    path("progress/<str:skill_id>/", progress.one_skill, name="progress-skill"),
]
