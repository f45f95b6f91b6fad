"""The JSON API: one document, one error format. Each app brings its own routers."""

from ninja import NinjaAPI

from coach.edge import api_errors
from evaluations import api as evaluations  # noqa: F401 (adds its operations to the sessions' router)
from history import api as history  # noqa: F401 (likewise)
from practice import api as practice

api = NinjaAPI(title="Practice coach", version="1", openapi_url="/openapi.json", docs_url=None)
api_errors.install(api)

api.add_router("/scenarios", practice.scenarios)
api.add_router("/skills", practice.skills)
api.add_router("/sessions", practice.sessions)
api.add_router("/audio", practice.sound)
practice.refusals(api)
