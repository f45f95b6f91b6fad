"""A small API behind the real middleware, to test rules that apply to every address."""

from django.http import Http404, HttpRequest
from django.urls import path
from ninja import NinjaAPI, Schema

from coach.edge import api_edge
from coach.edge.problems import Problem

api = NinjaAPI(urls_namespace="edge-tests", docs_url=None)
api_edge.install(api)


class Word(Schema):
    word: str
    count: int = 1


@api.get("/words")
def words(request: HttpRequest, page: int, search: str = "") -> dict[str, object]:
    return {"page": page, "head": request.is_head}  # type: ignore[attr-defined]


@api.post("/words")
def add(request: HttpRequest, payload: Word) -> dict[str, str]:
    return {"word": payload.word}


@api.post("/again")
def again(request: HttpRequest) -> dict[str, str]:
    return {"done": "yes"}


@api.get("/words/{name}")
def word(request: HttpRequest, name: str) -> dict[str, str]:
    if name == "gone":
        raise Http404
    if name == "broken":
        raise ZeroDivisionError
    raise Problem(
        409, "It is being changed. Ask again.", code="busy", errors=[{"field": "name", "message": "taken"}], at=1
    )


urlpatterns = [
    path("api/", api.urls),
]

handler404 = "coach.edge.api_edge.page_not_found"
handler500 = "coach.edge.api_edge.server_error"
