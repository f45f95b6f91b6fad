"""Settings in `.env` and secrets in files, in the forms that editors, shells and container engines write."""

import os
from pathlib import Path

import pytest

from coach.config import ConfigError, dotenv_file, environment, load, names


def test_a_secret_may_be_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-from-a-file\n")
    (tmp_path / "database").write_text("postgres://coach:p%40ss@db/coach")
    config = load({"CHATAI_API_KEY_FILE": str(tmp_path / "key"), "DATABASE_URL_FILE": str(tmp_path / "database")})
    assert config.chatai_api_key
    assert config.chatai_api_key.get_secret_value() == "sk-from-a-file"
    assert config.database_url == "postgres://coach:p%40ss@db/coach"


def test_a_secret_file_that_is_missing_or_duplicates_a_variable_is_named_without_the_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"SECRET_KEY_FILE: names a file that cannot be read \(FileNotFoundError\)"):
        load({"SECRET_KEY_FILE": str(tmp_path / "none")})
    (tmp_path / "key").write_text("sk-one")
    with pytest.raises(ConfigError, match="CHATAI_API_KEY_FILE: is set although CHATAI_API_KEY is") as told:
        load({"CHATAI_API_KEY": "sk-two", "CHATAI_API_KEY_FILE": str(tmp_path / "key")})
    assert "sk-" not in str(told.value)


@pytest.mark.parametrize(
    "text", [b"\xef\xbb\xbfQWEN_MODEL=m1\r\n", b"export QWEN_MODEL='m1' # ours\n", b"QWEN_MODEL = m1\n"]
)
def test_a_dotenv_file_is_read_in_every_form_that_editors_write(tmp_path: Path, text: bytes) -> None:
    (tmp_path / ".env").write_bytes(text)
    assert environment(tmp_path / ".env")["QWEN_MODEL"] == "m1"


def test_a_dotenv_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("QWEN_MODEL=m1\n", "utf-16")
    with pytest.raises(ConfigError, match=r"\.env is not UTF-8\. Save it as UTF-8"):
        environment(tmp_path / ".env")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("QWEN_MODEL=m1\n\nsk-pasted-alone\n", "line 3 is not of the form NAME=value"),
        ("# ours\nsk-a b\n", "line 2 is not of the form NAME=value"),
        ("SECRET_KEY='never closed\nQWEN_MODEL=m1\n", "line 1 is not of the form NAME=value"),
        ("QWEN-MODEL=m1\n", "line 1 is not of the form NAME=value"),
        ("QWEN_MODEL=m1\nQWEN_VOICE_ID=v\nQWEN_MODEL=m2\n", "lines 1 and 3 give QWEN_MODEL different values"),
    ],
)
def test_an_invalid_line_of_a_dotenv_file_is_refused_by_number(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / ".env").write_text(text)
    with pytest.raises(ConfigError) as told:
        environment(tmp_path / ".env")
    assert str(told.value).splitlines()[1:] == [f"  {fault}."]
    assert "sk-" not in str(told.value)


def test_a_dotenv_file_may_repeat_a_value_and_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("QWEN_MODEL=m1\nOTEL_X=\nQWEN_MODEL='m1'\n")
    assert environment(tmp_path / ".env")["QWEN_MODEL"] == "m1"
    assert environment(tmp_path / "none") == dict(os.environ)


def test_variables_that_libraries_read_reach_them_from_a_dotenv_file() -> None:
    given = {"AWS_ACCESS_KEY_ID": "one", "PGPASSWORD": "two", "https_proxy": "three", "SECRET_KEY": "four", "AWS_X": ""}
    process = {"AWS_ACCESS_KEY_ID": "of the process"}
    dotenv_file.hand_on(given, process)
    assert process == {"AWS_ACCESS_KEY_ID": "of the process", "PGPASSWORD": "two", "https_proxy": "three"}


def test_misspelt_variables_are_noticed_and_other_programs_variables_ignored() -> None:
    given = ["DASHCOPE_API_KEY", "CHATAI_API_KEY_FILE", "chatai_api_key", "POSTGRES_PASSWORD", "AWS_PROFILE", "HOME"]
    assert dotenv_file.misspelt(given, names()) == [
        ("DASHCOPE_API_KEY", "DASHSCOPE_API_KEY"),
        ("chatai_api_key", "CHATAI_API_KEY"),
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "names a file that is empty"),
        (b" \r\n", "names a file that is empty"),
        (b"\xef\xbb\xbf", "names a file that is empty"),
        ("sk-1".encode("utf-16"), "names a file that cannot be read (UnicodeDecodeError)"),
        (b"s" * 70_000, "names a file of more than 65536 bytes"),
    ],
)
def test_a_secret_file_without_a_secret_is_named(tmp_path: Path, content: bytes, fault: str) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(ConfigError) as told:
        load({"DASHSCOPE_API_KEY_FILE": str(tmp_path / "key")})
    assert f"DASHSCOPE_API_KEY_FILE: {fault}." in str(told.value)


def test_a_secret_file_must_be_a_regular_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(IsADirectoryError\)"):
        load({"SECRET_KEY_FILE": str(tmp_path)})
    with pytest.raises(ConfigError, match="more than 65536 bytes"):
        load({"SECRET_KEY_FILE": "/dev/zero"})


@pytest.mark.parametrize("value", ["sk-one\nsk-two", "sk-\x00", "sk-\u201done", "sk-\u200b1", "sk-\u00a01"])
def test_a_key_with_impossible_characters_is_refused_by_name_without_showing_it(tmp_path: Path, value: str) -> None:
    (tmp_path / "key").write_text(value)
    for given in ({"CHATAI_API_KEY": value}, {"CHATAI_API_KEY_FILE": str(tmp_path / "key")}):
        with pytest.raises(ConfigError, match="CHATAI_API_KEY: holds a") as told:
            load(given)
        assert "sk-" not in str(told.value)


@pytest.mark.parametrize("value", ['"sk-1"', "'sk-1'", ' "sk-1" ', "sk-1\r"])
def test_quotes_left_by_an_environment_file_are_removed(tmp_path: Path, value: str) -> None:
    (tmp_path / "key").write_text(value)
    for given in ({"CHATAI_API_KEY": value}, {"CHATAI_API_KEY_FILE": str(tmp_path / "key")}):
        key = load(given).chatai_api_key
        assert key
        assert key.get_secret_value() == "sk-1"


def test_a_byte_order_mark_in_a_secret_file_is_removed(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xef\xbb\xbfsk-1\r\n")
    key = load({"CHATAI_API_KEY_FILE": str(tmp_path / "key")}).chatai_api_key
    assert key
    assert key.get_secret_value() == "sk-1"
