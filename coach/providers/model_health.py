"""Checks models without spending a token: reachable, misconfigured, or still loading on this machine."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from opentelemetry.instrumentation.utils import suppress_http_instrumentation

from coach.config import config as settings
from coach.config.model_endpoints import LOCAL_ROLEPLAY_MODEL, LOCAL_TEXT_MODEL, ModelEndpoint
from coach.event_stream import parsed
from coach.providers import fault_mapping, openai_wire, recent_failures
from coach.telemetry import names
from coach.translatable_sentence import Sentence, listed

PROBE_SECONDS = 2.0
REACHED_KEPT_SECONDS = 30.0
MISSED_KEPT_SECONDS = 5.0
LOCAL_KEPT_SECONDS = 1.0
LLM_KEPT_SECONDS = 30.0
LLM_KEY = "llm"
LOADING_RETRY_SECONDS = 5

# Which part of the local server serves which role.
LOCAL_PART = {
    names.ROLEPLAY: "roleplay",
    names.ASR: "asr",
    names.EVALUATOR: "text",
    names.OBJECTIVE: "text",
    names.EMBEDDINGS: "embeddings",
}
LLM_MODELS = (LOCAL_ROLEPLAY_MODEL, LOCAL_TEXT_MODEL)
# A conversation needs these; evaluations and checks can wait for theirs.
NEEDED_TO_TALK = (names.ROLEPLAY, names.ASR)


@dataclass(frozen=True)
class ModelsReport:
    """`detail` is for operators: which model does what, or every fault with the variable to change."""

    ok: bool
    detail: str


@dataclass(frozen=True)
class Loading:
    """`progress` from 0 to 1, of the slowest part."""

    detail: str
    progress: float
    retry_after: int = LOADING_RETRY_SECONDS


@dataclass(frozen=True)
class LocalLlm:
    """The language model on this machine; `bytes` is 0 and the other fields empty if unknown.

    `source` is packaged, hub, file or server; then `server` names it.
    """

    name: str
    licence: str
    bytes: int
    source: str
    server: str


_answers: dict[str, tuple[float, str | dict[str, Any]]] = {}


def endpoints() -> dict[str, ModelEndpoint]:
    served = {
        names.ROLEPLAY: settings.roleplay,
        names.ASR: settings.asr,
        names.EVALUATOR: settings.evaluator,
        names.OBJECTIVE: settings.objective_check,
    }
    return served | ({names.EMBEDDINGS: settings.embeddings} if "embeddings" in settings.local_parts else {})


def report(roles: Mapping[str, ModelEndpoint] | None = None) -> ModelsReport:
    """The models' state for /readyz. May wait about PROBE_SECONDS per address; answers are cached for a while."""
    roles = endpoints() if roles is None else roles
    faults: dict[str, list[str]] = {}
    for role, endpoint in roles.items():
        for fault in _faults(role, endpoint):
            faults.setdefault(fault, []).append(role)
    if faults:
        told = (Sentence("%(roles)s: %(fault)s", roles=", ".join(hit), fault=fault) for fault, hit in faults.items())
        return ModelsReport(False, listed(told))
    answering: dict[str, list[str]] = {}
    for role, endpoint in roles.items():
        answering.setdefault(_served_by(endpoint), []).append(role)
    return ModelsReport(True, "; ".join(f"{', '.join(served)}: {model}" for model, served in answering.items()))


def loading(roles: Mapping[str, ModelEndpoint] | None = None) -> Loading | None:
    """What a new session has to wait for on this machine; None if a conversation can begin. Waits at most 2 s."""
    roles = endpoints() if roles is None else roles
    behind: list[Loading] = []
    played_here = names.ROLEPLAY in roles and roles[names.ROLEPLAY].local
    for role in (*NEEDED_TO_TALK, *([names.EMBEDDINGS] if played_here else [])):
        endpoint = roles.get(role)
        if endpoint is None or not endpoint.local:
            continue
        state = _local_state(endpoint)
        if isinstance(state, str):
            return Loading(state, 0.0)
        part = _part(state, role)
        if part.get("status") != "ready":
            behind.append(Loading(_words(role, part), _progress(part)))
    return min(behind, key=lambda each: each.progress, default=None)


def _faults(role: str, endpoint: ModelEndpoint) -> Iterable[str]:
    remembered = recent_failures.problem(role, endpoint)
    if remembered:
        yield remembered.message
        return
    if not endpoint.local:
        missed = _reached(endpoint)
        if missed:
            yield missed
        return
    state = _local_state(endpoint)
    if isinstance(state, str):
        yield state
    elif _part(state, role).get("status") != "ready":
        yield _words(role, _part(state, role))


