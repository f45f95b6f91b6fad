"""Sign-in for trainees (`TRAINEE_AUTH=login`): django-allauth's accounts and OpenID Connect, closed by default.

`middleware` and `signed_in_sockets` set the trainee; `coach.identity` returns it. Without sign-in both let everybody
through as the one trainee, and the pages under /accounts/ do not exist.
"""
