"""The JSON API: one document, one error format. Each app brings its own routers."""

from coach.edge import api_errors, openapi
from evaluations import api as evaluations  # noqa: F401 (adds its operations to the sessions' router)
from history import api as history  # noqa: F401 (likewise)
from practice import api as practice
from practice import coaching_api  # noqa: F401 (likewise)

api = openapi.Api(
    title="Practice coach", version="1", description=openapi.ABOUT, openapi_url="/openapi.json", docs_url=None
)
api_errors.install(api)

api.add_router("/scenarios", practice.scenarios)
api.add_router("/skills", practice.skills)
api.add_router("/sessions", practice.sessions)
api.add_router("/audio", practice.sound)
practice.refusals(api)
