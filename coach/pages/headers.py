"""Response headers for which Django has no setting."""

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

PERMISSIONS = "microphone=(self), camera=(), geolocation=(), payment=(), usb=()"


class PermissionsPolicy(MiddlewareMixin):
    """Only our own pages may use the microphone, and nobody may use anything else."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response
