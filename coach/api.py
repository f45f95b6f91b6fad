"""The JSON API: one document, one error format. Each app brings its own routers."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from coach.edge.problems import Problem, problem
from practice import api as practice

api = NinjaAPI(title="Practice coach", version="1", openapi_url="/openapi.json", docs_url=None)

api.add_router("/scenarios", practice.scenarios)
api.add_router("/skills", practice.skills)
api.add_router("/sessions", practice.sessions)
api.add_router("/audio", practice.sound)
practice.refusals(api)


@api.exception_handler(Problem)
def answer_problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return error.response()


@api.exception_handler(ValidationError)
def answer_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Every field that is missing or malformed, by its name in the API."""
    errors = [{"field": _field(one["loc"]), "message": one["msg"]} for one in error.errors]
    return problem(422, _("Correct the fields named and send the request again."), errors=errors)


@api.exception_handler(HttpError)
def answer_refusal(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, _("The request could not be read. Send one JSON object."))


def _field(location: tuple[Any, ...]) -> str:
    """ninja's ("body", "body", "reason") is the field `reason`."""
    names = [str(part) for part in location if part not in ("body", "query", "path")]
    return ".".join(names) or "body"
