"""The console's export is read in all its forms, completely or not at all, without loading it into memory."""

import gzip
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coach.leancloud.console_export import ConsoleExport, ExportUnreadable
from coach.leancloud.disk_spill import DiskSpill
from coach.leancloud.jsonstream import CHUNK, Unreadable
from coach.leancloud.values import storable


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
def test_the_file_may_be_read_in_pieces_of_any_size(tmp_path: Path, behind_the_object: int) -> None:
    begun, comma = "[\n", ",\n"
    first = {"objectId": "a", "text": ""}
    first["text"] = "x" * (CHUNK - len(json.dumps(first)) - behind_the_object)
    second = {"objectId": "b"}
    (tmp_path / "Turn.json").write_text(f"{begun}{json.dumps(first)}{comma}{json.dumps(second)}]")
    assert list(ConsoleExport(tmp_path).scan("Turn")) == [[first, second]]


def scanned(path: Path, class_name: str = "Turn") -> tuple[list[Any], list[str]]:
    """The objects that an export has of a class, and the problems it reports."""
    every = [item for page in ConsoleExport(path).scan(class_name) for item in page]
    damage = [item.why for item in every if isinstance(item, Unreadable)]
    return [item for item in every if not isinstance(item, Unreadable)], damage


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ('[{"objectId": "a"}, {"objectId', ["a"]),
        ('[{"objectId": "a"}', ["a"]),
        ('{"results": [{"objectId": "a"},\n{"objectId": "b", "text": "half', ["a"]),
        ('{"objectId": "a"}\n{', ["a"]),
        ('{"objectId": "a"}\n{"objectId": "b", "tex\n{"objectId": "c"}', ["a", "c"]),
        ('{"objectId": "a"}\nnot JSON at all\n{"objectId": "c"}', ["a", "c"]),
        ('[{"objectId": "a"}, {"objectId": b}, {"objectId": "c"}]', ["a", "c"]),
        ('[{"objectId": "a", "to": [{"__type": "Pointer", "objectId": "x"}, oops]},\n{"objectId": "c"}]', ["c"]),
        ("<html><body>Please sign in</body></html>", []),
        ("", []),
        ("[" * 100_000, []),
    ],
)
def test_damage_in_a_class_file_is_reported_and_the_rest_is_read(tmp_path: Path, text: str, whole: list[str]) -> None:
    (tmp_path / "Turn.json").write_text(text)
    objects, damage = scanned(tmp_path)
    assert [item["objectId"] for item in objects] == whole
    assert damage
    assert all(sentence.startswith("Turn.json") for sentence in damage)


@pytest.mark.parametrize(
    "text",
    [
        '{"objectId":\n"a"}\n{"objectId":\n"b"}',
        '{"objectId": "a"}{"objectId": "b"}',
        '[{"objectId": "a"}]\n[{"objectId": "b"}]',
        '{"count": 2, "results": [{"objectId": "a"}, {"objectId": "b"}]}',
        '{"results": [{"objectId": "a"}, {"objectId": "b"}], "count": 2}',
        '#filetype:JSON-streaming {"type":"Class","class":"Turn"}\r\n{"objectId":"a"}\r\n\r\n#\n{"objectId":"b"}\r\n',
    ],
)
def test_unusual_forms_of_whole_files_are_whole(tmp_path: Path, text: str) -> None:
    (tmp_path / "Turn.json").write_text(text)
    assert scanned(tmp_path) == ([{"objectId": "a"}, {"objectId": "b"}], [])


SAID = [{"objectId": "a", "transcript": "Wir müssen reden. 我们得谈谈。 😀"}]


@pytest.mark.parametrize(
    "encoded",
    [
        json.dumps(SAID, ensure_ascii=False).encode(),
        json.dumps(SAID, ensure_ascii=False).encode("utf-8-sig"),
        json.dumps(SAID, ensure_ascii=False).encode("utf-16"),
        json.dumps(SAID).encode(),
        gzip.compress(json.dumps(SAID, ensure_ascii=False).encode("utf-8-sig")),
    ],
    ids=["utf-8", "byte order mark", "utf-16", "escaped", "gzip"],
)
def test_every_encoding_of_a_class_file_is_read(tmp_path: Path, encoded: bytes) -> None:
    (tmp_path / "Turn.json").write_bytes(encoded)
    assert scanned(tmp_path) == (SAID, [])


