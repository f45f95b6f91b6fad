"""The settings of one installation, read from the environment (and `.env`) once and checked.

The only reader of the environment. `config` is typed and frozen; what is half set or malformed raises `ConfigError`,
whose message names every faulty variable, what is wrong and an example of a right value, and never a secret.
"""

import hashlib
import json
import os
import re
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError

ROOT = Path(__file__).resolve().parent.parent

# Linux takes 107 bytes, macOS 103.
LONGEST_SOCKET_PATH = 100

LOCAL_ROLEPLAY_MODEL = "local-roleplay"
LOCAL_ASR_MODEL = "local-asr"
LOCAL_TEXT_MODEL = "local-text"
LOCAL_EMBEDDINGS_MODEL = "local-embeddings"


LOCAL_LLM_WORDS = frozenset(["auto", "default", "small", "tiny", "hub"])
_HUB_FILE = re.compile(r"^hub:[\w.-]+/[\w.-]+/[\w./-]+\.gguf$", re.IGNORECASE)
_LLM_SERVER = re.compile(r"^https?://[^\s/]+")


class ConfigError(Exception):
    """Settings that cannot be used; `str()` is one message for the operator."""


@dataclass(frozen=True)
class ModelEndpoint:
    """Where one model is and which variables change that."""

    base_url: str
    model: str
    api_key: SecretStr | None
    local: bool
    key_variable: str
    model_variable: str
    voice: str = ""
    audio_prefix: str = ""
    effort: str = ""


Url = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]
Positive = Annotated[int, Field(ge=1, le=10_000)]

EXAMPLES = {
    "ALLOWED_HOSTS": "coach.example.org,127.0.0.1",
    "AUDIO_STORE": "local, leancloud or s3",
    "CSRF_TRUSTED_ORIGINS": "https://coach.example.org",
    "DATABASE_URL": "postgres://user:password@db.example.org:5432/coach",
    "DEBUG": "0",
    "LEAN_APP_ID": "the AppID of your LeanCloud app",
    "LEAN_APP_KEY": "the AppKey of your LeanCloud app",
    "LEAN_MASTER_KEY": "the MasterKey of your LeanCloud app",
    "LOCAL_LLM": "auto, small, /models/some-model.gguf or http://127.0.0.1:11434/v1#qwen2.5:7b",
    "LEAN_SERVER_URL": "https://your-app.lc-cn-n1-shared.com",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "S3_BUCKET": "practice-audio",
    "STUB_USER_ID": "pilot-user",
}