def _reached(endpoint: ModelEndpoint) -> str:
    """Empty if the service answers at all: many have no list of models, so only a refused key is a fault."""
    key = f"{endpoint.base_url} {hash(openai_wire.headers(endpoint)['authorization'])}"
    kept = _kept(key)
    if isinstance(kept, str):
        return kept
    url = endpoint.base_url.rstrip("/") + "/models"
    fault = ""
    try:
        answer = _get(endpoint, url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        fault = (
            f"{openai_wire.unreachable(endpoint, error)}; check the network and {openai_wire.base_variable(endpoint)}"
        )
    else:
        if answer.status_code == 401:
            fault = str(fault_mapping.failure(endpoint, 401, parsed(answer.text)))
    _answers[key] = (time.monotonic() + (MISSED_KEPT_SECONDS if fault else REACHED_KEPT_SECONDS), fault)
    return fault


def _local_state(endpoint: ModelEndpoint) -> dict[str, Any] | str:
    """The local server's health report, or one sentence why there is none."""
    url = endpoint.base_url.rstrip("/").removesuffix("/v1") + "/health"
    kept = _kept(url)
    if kept is not None:
        return kept
    state: dict[str, Any] | str = Sentence("the local model server does not answer yet; scripts/up starts it")
    try:
        answer = parsed(_get(endpoint, url).text)
        if isinstance(answer, dict):
            state = answer
    except (httpx.HTTPError, httpx.InvalidURL):
        pass
    _answers[url] = (time.monotonic() + LOCAL_KEPT_SECONDS, state)
    return state


def _get(endpoint: ModelEndpoint, url: str) -> httpx.Response:
    with suppress_http_instrumentation():
        return httpx.get(
            url,
            headers=openai_wire.headers(endpoint),
            timeout=PROBE_SECONDS,
            trust_env=openai_wire.proxies_apply(endpoint),
        )


def _kept(key: str) -> str | dict[str, Any] | None:
    until, answer = _answers.get(key, (0.0, ""))
    return answer if time.monotonic() < until else None


def _part(state: Mapping[str, Any], role: str) -> Mapping[str, Any]:
    parts = state.get("parts")
    part = parts.get(LOCAL_PART[role]) if isinstance(parts, Mapping) else None
    return part if isinstance(part, Mapping) else {"status": "loading", "detail": "not served by the local server"}


def _words(role: str, part: Mapping[str, Any]) -> str:
    share = f" ({_progress(part):.0%})" if part.get("status") == "loading" and _progress(part) else ""
    detail = str(part.get("detail") or "")
    more = share + (f": {detail}" if detail else "")
    if part.get("status") == "error":
        return Sentence("the local %(part)s model cannot be loaded%(more)s", part=LOCAL_PART[role], more=more)
    return Sentence("the local %(part)s model is being loaded%(more)s", part=LOCAL_PART[role], more=more)


def _progress(part: Mapping[str, Any]) -> float:
    progress = part.get("progress")
    return min(1.0, max(0.0, float(progress))) if isinstance(progress, int | float) else 0.0


def _served_by(endpoint: ModelEndpoint) -> str:
    if not endpoint.local:
        return endpoint.model
    state = _local_state(endpoint)
    known = _llm(state)
    if known and endpoint.model in LLM_MODELS:
        facts = ", ".join(filter(None, (known.licence, _gigabytes(known.bytes), known.server or known.source)))
        return known.name + (f" ({facts})" if facts else "") + " on this machine"
    name = state.get("model") if isinstance(state, dict) and endpoint.model in LLM_MODELS else None
    return f"{name or endpoint.model} on this machine"


def local_llm() -> LocalLlm | None:
    """The language model of the local server, for pages; None while it loads or if there is no local server."""
    endpoint = next((each for each in endpoints().values() if each.local), None)
    if endpoint is None:
        return None
    kept = _kept(LLM_KEY)
    if not isinstance(kept, dict):
        state = _local_state(endpoint)
        kept = state if isinstance(state, dict) else {}
        _answers[LLM_KEY] = (time.monotonic() + (LLM_KEPT_SECONDS if _llm(kept) else LOCAL_KEPT_SECONDS), kept)
    return _llm(kept)


def more_than_packaged() -> bool:
    """Whether a better language model than the packaged one plays on this machine."""
    known = local_llm()
    return known is not None and known.source != "packaged"


def _llm(state: Mapping[str, Any] | str) -> LocalLlm | None:
    told = state.get("llm") if isinstance(state, Mapping) else None
    if not isinstance(told, Mapping) or not told.get("name"):
        return None
    size = told.get("bytes")
    return LocalLlm(
        name=str(told["name"]),
        licence=str(told.get("licence") or ""),
        bytes=size if isinstance(size, int) else 0,
        source=str(told.get("source") or ""),
        server=str(told.get("server") or ""),
    )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size else ""
