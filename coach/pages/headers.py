"""Headers that browsers need and Django has no setting for."""

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

PERMISSIONS = "microphone=(self), camera=(), geolocation=(), payment=(), usb=()"


class PermissionsPolicy(MiddlewareMixin):
    """Only our own pages may ask for the microphone, and nobody for anything else."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response
