"""Two trainees, an admin and a stranger try every address and job; nobody gets anything that belongs to another.

Addresses come from the URLconf, the socket routing and the task registry. An address without a rule fails the test, and
so does a job that takes more than a record's id.
"""

import inspect
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from coach import clock, identity, routing
from coach.celery import app as celery
from coach.storage import stores
from history import erasure, export
from history.models import Archive
from practice import audio_links
from practice.help import coaching, hints
from practice.models import PracticeSession
from practice.session_socket import socket_updates
from practice.sessions import SessionUnknown
from practice.turns import accept
from practice.turns.submission import Submission
from tests.signin.accounts import Trainee, account, trainee

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

Login = Callable[[User], Client]
Records = dict[str, str]

# Who may see an address: the owner of a record (every address with a record's id); everybody, each with a list of their
# own; all who are signed in, with the same content; anybody. An address without a record's id needs its rule here.
RECORD, OWN, SHARED, OPEN, SIGN_IN = "record", "own", "shared", "open", "sign-in"
RECORD_IDS = {"session_id", "turn_id", "archive_id"}
RULES = {
    "account_login": SIGN_IN,
    "account_logout": SIGN_IN,
    "account_inactive": SIGN_IN,
    "account_change_password": OWN,
    "openid_connect_login": SIGN_IN,
    "openid_connect_callback": SIGN_IN,
    "socialaccount_login_cancelled": SIGN_IN,
    "socialaccount_login_error": SIGN_IN,
    "set_language": OPEN,
    "api-docs": OPEN,
    "asyncapi": OPEN,
    "api-1:openapi-json": OPEN,
    "api-1:api-root": SHARED,
    "api-1:list_scenarios": SHARED,
    "api-1:read_scenario": SHARED,
    "api-1:list_skills": SHARED,
    "api-1:start_session": OWN,
    "api-1:list_sessions": OWN,
    "history:list": OWN,
    "history:erase-all": OWN,
    "history:takeout": OWN,
    "history:attempts": OWN,
    "history:goal": OWN,
    "history:progress": OWN,
    "history:progress-skill": OWN,
    "practice:portrait": SHARED,
    "practice:catalog": SHARED,
    "practice:scenario": SHARED,
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# A body that passes validation, so that ownership decides.
AT = "2026-01-05T09:00:01.000Z"
BODY = {
    "clientSessionStartedAt": AT,
    "sequence": 3,
    "startedAt": AT,
    "endedAt": AT,
    "clientSentAt": AT,
    "text": "Hello?",
    "reason": "manual",
    "transcript": "Something else.",
    "answers": [],
    "skillId": "s",
    "key": "k",
    "coaching": True,
}
Verb = Callable[[str, str], object]
# The verbs behind pages, API and socket. Each checks the owner itself, even if its callers have checked before.
VERBS: dict[str, Verb] = {
    "accept a turn": lambda pk, user: accept.accept(pk, Submission(3, text="Hi."), user_id=user, now=clock.now()),
    "give a hint": lambda pk, user: hints.ask(pk, user_id=user, example=False, now=clock.now(), model=None),
    "switch coaching": lambda pk, user: coaching.switch(pk, user_id=user, on=True, now=clock.now()),
    "go on": lambda pk, user: coaching.go_on(pk, user_id=user, now=clock.now()),
    "erase": lambda pk, user: erasure.erase(pk, user_id=user, now=clock.now()),
    "look": lambda pk, user: socket_updates.look(pk, user_id=user, now=clock.now()),
}
# 404 for the owner too until one of her behaviours is scored; tested in tests/evaluations.
NOT_YET = {"evaluations:dispute"}


def patterns(resolver: Any, prefix: str = "", names: str = "") -> Iterator[tuple[str, URLPattern, str]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{names}{pattern.name}", pattern, prefix + str(pattern.pattern)
        else:
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from patterns(pattern, prefix + str(pattern.pattern), names + space)


EVERY_URL = list(patterns(get_resolver()))
OURS = {name: pattern for name, pattern, route in EVERY_URL if not route.startswith("admin/")}
ADMIN = {name: pattern for name, pattern, route in EVERY_URL if route.startswith("admin/")}


def rule(name: str) -> str | None:
    parameters = set(OURS[name].pattern.regex.groupindex)
    return RECORD if parameters and parameters <= RECORD_IDS else RULES.get(name)


BY_RULE = {one: [name for name in OURS if rule(name) == one] for one in (RECORD, OWN, SHARED, OPEN, SIGN_IN)}


def records(of: Trainee) -> Records:
    """A value for each known URL parameter; an address with another parameter has no rule yet."""
    return {
        "session_id": of.session.pk,
        "turn_id": of.turn.pk,
        "archive_id": of.archive.pk,
        "scenario_id": of.session.scenario_id,
    }


def address(name: str, given: Records) -> str:
    wanted = OURS[name].pattern.regex.groupindex
    path = reverse(name, kwargs={parameter: given[parameter] for parameter in wanted})
    if name == "api-1:listen":
        return given.get("link") or path
    return f"{path}?historyStepCount=1" if name.startswith("api-1:") else path


def ask(client: Client, method: str, path: str) -> HttpResponseBase:
    if path.startswith("/api/") and method != "GET":
        return client.generic(method, path, json.dumps(BODY), content_type="application/json")
    return client.generic(method, path)


def content(response: HttpResponseBase) -> str:
    parts = b"".join(response.streaming_content) if response.streaming else response.content
    return parts.decode("utf-8", "replace")


def answer_of(response: HttpResponseBase) -> tuple[int, str]:
    """The answer without what differs on every page: its own address, and form tokens."""
    request = response.wsgi_request  # type: ignore[attr-defined]
    words = content(response).replace(request.get_full_path(), "")
    return response.status_code, re.sub(r"[A-Za-z0-9]{64}", "", words)


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables except visits."""
    models = [
        model for label in ("practice", "evaluations", "history") for model in apps.get_app_config(label).get_models()
    ]
    return {str(model): list(model._base_manager.order_by("pk").values()) for model in models}


@pytest.fixture
def alice(login: Login) -> Trainee:
    return trainee("alice")


@pytest.fixture
def others(login: Login, alice: Trainee) -> dict[str, Client]:
    """The browsers of another trainee and of an admin, who is also a trainee on trainees' pages."""
    return {"bob": login(trainee("bob").user), "admin": login(trainee("root", is_staff=True, is_superuser=True).user)}


def test_every_address_has_a_rule() -> None:
    # Two addresses of one name would be tested as one.
    routes = [route for _, _, route in EVERY_URL if not route.startswith("admin/")]
    assert len(OURS) == len(routes)
    assert [name for name in OURS if rule(name) is None] == []
    assert set(RULES) <= set(OURS)


@pytest.mark.parametrize("name", BY_RULE[RECORD])
def test_another_trainees_record_is_answered_like_an_unknown_one(
    name: str, login: Login, alice: Trainee, others: dict[str, Client]
) -> None:
    link = audio_links.Links(alice.id, now=clock.now()).to(alice.turn.pk)
    hers = {**records(alice), "link": link}
    nobodys = {parameter: "0" * len(value) for parameter, value in hers.items()}
    nobodys["link"] = link.replace(alice.turn.pk, nobodys["turn_id"])
    before = everything()
    for who, client in others.items():
        found = []
        for method in METHODS:
            response = ask(client, method, address(name, hers))
            status, answer = answer_of(response)
            assert status in (403, 404, 405), (who, method, status, answer)
            assert alice.words not in answer
            if status != 405:
                assert answer_of(ask(client, method, address(name, nobodys))) == (status, answer), (who, method)
                found.append(method)
        assert found, who
    for method in METHODS:
        response = ask(Client(), method, address(name, hers))
        assert response.status_code == (401 if name.startswith("api-1:") else 302)
        assert alice.words not in content(response)
    assert everything() == before
    for method in () if name in NOT_YET else found:
        assert ask(login(alice.user), method, address(name, hers)).status_code not in (401, 403, 404, 405), method


@pytest.mark.parametrize("name", BY_RULE[OWN] + BY_RULE[SHARED])
def test_lists_contain_only_the_trainees_own_records_and_strangers_get_none(
    name: str, alice: Trainee, others: dict[str, Client]
) -> None:
    theirs = {"scenario_id": alice.session.scenario_id, "skill_id": "skill", "edition": "a", "code": "b"}
    for client in others.values():
        answer = content(ask(client, "GET", address(name, theirs)))
        for secret in (alice.words, alice.session.pk, alice.turn.pk, alice.archive.pk, alice.id, alice.user.username):
            # Everybody sees scenarios; this one has her name in its title.
            assert secret not in answer.replace(alice.session.scenario_title, "")
    before = everything()
    for method in METHODS:
        response = ask(Client(), method, address(name, theirs))
        assert response.status_code == (401 if name.startswith("api-1:") else 302), method
    assert everything() == before


@pytest.mark.parametrize("name", BY_RULE[OPEN] + BY_RULE[SIGN_IN])
def test_public_addresses_reveal_nothing_about_anybody(name: str, alice: Trainee, others: dict[str, Client]) -> None:
    given = {"provider_id": "oidc"}
    for client in (Client(), *others.values()):
        response = ask(client, "GET", address(name, given))
        assert response.status_code in (200, 302, 401, 404, 405)
        assert alice.words not in content(response)


@pytest.mark.parametrize("name", [name for name in BY_RULE[RECORD] if "turn_id" in OURS[name].pattern.regex.groupindex])
def test_another_trainees_turn_is_not_found_in_ones_own_session(name: str, login: Login, alice: Trainee) -> None:
    bob = trainee("bob")
    client, before = login(bob.user), everything()
    for method in METHODS:
        response = ask(client, method, address(name, {**records(bob), "turn_id": alice.turn.pk}))
        assert response.status_code in (403, 404, 405), method
        assert alice.words not in content(response)
    assert everything() == before


def test_a_session_can_continue_only_the_trainees_own(alice: Trainee, others: dict[str, Client]) -> None:
    body = {**BODY, "scenarioId": alice.session.scenario_id, "continuesFrom": alice.session.pk}
    body["clientSessionStartedAt"] = clock.now().isoformat()
    for client in others.values():
        response = client.post("/api/sessions", body, content_type="application/json")
        assert response.status_code == 422
        assert response.json()["errors"][0]["field"] == "continuesFrom"


def test_erasing_everything_erases_only_the_trainees_own(alice: Trainee, others: dict[str, Client]) -> None:
    others["bob"].post("/history/erase/")
    assert set(PracticeSession.objects.values_list("pk", flat=True)) >= {alice.session.pk}
    assert PracticeSession.objects.count() == 2
    assert Archive.objects.filter(pk=alice.archive.pk).exists()


@pytest.mark.parametrize("name", ADMIN)
def test_the_admin_is_closed_to_trainees_and_strangers(name: str, login: Login, alice: Trainee) -> None:
    wanted = ADMIN[name].pattern.regex.groupindex
    values = {"url": "x", "app_label": "practice", "turn_id": alice.turn.pk, "content_type_id": 1, "dispute_id": 1}
    given = {parameter: values.get(parameter, alice.session.pk) for parameter in wanted}
    try:
        path = reverse(name, kwargs=given)
    except NoReverseMatch:  # The admin's catch-all takes a path, not a name.
        path = f"/admin/{given.get('url', '')}"
    for client in (Client(), login(account("eve"))):
        for method in ("GET", "POST"):
            response = client.generic(method, path)
            opened = name in ("admin:login", "admin:jsi18n", "admin:logout") or "/login/" in response.get(
                "Location", ""
            )
            assert opened or response.status_code in (302, 403, 404, 405), (path, response.status_code)
            assert alice.words not in content(response)


def test_admins_see_names_and_search_by_them(login: Login, alice: Trainee) -> None:
    alice.user.first_name, alice.user.last_name = "Alice", "Ärmel"
    alice.user.save()
    root = login(account("root", is_staff=True, is_superuser=True))
    for path in ("?q=ärmel", f"{alice.session.pk}/change/", f"{alice.session.pk}/delete/"):
        assert "Alice Ärmel (alice)" in content(root.get(f"/admin/practice/practicesession/{path}", follow=True)), path


def test_every_socket_route_is_covered_by_this_suite() -> None:
    # test_sockets.py tries them.
    assert [str(route.pattern) for route in routing.addresses.routes] == ["ws/sessions/<str:session_id>", ""]


def test_every_job_takes_only_a_records_id() -> None:
    celery.loader.import_default_modules()
    ours = {name: task for name, task in celery.tasks.items() if not name.startswith("celery.")}
    parameters = {name for task in ours.values() for name in inspect.signature(task.run).parameters}
    assert parameters <= {"turn_id", "session_id", "evaluation_id"}


def test_an_archive_contains_only_the_trainees_own_sessions(alice: Trainee, login: Login) -> None:
    bob = trainee("bob")
    Archive.objects.all().delete()
    client = login(bob.user)
    client.post("/history/takeout/")
    export.build_due(clock.now)
    archive = Archive.objects.get()
    assert archive.user_id == bob.id
    with stores.store(archive.store).open(archive.key) as file:
        packed = zipfile.ZipFile(BytesIO(file.read()))
    said = " ".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    assert bob.words in said
    assert alice.words not in said
    assert alice.session.pk not in said


def test_a_second_check_refuses_what_passes_the_first(alice: Trainee, login: Login) -> None:
    bob = trainee("bob")
    link = audio_links.Links(bob.id, now=clock.now()).to(alice.turn.pk)
    assert login(bob.user).get(link).status_code == 404
    assert socket_updates.look(alice.session.pk, user_id=bob.id, now=clock.now()) is None
    assert socket_updates.look(alice.session.pk, user_id=alice.id, now=clock.now()) is not None


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_each_verb_checks_the_owner_itself(verb: Verb, alice: Trainee) -> None:
    before = everything()
    bob = identity.of_account(account("bob").pk)
    with suppress(SessionUnknown):
        assert verb(alice.session.pk, bob) is None
    assert everything() == before


def test_deleting_an_account_deletes_its_sessions(alice: Trainee, login: Login) -> None:
    bob = trainee("bob")
    root = login(account("root", is_staff=True, is_superuser=True))
    root.post(f"/admin/auth/user/{bob.user.pk}/delete/", {"post": "yes"})
    assert list(PracticeSession.objects.values_list("user_id", flat=True)) == [alice.id]
    assert list(Archive.objects.values_list("user_id", flat=True)) == [alice.id]
