"""The JSON API: one document, one error format. Each app brings its own routers."""

from typing import Any

from coach.edge import api_edge, openapi
from coach.pages import asyncapi
from evaluations import api as evaluations  # noqa: F401 (adds its operations to the sessions' router)
from history import api as history  # noqa: F401 (likewise)
from practice.api import api_problems, audio_api, catalog_api, session_api
from practice.api import coaching_api as _help  # noqa: F401 (likewise)
from practice.session_socket import socket_messages

api = openapi.Api(
    title="Practice coach",
    version="1",
    description=openapi.ABOUT,
    openapi_url="/openapi.json",
    docs_url=None,
    parser=api_edge.ParsedBody(),
)
api_edge.install(api, look_up=session_api.look_up)

api.add_router("/scenarios", catalog_api.scenarios)
api.add_router("/skills", catalog_api.skills)
api.add_router("/sessions", session_api.sessions)
api.add_router("/audio", audio_api.recordings)
api_problems.install(api)


def socket_document() -> dict[str, Any]:
    schemas = api.get_openapi_schema()["components"]["schemas"]
    return asyncapi.document(
        to_server=socket_messages.to_server(), to_client=socket_messages.to_client(), schemas=schemas
    )
