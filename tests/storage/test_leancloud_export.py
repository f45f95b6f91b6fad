"""The console's export is read in every form it takes, whole or not at all, and never all of it at once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coach.storage.leancloud.aside import Aside
from coach.storage.leancloud.export import CHUNK, ConsoleExport, ExportUnreadable


@pytest.mark.parametrize(
    "form",
    [
        lambda items: "\n".join(map(json.dumps, items)),
        lambda items: json.dumps(items),
        lambda items: json.dumps(items, indent=2),
        lambda items: json.dumps({"results": items}),
        lambda items: json.dumps({"results": items}, indent=2),
    ],
    ids=["lines", "array", "printed array", "results", "printed results"],
)
def test_every_form_of_export_is_read_object_by_object(tmp_path: Path, form: Callable[[Any], str]) -> None:
    items = [{"objectId": f"{number:024}", "text": '[{ "]' * 900} for number in range(40)]
    (tmp_path / "Turn.json").write_text(form(items))
    assert [item for page in ConsoleExport(tmp_path).scan("Turn", page=7) for item in page] == items


@pytest.mark.parametrize("behind_the_object", range(-2, 3))
def test_a_piece_of_the_file_may_end_anywhere(tmp_path: Path, behind_the_object: int) -> None:
    begun, comma = "[\n", ",\n"
    first = {"objectId": "a", "text": ""}
    first["text"] = "x" * (CHUNK - len(json.dumps(first)) - behind_the_object)
    second = {"objectId": "b"}
    (tmp_path / "Turn.json").write_text(f"{begun}{json.dumps(first)}{comma}{json.dumps(second)}]")
    assert list(ConsoleExport(tmp_path).scan("Turn")) == [[first, second]]


@pytest.mark.parametrize(
    "text",
    ['[{"objectId": "a"}, {"objectId', '[{"objectId": "a"}', '{"objectId":\n"a"}', "[1]", '{"objectId": "a"}\n{'],
)
def test_an_export_that_is_damaged_is_never_read_as_a_shorter_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "Turn.json").write_text(text)
    with pytest.raises(ExportUnreadable, match=r"Turn\.json"):
        list(ConsoleExport(tmp_path).scan("Turn"))


def test_what_is_put_aside_comes_back_by_key_and_in_order() -> None:
    aside = Aside()
    aside.put((str(number), {"n": number}) for number in (3, 1, 2))
    aside.put([("1", "not this one")])
    assert len(aside) == 3
    assert [list(page) for page in aside.pages(2)] == [[{"n": 3}, {"n": 1}], [{"n": 2}]]
    assert aside.get([*map(str, range(2, 3_000)), "1"]) == {"1": {"n": 1}, "2": {"n": 2}, "3": {"n": 3}}
