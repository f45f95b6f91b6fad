"""The JSON API: one document, one error format. Each app brings its own router."""

from ninja import NinjaAPI

api = NinjaAPI(title="Practice coach", version="1", openapi_url="/openapi.json", docs_url=None)
