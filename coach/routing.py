"""Where sockets go."""

from typing import Any, cast

from channels.routing import URLRouter
from django.urls import path

from practice.consumers import session_socket

websockets = URLRouter([path("ws/sessions/<str:session_id>", cast(Any, session_socket))])
