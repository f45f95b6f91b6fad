"""Language models from the Hugging Face hub that are worth downloading, pinned by revision and hash.

`huggingface_hub` honours `HF_ENDPOINT` (a mirror), `HF_HUB_OFFLINE`, `HF_TOKEN` and the proxy variables, and resumes
interrupted downloads.
"""

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coach.local_models.download.registries import WeightsError
from coach.local_models.language_model.hardware import Hardware

FOLDER = "hub"
ANSWER_SECONDS = 5.0
_NAMED = re.compile(r"^hub:(?P<repo>[\w.-]+/[\w.-]+)/(?P<file>[\w./-]+\.gguf)$", re.IGNORECASE)
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


class HubError(WeightsError):
    """The hub cannot give the model now; `str()` says why and what to do."""


@dataclass(frozen=True)
class HubModel:
    """`sha256` is None if the user named a file of their own choice: then the hub's own hash is used."""

    repo: str
    file: str
    revision: str = "main"
    sha256: str | None = None
    bytes: int = 0
    name: str = ""
    licence: str = ""

    def path(self, models: Path) -> Path:
        return models / FOLDER / self.repo.replace("/", "--") / Path(self.file).name

    def present(self, models: Path) -> bool:
        path = self.path(models)
        return path.is_file() and _marker(path).is_file() and (not self.bytes or path.stat().st_size == self.bytes)


# Best first. Both follow instructions without thinking aloud first, which would take too long in a conversation.
HUB_MODELS: Sequence[HubModel] = (
    HubModel(
        repo="bartowski/Qwen2.5-7B-Instruct-GGUF",
        file="Qwen2.5-7B-Instruct-Q4_K_M.gguf",
        revision="8911e8a47f92bac19d6f5c64a2e2095bd2f7d031",
        sha256="65b8fcd92af6b4fefa935c625d1ac27ea29dcb6ee14589c55a8f115ceaaa1423",
        bytes=4_683_074_240,
        name="Qwen2.5 7B Instruct",
        licence="Apache-2.0",
    ),
    HubModel(
        repo="bartowski/Qwen_Qwen3-4B-Instruct-2507-GGUF",
        file="Qwen_Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        revision="ae44f08e1392f39c0e474af10c3ff8355c8b6688",
        sha256="2fde00ce69dd4899c70d020845e2638353015bba0fdf161b3eb965f2bca4464e",
        bytes=2_497_280_736,
        name="Qwen3 4B Instruct 2507",
        licence="Apache-2.0",
    ),
)


def best_fit(hardware: Hardware) -> tuple[HubModel | None, list[str]]:
    """The first one that this machine can run, and why those before it were passed over."""
    reasons: list[str] = []
    for model in HUB_MODELS:
        misfit = hardware.misfit(model.bytes)
        if not misfit:
            return model, reasons
        reasons.append(f"{model.name} of the hub: {misfit}")
    return None, reasons


def named(llm: str, hardware: Hardware) -> HubModel:
    """`hub` or `hub:OWNER/NAME/FILE.gguf`. Raises WeightsError for another form."""
    if llm == "hub":
        return best_fit(hardware)[0] or HUB_MODELS[-1]
    if found := _NAMED.match(llm):
        return HubModel(found["repo"], found["file"])
    raise WeightsError(
        f"LOCAL_LLM is {llm!r}: write hub, or hub:OWNER/NAME/FILE.gguf with the file's name in its repo."
    )


def fetch_from_hub(
    model: HubModel, models: Path, report: Callable[[int, int], None], endpoint: str | None = None
) -> Path:
    """Fetch and verify the file under `models`; `report` gets bytes so far and the total (0 while unknown).

    Raises HubError.

    `endpoint` overrides HF_ENDPOINT.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    target = model.path(models)
    if model.present(models):
        return target
    folder = target.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Asked once, with a short time-out: the download itself retries an unreachable hub for half a minute.
        url = hf_hub_url(model.repo, model.file, revision=model.revision, endpoint=endpoint)
        told = get_hf_file_metadata(url, timeout=ANSWER_SECONDS, endpoint=endpoint)
        expected = model.sha256 or str(told.etag or "")
        arrived = hf_hub_download(
            model.repo,
            model.file,
            revision=model.revision,
            local_dir=folder,
            etag_timeout=ANSWER_SECONDS,
            endpoint=endpoint,
            tqdm_class=_reporting(report, model.bytes),
        )
    except OfflineModeIsEnabled as fault:
        raise HubError("HF_HUB_OFFLINE is set, so nothing is fetched from the hub") from fault
    except HfHubHTTPError as fault:
        status = getattr(fault.response, "status_code", "no")
        raise HubError(f"the hub answered {status} for {model.repo}/{model.file}") from fault
    except (LocalEntryNotFoundError, OSError) as fault:
        raise HubError(f"fetching from the hub broke off ({_reason(fault)}); what has arrived is kept") from fault
    except Exception as fault:  # its HTTP library has its own errors, and changes
        raise HubError(f"the hub could not be reached ({_reason(fault)}); what has arrived is kept") from fault
    return _verified(Path(arrived), target, expected)


def _verified(arrived: Path, target: Path, expected: str) -> Path:
    from coach.local_models.download.model_fetch import sha256_of

    digest = sha256_of(arrived)
    if _SHA256.match(expected) and digest != expected:
        arrived.unlink()
        raise HubError(f"{target.name} from the hub is not the published one (wrong checksum) and was thrown away")
    arrived.replace(target)
    _marker(target).write_text(digest + "\n")
    return target


def _marker(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _reason(fault: BaseException) -> str:
    cause = fault.__cause__ or fault
    return type(cause).__name__


def _reporting(report: Callable[[int, int], None], total: int) -> Any:
    """A progress bar class that draws nothing and reports the bytes."""
    from huggingface_hub.utils import tqdm

    class Reporting(tqdm):  # type: ignore[misc, type-arg]
        def __init__(self, *args: Any, **options: Any) -> None:
            with contextlib.suppress(KeyError):
                del options["name"]
            options["disable"] = True
            super().__init__(*args, **options)
            self.so_far, self.all = int(options.get("initial") or 0), int(options.get("total") or total)

        def update(self, n: float | None = 1) -> bool | None:
            self.so_far += int(n or 0)
            report(self.so_far, self.all)
            return None

    return Reporting