class Config(BaseModel):
    """Every variable of protocol.md "Settings", under its own name as alias."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=False)

    var_dir: Path = Field(ROOT / "var", alias="VAR_DIR")
    secret_key_value: SecretStr | None = Field(None, alias="SECRET_KEY", min_length=32)
    debug: bool = Field(False, alias="DEBUG")
    allowed_hosts_text: str = Field("", alias="ALLOWED_HOSTS")
    csrf_trusted_origins_text: str = Field("", alias="CSRF_TRUSTED_ORIGINS")
    behind_proxy: bool = Field(False, alias="BEHIND_PROXY")
    database_url: str = Field("", alias="DATABASE_URL", pattern=r"^$|^(postgres|postgresql|sqlite)://")
    redis_url_text: str = Field("", alias="REDIS_URL", pattern=r"^$|^(redis|rediss|unix)://")
    stub_user_id: str = Field("pilot-user", alias="STUB_USER_ID", min_length=1, max_length=64, pattern=r"^\S+$")

    max_active_value: Positive | None = Field(None, alias="PRACTICE_MAX_ACTIVE")
    max_pending: Annotated[int, Field(ge=0, le=10_000)] = Field(5, alias="PRACTICE_MAX_PENDING")
    pending_wait_seconds: Positive = Field(30, alias="PRACTICE_PENDING_WAIT_SECONDS")
    socket_grace_seconds: Positive = Field(15, alias="PRACTICE_SOCKET_GRACE_SECONDS")

    dashscope_api_key: SecretStr | None = Field(None, alias="DASHSCOPE_API_KEY")
    dashscope_api_base: Url = Field("https://dashscope.aliyuncs.com/compatible-mode/v1", alias="DASHSCOPE_API_BASE")
    dashscope_audio_prefix: str = Field("data:;base64,", alias="DASHSCOPE_AUDIO_PREFIX")
    qwen_model: str = Field("qwen3-omni-flash", alias="QWEN_MODEL", min_length=1)
    qwen_asr_model: str = Field("", alias="QWEN_ASR_MODEL")
    qwen_voice_id: str = Field("Cherry", alias="QWEN_VOICE_ID", min_length=1)

    chatai_api_key: SecretStr | None = Field(None, alias="CHATAI_API_KEY")
    chatai_api_base: Url = Field("https://api.chataiapi.com/v1", alias="CHATAI_API_BASE")
    chatai_api_model: str = Field(
        "gpt-5-mini", validation_alias=AliasChoices("EVALUATOR_MODEL", "CHATAI_API_MODEL"), min_length=1
    )
    evaluator_effort: str = Field("", alias="EVALUATOR_EFFORT")
    objective_api_key: SecretStr | None = Field(None, alias="OBJECTIVE_CHECK_API_KEY")
    objective_api_base: Url | None = Field(None, alias="OBJECTIVE_CHECK_API_BASE")
    objective_model: str = Field("", alias="OBJECTIVE_CHECK_MODEL")

    local_llm: str = Field("auto", alias="LOCAL_LLM", min_length=1)
    local_models_url_text: Annotated[str, Field(pattern=r"^$|^https?://[^\s/]+")] = Field("", alias="LOCAL_MODELS_URL")

    lean_app_id: str = Field("", alias="LEAN_APP_ID")
    lean_app_key: SecretStr = Field(SecretStr(""), alias="LEAN_APP_KEY")
    lean_master_key: SecretStr = Field(SecretStr(""), alias="LEAN_MASTER_KEY")
    lean_server_url: Annotated[str, Field(pattern=r"^$|^https?://[^\s/]+")] = Field("", alias="LEAN_SERVER_URL")
    audio_store_text: Literal["", "local", "leancloud", "s3"] = Field("", alias="AUDIO_STORE")
    s3_bucket: str = Field("", alias="S3_BUCKET")
    s3_endpoint_url: Annotated[str, Field(pattern=r"^$|^https?://[^\s/]+")] = Field("", alias="S3_ENDPOINT_URL")

    @field_validator("local_llm", mode="after")
    @classmethod
    def _a_local_llm(cls, value: str) -> str:
        form = {"hub": _HUB_FILE, "http": _LLM_SERVER, "https": _LLM_SERVER}.get(value.partition(":")[0])
        if value in LOCAL_LLM_WORDS or (form.match(value) if form else "/" in value or value.endswith(".gguf")):
            return value
        words = ", ".join(sorted(LOCAL_LLM_WORDS))
        raise PydanticCustomError(
            "local_llm",
            "is none of {words}, no hub:OWNER/NAME/FILE.gguf, no path to a GGUF file and no http address",
            {"words": words},
        )

    @field_validator("var_dir", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def lean_configured(self) -> bool:
        return bool(self.lean_app_id)

    @property
    def audio_store(self) -> str:
        return self.audio_store_text or ("leancloud" if self.lean_configured else "local")

    @property
    def redis_url(self) -> str:
        return self.redis_url_text or f"unix://{self.redis_socket}"

    @property
    def redis_is_embedded(self) -> bool:
        return not self.redis_url_text

    @property
    def redis_socket(self) -> Path:
        """In VAR_DIR, or in a directory of this user's under /tmp where that path is too long for a socket."""
        path = self.var_dir / "run" / "redis.sock"
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
            return path
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return Path("/tmp") / f"practice-coach-{os.getuid()}" / f"{name}.sock"  # noqa: S108 - checked for its owner

    @property
    def max_active(self) -> int:
        return self.max_active_value or (2 if self.roleplay.local else 20)

    @property
    def allowed_hosts(self) -> list[str]:
        return _listed(self.allowed_hosts_text) or ["localhost", "127.0.0.1", "[::1]"]

    @property
    def csrf_trusted_origins(self) -> list[str]:
        return _listed(self.csrf_trusted_origins_text)

    @cached_property
    def secret_key(self) -> str:
        """The given key, or one generated into VAR_DIR (mode 600) and kept there."""
        if self.secret_key_value:
            return self.secret_key_value.get_secret_value()
        return _kept_secret(self.var_dir / "keys" / "secret-key")

    @property
    def roleplay(self) -> ModelEndpoint:
        key = self.dashscope_api_key
        return ModelEndpoint(
            base_url=self.dashscope_api_base if key else self.local_models_url,
            model=self.qwen_model if key else LOCAL_ROLEPLAY_MODEL,
            api_key=key,
            local=not key,
            key_variable="DASHSCOPE_API_KEY",
            model_variable="QWEN_MODEL" if key else "LOCAL_LLM",
            voice=self.qwen_voice_id,
            audio_prefix=self.dashscope_audio_prefix if key else "",
        )

    @property
    def asr(self) -> ModelEndpoint:
        key = self.dashscope_api_key
        return ModelEndpoint(
            base_url=self.dashscope_api_base if key else self.local_models_url,
            model=(self.qwen_asr_model or self.qwen_model) if key else LOCAL_ASR_MODEL,
            api_key=key,
            local=not key,
            key_variable="DASHSCOPE_API_KEY",
            model_variable="QWEN_ASR_MODEL" if key else "LOCAL_LLM",
            audio_prefix=self.dashscope_audio_prefix if key else "",
        )

    @property
    def evaluator(self) -> ModelEndpoint:
        key = self.chatai_api_key
        return ModelEndpoint(
            base_url=self.chatai_api_base if key else self.local_models_url,
            model=self.chatai_api_model if key else LOCAL_TEXT_MODEL,
            api_key=key,
            local=not key,
            key_variable="CHATAI_API_KEY",
            model_variable="CHATAI_API_MODEL" if key else "LOCAL_LLM",
            effort=self.evaluator_effort,
        )

    @property
    def objective_check(self) -> ModelEndpoint:
        key = self.objective_api_key or self.chatai_api_key
        return ModelEndpoint(
            base_url=(self.objective_api_base or self.chatai_api_base) if key else self.local_models_url,
            model=(self.objective_model or self.chatai_api_model) if key else LOCAL_TEXT_MODEL,
            api_key=key,
            local=not key,
            key_variable="OBJECTIVE_CHECK_API_KEY",
            model_variable="OBJECTIVE_CHECK_MODEL" if key else "LOCAL_LLM",
        )

    @property
    def embeddings(self) -> ModelEndpoint:
        """Always local: a model with a key judges by itself what sentence vectors decide for a small one."""
        return ModelEndpoint(
            base_url=self.local_models_url,
            model=LOCAL_EMBEDDINGS_MODEL,
            api_key=None,
            local=True,
            key_variable="LOCAL_MODELS_URL",
            model_variable="LOCAL_MODELS_URL",
        )

    @property
    def local_models_url(self) -> str:
        """As given, else where the installation that runs on this VAR_DIR has its models, else the usual port."""
        try:
            port = int(json.loads((self.var_dir / "run" / "models-port.json").read_text()))
        except (OSError, ValueError, TypeError):
            port = 8461
        return self.local_models_url_text or f"http://127.0.0.1:{port}/v1"

    @property
    def local_parts(self) -> frozenset[str]:
        """Which of `roleplay`, `asr`, `text`, `embeddings` the local model server must serve."""
        parts = set()
        if self.roleplay.local:
            parts |= {"roleplay", "asr"}
        if self.evaluator.local or self.objective_check.local:
            parts |= {"text"}
        if self.roleplay.local or self.evaluator.local:
            parts |= {"embeddings"}
        return frozenset(parts)


