"""Wrong settings stop the program at startup with a helpful message."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from coach.config import ConfigError, load

LEAN = {
    "LEAN_APP_ID": "app",
    "LEAN_APP_KEY": "k3y-of-the-app",
    "LEAN_MASTER_KEY": "m4ster-key",
    "LEAN_SERVER_URL": "https://app.example.org",
}


def test_without_settings_everything_runs_locally() -> None:
    config = load({})
    assert config.roleplay.local
    assert config.evaluator.local
    assert config.local_parts == {"roleplay", "asr", "text", "embeddings"}
    assert config.max_active == 2
    assert config.audio_store == "local"
    assert config.redis_url.startswith("unix://")


def test_a_key_moves_only_its_own_models_to_the_cloud() -> None:
    config = load({"DASHSCOPE_API_KEY": "sk-1"})
    assert not config.roleplay.local
    assert config.asr.model == "qwen3-omni-flash"
    assert config.local_parts == {"text", "embeddings"}
    assert config.max_active == 20


@pytest.mark.parametrize("nothing", ["", '""', "''"])
def test_a_service_that_wants_bare_base64_gets_audio_without_a_prefix(nothing: str) -> None:
    config = load({"DASHSCOPE_API_KEY": "sk-x", "DASHSCOPE_AUDIO_PREFIX": nothing})
    assert (config.roleplay.audio_prefix, config.asr.audio_prefix) == ("", "")
    assert load({"DASHSCOPE_API_KEY": "sk-x"}).roleplay.audio_prefix == "data:;base64,"


def test_sentence_embeddings_are_local_while_any_model_needs_them() -> None:
    assert "embeddings" in load({"CHATAI_API_KEY": "sk-1"}).local_parts
    assert "embeddings" not in load({"CHATAI_API_KEY": "sk-1", "DASHSCOPE_API_KEY": "sk-2"}).local_parts
    assert load({}).embeddings.base_url == load({}).local_models_url


@pytest.mark.parametrize(
    "value",
    ["auto", "default", "small", "tiny", "hub", "hub:owner/name/q4/file.gguf", "~/m.gguf", "m.gguf", "/m/x",
     "http://127.0.0.1:11434/v1#qwen2.5:7b"],
)  # fmt: skip
def test_local_llm_accepts_names_files_and_servers(value: str) -> None:
    assert load({"LOCAL_LLM": value}).local_llm == value


@pytest.mark.parametrize("value", ["huge", "Default", "hub:file.gguf", "hub:a/b/model.bin", "http:///v1", "https:x"])
def test_an_unknown_form_of_local_llm_is_refused_by_name(value: str) -> None:
    with pytest.raises(ConfigError, match=r"LOCAL_LLM: is none of auto, .*Example: LOCAL_LLM=auto"):
        load({"LOCAL_LLM": value})


def test_the_objective_check_follows_the_evaluator_unless_it_has_settings_of_its_own() -> None:
    config = load({"CHATAI_API_KEY": "sk-1", "CHATAI_API_MODEL": "m1", "OBJECTIVE_CHECK_MODEL": "m2"})
    assert config.objective_check.base_url == config.evaluator.base_url
    assert (config.evaluator.model, config.objective_check.model) == ("m1", "m2")


def test_evaluator_model_overrides_the_chatai_model() -> None:
    assert load({"CHATAI_API_KEY": "k", "CHATAI_API_MODEL": "a", "EVALUATOR_MODEL": "b"}).evaluator.model == "b"


def test_every_fault_is_named_at_once_with_an_example_of_a_right_value() -> None:
    with pytest.raises(ConfigError) as raised:
        load({"PRACTICE_MAX_ACTIVE": "many", "DATABASE_URL": "mysql://x", "REDIS_URL": "redis://", "AUDIO_STORE": "s3"})
    message = str(raised.value)
    for name in ("PRACTICE_MAX_ACTIVE", "DATABASE_URL", "REDIS_URL", "S3_BUCKET"):
        assert f"{name}: " in message
    assert "Example: DATABASE_URL=postgres://" in message
    assert "(4 to correct" in message


@pytest.mark.parametrize("missing", sorted(LEAN))
def test_leancloud_settings_are_complete_or_absent(missing: str) -> None:
    with pytest.raises(ConfigError, match=missing):
        load({name: value for name, value in LEAN.items() if name != missing})


def test_with_leancloud_configured_it_stores_the_audio() -> None:
    assert load(LEAN).audio_store == "leancloud"


def test_a_message_never_prints_a_secret() -> None:
    with pytest.raises(ConfigError) as raised:
        load({**LEAN, "LEAN_SERVER_URL": "app.example.org", "SECRET_KEY": "short-s3cret", "DASHSCOPE_API_KEY": "sk-9"})
    message = str(raised.value)
    assert "SECRET_KEY" in message
    for secret in ("short-s3cret", "k3y-of-the-app", "m4ster-key", "sk-9"):
        assert secret not in message


def test_a_command_run_by_hand_finds_the_running_installations_models(tmp_path) -> None:
    assert load({"VAR_DIR": str(tmp_path)}).roleplay.base_url == "http://127.0.0.1:8461/v1"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "models-port.json").write_text("9123")
    assert load({"VAR_DIR": str(tmp_path)}).roleplay.base_url == "http://127.0.0.1:9123/v1"
    elsewhere = {"VAR_DIR": str(tmp_path), "LOCAL_MODELS_URL": "http://gpu.example.org:8461/v1"}
    assert load(elsewhere).roleplay.base_url == "http://gpu.example.org:8461/v1"


def test_the_generated_secret_key_is_kept_and_private(tmp_path) -> None:
    first = load({"VAR_DIR": str(tmp_path)}).secret_key
    assert len(first) >= 50
    assert load({"VAR_DIR": str(tmp_path)}).secret_key == first
    assert (tmp_path / "keys" / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("cores", "processes", "jobs"), [(1, 1, 4), (2, 1, 8), (4, 2, 16), (8, 4, 16), (64, 4, 16)])
def test_numbers_of_web_processes_and_jobs_follow_the_cores(
    monkeypatch: pytest.MonkeyPatch, cores: int, processes: int, jobs: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(cores)), raising=False)
    assert (load({}).web_processes, load({}).worker_concurrency) == (processes, jobs)
    assert load({"WEB_PROCESSES": "3", "WORKER_CONCURRENCY": "5"}).web_processes == 3


@pytest.mark.parametrize("value", ["0", "-1", "many", "65"])
def test_an_invalid_number_of_web_processes_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match=r"WEB_PROCESSES: .*Example: WEB_PROCESSES=2"):
        load({"WEB_PROCESSES": value})


def test_openid_settings_are_complete_and_only_with_trainee_sign_in() -> None:
    whole = {"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "coach", "OIDC_CLIENT_SECRET": "s3cret"}
    assert load({"TRAINEE_AUTH": "login", **whole}).oidc_issuer == "https://id.example"
    for missing in whole:
        with pytest.raises(ConfigError, match=f"{missing}: is not set although other OIDC") as told:
            load({"TRAINEE_AUTH": "login", **whole, missing: ""})
        assert "s3cret" not in str(told.value)
    with pytest.raises(ConfigError, match="TRAINEE_AUTH: is not login although OIDC"):
        load(whole)
    with pytest.raises(ConfigError, match="TRAINEE_AUTH: .*Example: TRAINEE_AUTH=stub or login"):
        load({"TRAINEE_AUTH": "ldap"})


def test_a_secret_key_that_a_crash_left_empty_is_generated_again(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "secret-key").touch(0o600)
    made = load({"VAR_DIR": str(tmp_path)}).secret_key
    assert len(made) >= 50
    assert load({"VAR_DIR": str(tmp_path)}).secret_key == made
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["secret-key"]


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
@pytest.mark.parametrize(
    "password", ["s3#cret", "s3/cret", "s3?cret", "12#s3cret", "12/s3@cret", "1?s3cret", "s3[cret"]
)
def test_a_url_broken_by_its_password_is_explained_without_showing_it(name: str, password: str) -> None:
    scheme = "postgres" if name == "DATABASE_URL" else "redis"
    with pytest.raises(ConfigError, match=f"{name}: cannot be read.*write # as %23") as told:
        load({name: f"{scheme}://coach:{password}@db.example.org/coach"})
    assert "cret@" not in str(told.value)
    assert password not in str(told.value)


def test_urls_in_every_usual_form_are_accepted() -> None:
    for url in ("postgres://u:p%23w@[::1]:5432/coach?sslmode=require", "sqlite:////srv/coach@home/db.sqlite3",
                "postgresql:///coach?host=/run/postgresql"):  # fmt: skip
        assert load({"DATABASE_URL": url}).database_url == url
    for url in ("rediss://:p%40ss@cache.example.org:6380/1", "unix:///run/redis.sock?db=1"):
        assert load({"REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize("value", ["https://coach.example.org", "coach.example.org:8000", "coach.example.org/coach",
                                   "coach example", "::1", "coach.example.org,http://b.example.org"])  # fmt: skip
def test_a_host_name_that_would_never_match_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match=r"ALLOWED_HOSTS: lists something else than host names.*Example: ALLOWED_H"):
        load({"ALLOWED_HOSTS": value})


@pytest.mark.parametrize("value", ["coach.example.org", "https://coach.example.org/coach", "//coach.example.org", "*"])
def test_an_origin_that_would_never_match_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match=r"CSRF_TRUSTED_ORIGINS: lists something else than origins.*Example: CSRF"):
        load({"CSRF_TRUSTED_ORIGINS": value})


def test_hosts_and_origins_are_accepted_as_people_write_them() -> None:
    hosts = "localhost, .example.org,[::1],xn--bcher-kva.example,10.0.0.1,*"
    origins = "https://coach.example.org/, http://10.0.0.1:8000,https://*.example.org"
    config = load({"ALLOWED_HOSTS": hosts, "CSRF_TRUSTED_ORIGINS": origins})
    assert config.allowed_hosts == ["localhost", ".example.org", "[::1]", "xn--bcher-kva.example", "10.0.0.1", "*"]
    assert config.csrf_trusted_origins == ["https://coach.example.org", "http://10.0.0.1:8000", "https://*.example.org"]


@pytest.mark.parametrize("folder", ["my coach", "coach #1", "100%", "what?", "übung"])
def test_the_embedded_redis_socket_has_a_path_that_fits_a_url(tmp_path: Path, folder: str) -> None:
    config = load({"VAR_DIR": str(tmp_path / folder)})
    parts = urlsplit(config.redis_url)
    assert (parts.path, parts.query, parts.fragment) == (str(config.redis_socket), "", "")
    assert unquote(parts.path) == parts.path
    assert load({"VAR_DIR": str(tmp_path / "coach_1.0-a")}).redis_socket.is_relative_to(tmp_path)
