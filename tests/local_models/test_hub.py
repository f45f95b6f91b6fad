"""The real hub client fetches language models, from a small hub of our own."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import pytest

from coach.local_models.download.hub import HUB_MODELS, HubError, HubModel, best_fit, fetch_from_hub, named
from coach.local_models.download.registries import WeightsError
from coach.local_models.language_model.hardware import Hardware
from tests.local_models import hub_server
from tests.local_models.gguf import gguf
from tests.local_models.real_server import models_folder

CONTENT = gguf("A small model", "mit") + b"weights" * 3_000_000
MODEL = HubModel(
    repo="owner/some-GGUF",
    file="some-q4.gguf",
    revision="a" * 40,
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    bytes=len(CONTENT),
    name="Some 4B",
    licence="MIT",
)
GIGABYTE = 10**9


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[hub_server.Hub]:
    with hub_server.running({"owner/some-GGUF/some-q4.gguf": CONTENT}) as running:
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
        yield running


def fetched(tmp_path: Path, endpoint: str) -> Path:
    return fetch_from_hub(MODEL, tmp_path, lambda *_: None, endpoint)


def test_the_pinned_revision_is_fetched_verified_and_not_fetched_again(tmp_path: Path, hub: hub_server.Hub) -> None:
    told: list[tuple[int, int]] = []
    path = fetch_from_hub(MODEL, tmp_path, lambda so_far, total: told.append((so_far, total)), hub.address)
    assert path.read_bytes() == CONTENT
    assert MODEL.present(tmp_path)
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert {asked[1] for asked in hub.asked} == {f"/owner/some-GGUF/resolve/{'a' * 40}/some-q4.gguf"}
    before = len(hub.asked)
    assert fetched(tmp_path, hub.address) == path
    assert len(hub.asked) == before


def test_an_interrupted_download_resumes_where_it_broke_off(tmp_path: Path, hub: hub_server.Hub) -> None:
    hub.breaks_after = 15_000_000
    path = fetched(tmp_path, hub.address)
    assert path.read_bytes() == CONTENT
    assert [method for method, _, _ in hub.asked].count("GET") == 2
    assert hub.asked[-1][2].startswith("bytes=1"), "only what was missing"


def test_a_different_file_under_the_same_name_is_deleted(tmp_path: Path, hub: hub_server.Hub) -> None:
    hub.files["owner/some-GGUF/some-q4.gguf"] = CONTENT[:-1] + b"!"
    with pytest.raises(HubError, match="wrong checksum"):
        fetched(tmp_path, hub.address)
    assert not MODEL.present(tmp_path)
    assert not MODEL.path(tmp_path).exists()


@pytest.mark.parametrize("status", [404, 401, 500])
def test_a_hub_that_refuses_is_named_with_its_status(tmp_path: Path, hub: hub_server.Hub, status: int) -> None:
    hub.status = status
    with pytest.raises(HubError):
        fetched(tmp_path, hub.address)


def test_an_unreachable_hub_is_reported_at_once(tmp_path: Path, hub: hub_server.Hub) -> None:
    with pytest.raises(HubError, match="could not be reached"):
        fetched(tmp_path, "http://127.0.0.1:9")


def test_offline_the_hub_is_not_asked(tmp_path: Path, hub: hub_server.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(HubError):
        fetched(tmp_path, hub.address)
    assert hub.asked == []


def test_the_best_model_that_fits_memory_and_cores_is_chosen() -> None:
    large, four = HUB_MODELS
    assert best_fit(Hardware(32 * GIGABYTE, 8))[0] is large
    assert best_fit(Hardware(8 * GIGABYTE, 4))[0] is four
    none, reasons = best_fit(Hardware(24 * GIGABYTE, 2))
    assert none is None
    assert reasons == [f"{model.name} of the hub: too slow on 2 cores" for model in HUB_MODELS]
    assert "memory" in best_fit(Hardware(4 * GIGABYTE, 16))[1][0]


def test_every_listed_model_is_pinned_and_has_a_free_licence() -> None:
    for model in HUB_MODELS:
        assert len(model.revision) == 40
        assert len(model.sha256 or "") == 64
        assert model.licence == "Apache-2.0"


def test_a_file_chosen_by_the_operator_is_named_with_its_repository() -> None:
    chosen = named("hub:owner/some-GGUF/q4/some.gguf", Hardware(8 * GIGABYTE, 4))
    assert (chosen.repo, chosen.file, chosen.revision) == ("owner/some-GGUF", "q4/some.gguf", "main")
    assert named("hub", Hardware(8 * GIGABYTE, 2)) is HUB_MODELS[-1], "asked for, although it is slow here"
    with pytest.raises(WeightsError, match="OWNER/NAME/FILE"):
        named("hub:some.gguf", Hardware(8 * GIGABYTE, 4))


@pytest.mark.models
@pytest.mark.timeout(300)
def test_the_command_fetches_a_real_model_from_the_endpoint_in_the_environment(tmp_path: Path) -> None:
    tiny = (models_folder() / "smollm2-135m-instruct-q4_1.gguf").read_bytes()
    with hub_server.running({"owner/tiny-GGUF/tiny.gguf": tiny}) as hub:
        command = [sys.executable, "-m", "coach.local_models.weights", "--var-dir", str(tmp_path), "--parts", "text"]
        environment = os.environ | {"HF_ENDPOINT": hub.address, "HF_HUB_OFFLINE": "0"}
        done = subprocess.run(
            [*command, "--llm", "hub:owner/tiny-GGUF/tiny.gguf"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    found = tmp_path / "models" / "hub" / "owner--tiny-GGUF" / "tiny.gguf"
    assert hashlib.sha256(found.read_bytes()).digest() == hashlib.sha256(tiny).digest()
