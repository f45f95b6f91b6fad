"""Helpers: objects of an app that another program filled, and runs of `manage.py leancloud`."""

import json
import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

from tests.audio import sounds
from tests.fakes.leancloud import LeanCloudFake

SPEECH = sounds.mp3(0.9)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
THEN = "2026-01-05T09:00:00.000Z"
EARLIER = {"createdAt": "2025-12-01T08:00:00.000Z", "updatedAt": "2025-12-01T08:00:00.000Z"}

ODD_TIMES = [
    "yesterday",
    17,
    1_767_603_600,
    1.5,
    True,
    [],
    {},
    {"__type": "Date"},
    {"a": 1},
    "2026-13-45T00:00:00Z",
    None,
]


class CommandRun:
    """One run of the command: `status`, and `out` and `err` without progress lines."""

    def __init__(self, *args: str) -> None:
        out, err = StringIO(), StringIO()
        self.status = 0
        try:
            call_command("leancloud", *args, stdout=out, stderr=err)
        except CommandError as error:
            self.status = error.returncode
            err.write(str(error))
        said = [line for line in out.getvalue().splitlines(keepends=True) if not re.search(r": \d+ compared$", line)]
        self.out, self.err = "".join(said), err.getvalue()


def recorded_turn(fake: LeanCloudFake, session: str, sequence: int, **fields: Any) -> str:
    """Add a turn with a recording to the app."""
    file_id = fake.add_file(f"{sequence}.mp3", SPEECH)
    return fake.put(
        "Turn",
        {
            **EARLIER,
            "objectId": f"t{sequence}",
            "sessionId": session,
            "sequence": sequence,
            "speaker": "ai" if sequence % 2 == 0 else "trainee",
            "transcript": f"Line {sequence}.",
            "audioFileId": file_id,
            "audioUrl": fake.files[file_id]["url"],
            **fields,
        },
    )


def twin(app: LeanCloudFake, class_name: str, number: int) -> dict[str, Any]:
    """Add a copy of the first object of a class, with everything that belongs to it."""
    first = next(iter(app.objects[class_name].values()))
    object_id = f"{first['objectId']}-{number}"
    own: dict[str, Any] = {"objectId": object_id}
    if class_name in ("Skill", "Scenario"):
        own |= {"externalId": object_id, "name": object_id, "title": object_id}
    if class_name == "Turn":
        own |= {"sequence": 100 + 2 * number, "audioFileId": None, "audioUrl": None}
    if class_name == "PracticeSession":
        own |= {"evaluationId": None}
    if class_name == "Evaluation":
        own |= {"sessionId": twin(app, "PracticeSession", number)["objectId"]}
    app.put(class_name, {**first, **own})
    return app.objects[class_name][object_id]


def names(bodies: list[dict[str, Any]]) -> list[str]:
    return [body["objectId"] for body in bodies]


def exported(fake: LeanCloudFake, folder: Path) -> Path:
    for name, objects in fake.objects.items():
        (folder / f"{name}.0.jsonl").write_text("\n".join(map(json.dumps, objects.values())))
    (folder / "_File.0.jsonl").write_text("\n".join(map(json.dumps, fake.files.values())))
    return folder
