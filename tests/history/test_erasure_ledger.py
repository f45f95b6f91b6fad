"""The erasure ledger, kept outside the database, is read completely or refused with its invalid line."""

from pathlib import Path

import pytest

from history import erasure_ledger
from history.erasure_ledger import LedgerUnreadable

GOOD = '{"session": "one", "requested": "2026-01-05T09:00:00Z"}\n'


def test_a_list_is_read_in_every_form_that_editors_leave(tmp_path: Path) -> None:
    (tmp_path / "list.jsonl").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n\r\n").encode())
    assert erasure_ledger.in_file(tmp_path / "list.jsonl") == {"one"}


@pytest.mark.parametrize(
    "line",
    ["{", "[" * 100_000, "5", '{"session": 5}', '{"session": null}', '{"session": ""}', '{"session": "a\\u0000b"}',
     '{"session": "\\ud800"}', '{"session": "two words"}', '{"session": "' + "x" * 41 + '"}', '{"id": "one"}'],
)  # fmt: skip
def test_an_invalid_line_is_named_and_nothing_is_erased(tmp_path: Path, line: str) -> None:
    (tmp_path / "list.jsonl").write_text(GOOD + line + "\n")
    with pytest.raises(LedgerUnreadable, match=r"line 2 of list\.jsonl is no erasure"):
        erasure_ledger.in_file(tmp_path / "list.jsonl")


def test_another_encoding_or_a_truncated_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.jsonl").write_text(GOOD, "utf-16")
    with pytest.raises(LedgerUnreadable, match="cannot be read"):
        erasure_ledger.in_file(tmp_path / "list.jsonl")
