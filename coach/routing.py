"""Where sockets go."""

from channels.routing import URLRouter
from django.urls import URLPattern

websocket_urlpatterns: list[URLPattern] = []

websockets = URLRouter(websocket_urlpatterns)