def load(environment: Mapping[str, str]) -> Config:
    """Read and check; raises ConfigError naming every fault at once. An empty value counts as not set."""
    given = {name: value.strip() for name, value in environment.items() if value is not None and value.strip()}
    faults: dict[str, str] = {}
    config: Config | None = None
    try:
        config = Config.model_validate(given)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            faults[str(fault["loc"][0])] = fault["msg"]
    faults |= _half_set(given)
    for name in ("DATABASE_URL", "REDIS_URL"):
        if name in given and name not in faults and not _has_target(given[name]):
            faults[name] = "names no host, socket or file"
    if faults or config is None:
        raise ConfigError(_message(faults))
    return config


def _half_set(given: Mapping[str, str]) -> dict[str, str]:
    faults: dict[str, str] = {}
    lean = ("LEAN_APP_ID", "LEAN_APP_KEY", "LEAN_MASTER_KEY", "LEAN_SERVER_URL")
    missing = [name for name in lean if name not in given]
    if missing and len(missing) < len(lean):
        faults |= dict.fromkeys(missing, "is not set although other LEAN_* variables are: set all four or none")
    if given.get("AUDIO_STORE") == "leancloud" and len(missing) == len(lean):
        faults["AUDIO_STORE"] = "is leancloud but no LEAN_* variable is set"
    if given.get("AUDIO_STORE") == "s3" and "S3_BUCKET" not in given:
        faults["S3_BUCKET"] = "is not set although AUDIO_STORE is s3"
    return faults


def _has_target(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname or parts.path.strip("/"))
    except ValueError:
        return False


def _message(faults: Mapping[str, str]) -> str:
    lines = [f"Settings cannot be used ({len(faults)} to correct, in the environment or .env):"]
    for name in sorted(faults):
        example = EXAMPLES.get(name) or _default_example(name)
        lines.append(f"  {name}: {faults[name]}." + (f" Example: {name}={example}" if example else ""))
    return "\n".join(lines)


def _default_example(name: str) -> str:
    for field in Config.model_fields.values():
        alias: Any = field.validation_alias
        names = alias.choices if isinstance(alias, AliasChoices) else [alias]
        if name in names and isinstance(field.default, int | str | Path) and str(field.default):
            return str(field.default)
    return "20" if name.startswith("PRACTICE_") else ""


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def environment() -> dict[str, str]:
    """`.env` at the root, overridden by the process environment."""
    from_file = {name: value for name, value in dotenv_values(ROOT / ".env").items() if value is not None}
    return from_file | dict(os.environ)


def _load_or_exit() -> Config:
    try:
        return load(environment())
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


config = _load_or_exit()