def test_an_invalid_utf_8_byte_loses_one_character(tmp_path: Path) -> None:
    (tmp_path / "Turn.jsonl").write_bytes(b'{"objectId": "a", "transcript": "caf\xe9"}\n{"objectId": "b"}')
    objects, damage = scanned(tmp_path)
    assert damage == []
    assert [storable(item) for item in objects] == [{"objectId": "a", "transcript": "caf\ufffd"}, {"objectId": "b"}]


def packed_as(kind: str, folder: Path, target: Path) -> Path:
    if kind == "zip":
        with zipfile.ZipFile(target, "w") as archive:
            for path in folder.iterdir():
                archive.write(path, f"export/{path.name}")
    else:
        with tarfile.open(target, f"w:{kind}") as tar:
            tar.add(folder, "export")
    return target


@pytest.mark.parametrize("kind", ["zip", "gz", "xz", ""])
@pytest.mark.parametrize("name", ["Turn.0.jsonl", "Turn.json.gz"])
def test_an_export_is_read_as_the_archive_that_was_downloaded(tmp_path: Path, kind: str, name: str) -> None:
    (tmp_path / "export").mkdir()
    content = json.dumps(SAID[0]).encode()
    (tmp_path / "export" / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    archive = packed_as(kind, tmp_path / "export", tmp_path / "download")
    assert scanned(archive) == (SAID, [])


def test_one_class_file_alone_is_an_export(tmp_path: Path) -> None:
    (tmp_path / "Turn.0.jsonl").write_text(json.dumps(SAID[0]))
    assert scanned(tmp_path / "Turn.0.jsonl") == (SAID, [])


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b'{"objectId": "a"}' * 9)[:-9], b"\x1f\x8b broken", b"\xff\xfe{", b"\x00\x01\x02"],
    ids=["cut gzip", "no gzip", "cut utf-16", "binary"],
)
def test_an_unreadable_class_file_is_named_without_raising(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "Turn.json").write_bytes(content)
    (tmp_path / "Turn.1.jsonl").write_text('{"objectId": "z"}')
    objects, damage = scanned(tmp_path)
    assert {"objectId": "z"} in objects
    assert damage
    assert all("Turn.json" in sentence for sentence in damage)


def test_a_member_of_a_zip_that_is_damaged_or_locked_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("Turn.0.jsonl", '{"objectId": "a"}' * 50)
        archive.writestr("Turn.1.jsonl", '{"objectId": "b"}')
    packed = bytearray((tmp_path / "app.zip").read_bytes())
    packed[packed.index(b"objectId") + 20] ^= 1
    (tmp_path / "app.zip").write_bytes(packed)
    objects, damage = scanned(tmp_path / "app.zip")
    assert objects[-1] == {"objectId": "b"}
    assert any("Turn.0.jsonl" in sentence for sentence in damage)


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 cut", gzip.compress(b"no tar"), b"", b"%PDF-1.7"],
    ids=["cut zip", "no tar", "empty", "pdf"],
)
def test_a_file_that_is_not_an_archive_is_refused_with_a_reason(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "download").write_bytes(content)
    with pytest.raises(ExportUnreadable, match="neither a folder nor"):
        list(ConsoleExport(tmp_path / "download").scan("Turn"))


def test_spilled_records_are_returned_by_key_and_in_order() -> None:
    aside = DiskSpill()
    aside.put((str(number), {"n": number}) for number in (3, 1, 2))
    aside.put([("1", "not this one")])
    assert len(aside) == 3
    assert [list(page) for page in aside.pages(2)] == [[{"n": 3}, {"n": 1}], [{"n": 2}]]
    aside.put([("2", {"n": 4})], replace=True)
    assert aside.get(["2"]) == {"2": {"n": 4}}
    aside.put([("2", {"n": 2})], replace=True)
    assert aside.get([*map(str, range(2, 3_000)), "1"]) == {"1": {"n": 1}, "2": {"n": 2}, "3": {"n": 3}}
