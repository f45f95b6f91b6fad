"""URLs of the trainee's feedback."""

from django.urls import path

from evaluations import views

app_name = "evaluations"
urlpatterns = [
    path("sessions/<str:session_id>/evaluation/", views.evaluation, name="panel"),
    path("sessions/<str:session_id>/evaluation/disputes/", views.dispute, name="dispute"),
]
