from django.contrib import admin
from django.urls import include, path

from coach.api import api, socket_document
from coach.pages import apidocs, asyncapi

urlpatterns = [
    path("accounts/", include("coach.signin.urls")),
    path("admin/", admin.site.urls),
    path("api/docs", apidocs.page(api.get_openapi_schema), name="api-docs"),
    path("api/asyncapi.json", asyncapi.view(socket_document), name="asyncapi"),
    path("api/", api.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("evaluations.urls")),
    path("", include("history.urls")),
    path("", include("practice.urls")),
]

handler400 = "coach.edge.api_edge.bad_request"
handler403 = "coach.edge.api_edge.permission_denied"
handler404 = "coach.edge.api_edge.page_not_found"
handler500 = "coach.edge.api_edge.server_error"
