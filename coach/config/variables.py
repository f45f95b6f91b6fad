"""The variables of one installation: names, types, bounds, examples.

`coach.config` derives further values from them.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from coach.config import model_prices as prices
from coach.config import model_retirement

ROOT = Path(__file__).resolve().parents[2]

THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
LOCAL_LLM_WORDS = frozenset(["auto", "default", "small", "tiny", "hub"])
_HUB_FILE = re.compile(r"^hub:[\w.-]+/[\w.-]+/[\w./-]+\.gguf$", re.IGNORECASE)
_LLM_SERVER = re.compile(r"^https?://[^\s/]+")

_HOST = re.compile(r"^(\*|\.?[\w-]+(\.[\w-]+)*\.?|\[[0-9a-f:.]+\])$", re.IGNORECASE)
_ORIGIN = re.compile(r"^https?://[^\s/@?#]+$", re.IGNORECASE)

# Set to nothing, these mean nothing; for all others that counts as not set.
MAY_BE_EMPTY = frozenset({"DASHSCOPE_AUDIO_PREFIX"})

Url = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]
Positive = Annotated[int, Field(ge=1, le=10_000)]
Days = Annotated[int, Field(ge=1, le=36_500)] | None

EXAMPLES = {
    "ALLOWED_HOSTS": "coach.example.org,127.0.0.1",
    "AUDIO_STORE": "local, leancloud or s3",
    "CSRF_TRUSTED_ORIGINS": "https://coach.example.org",
    "DAILY_COST_CEILING": "20",
    "DATABASE_URL": "postgres://user:password@db.example.org:5432/coach",
    "DEBUG": "0",
    "LEAN_APP_ID": "the AppID of your LeanCloud app",
    "LEAN_APP_KEY": "the AppKey of your LeanCloud app",
    "LEAN_MASTER_KEY": "the MasterKey of your LeanCloud app",
    "LOCAL_LLM": "auto, small, /models/some-model.gguf or http://127.0.0.1:11434/v1#qwen2.5:7b",
    "LEAN_SERVER_URL": "https://your-app.lc-cn-n1-shared.com",
    "MODEL_ENDS": "gpt-5-mini=2026-12-11",
    "MODEL_PRICES": "qwen3-omni-flash=0.43/3.06,gpt-5-mini=0.25/2",
    "OPERATOR_TIME_ZONE": "Europe/Berlin",
    "OIDC_CLIENT_ID": "practice-coach",
    "OIDC_CLIENT_SECRET": "what the provider gave with the client id",
    "OIDC_ISSUER": "https://login.example.org/realms/staff",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "RETAIN_AUDIO_DAYS": "90",
    "RETAIN_AUDIT_DAYS": "730",
    "RETAIN_FIGURES_DAYS": "400",
    "RETAIN_GIVEN_UP_DAYS": "30",
    "RETAIN_SESSIONS_DAYS": "365",
    "S3_ADDRESSING_STYLE": "auto, path or virtual",
    "S3_BUCKET": "practice-audio",
    "STUB_USER_ID": "pilot-user",
    "TRAINEE_AUTH": "stub or login",
    "WEB_PROCESSES": "2",
    "WORKER_CONCURRENCY": "8",
    "WORKER_STOP_SECONDS": "15",
}


def _listed(text: str) -> list[str]:
    """Of names with commas between them; a closing slash belongs to no name."""
    return [part.strip().rstrip("/") for part in text.split(",") if part.strip()]


def _host_names(text: str) -> list[str]:
    if not all(map(_HOST.match, _listed(text))):
        raise ValueError("lists something else than host names: no scheme, port or path")
    return _listed(text) or list(THIS_MACHINE)


def _origins(text: str) -> list[str]:
    if not all(map(_ORIGIN.match, _listed(text))):
        raise ValueError("lists something else than origins: scheme and host, without a path")
    return _listed(text)


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no time zone of the IANA list") from None
    return name


def _local_llm(value: str) -> str:
    form = {"hub": _HUB_FILE, "http": _LLM_SERVER, "https": _LLM_SERVER}.get(value.partition(":")[0])
    if value in LOCAL_LLM_WORDS or (form.match(value) if form else "/" in value or value.endswith(".gguf")):
        return value
    words = ", ".join(sorted(LOCAL_LLM_WORDS))
    raise ValueError(f"is none of {words}, no hub:OWNER/NAME/FILE.gguf, no path to a GGUF file and no http address")


class Variables(BaseModel):
    """Every variable that an operator may set, with its own name as alias."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    var_dir: Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())] = Field(
        ROOT / "var", alias="VAR_DIR"
    )
    secret_key_value: SecretStr | None = Field(None, alias="SECRET_KEY", min_length=32)
    debug: bool = Field(False, alias="DEBUG")
    allowed_hosts: Annotated[list[str], BeforeValidator(_host_names)] = Field(list(THIS_MACHINE), alias="ALLOWED_HOSTS")
    csrf_trusted_origins: Annotated[list[str], BeforeValidator(_origins)] = Field([], alias="CSRF_TRUSTED_ORIGINS")
    behind_proxy: bool = Field(False, alias="BEHIND_PROXY")
    database_url: str = Field("", alias="DATABASE_URL", pattern=r"^$|^(postgres|postgresql|sqlite)://")
    redis_url_text: str = Field("", alias="REDIS_URL", pattern=r"^$|^(redis|rediss|unix)://")
    web_processes_value: Annotated[int, Field(ge=1, le=64)] | None = Field(None, alias="WEB_PROCESSES")
    worker_concurrency_value: Annotated[int, Field(ge=1, le=256)] | None = Field(None, alias="WORKER_CONCURRENCY")
    worker_stop_seconds: Annotated[int, Field(ge=0, le=3600)] = Field(15, alias="WORKER_STOP_SECONDS")
    stub_user_id: str = Field("pilot-user", alias="STUB_USER_ID", min_length=1, max_length=64, pattern=r"^\S+$")
    trainee_auth: Literal["stub", "login"] = Field("stub", alias="TRAINEE_AUTH")
    oidc_issuer: Annotated[str, Field(pattern=r"^$|^https?://[^\s/]+")] = Field("", alias="OIDC_ISSUER")
    oidc_client_id: str = Field("", alias="OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr = Field(SecretStr(""), alias="OIDC_CLIENT_SECRET")
    oidc_name: str = Field("", alias="OIDC_NAME", max_length=40)

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
    qwen_voices: str = Field("Cherry,Ethan,Nofish,Jennifer,Ryan,Katerina,Elias", alias="QWEN_VOICES")

    chatai_api_key: SecretStr | None = Field(None, alias="CHATAI_API_KEY")
    chatai_api_base: Url = Field("https://api.chataiapi.com/v1", alias="CHATAI_API_BASE")
    chatai_api_model: str = Field(
        "gpt-5-mini", validation_alias=AliasChoices("EVALUATOR_MODEL", "CHATAI_API_MODEL"), min_length=1
    )
    evaluator_effort: str = Field("", alias="EVALUATOR_EFFORT")
    objective_api_key: SecretStr | None = Field(None, alias="OBJECTIVE_CHECK_API_KEY")
    objective_api_base: Url | None = Field(None, alias="OBJECTIVE_CHECK_API_BASE")
    objective_model: str = Field("", alias="OBJECTIVE_CHECK_MODEL")

    local_llm: Annotated[str, AfterValidator(_local_llm)] = Field("auto", alias="LOCAL_LLM", min_length=1)
    local_models_url_text: Annotated[str, Field(pattern=r"^$|^https?://[^\s/]+")] = Field("", alias="LOCAL_MODELS_URL")

    lean_app_id: str = Field("", alias="LEAN_APP_ID")
    lean_app_key: SecretStr = Field(SecretStr(""), alias="LEAN_APP_KEY")
    lean_master_key: SecretStr = Field(SecretStr(""), alias="LEAN_MASTER_KEY")
    lean_server_url: Annotated[str, Field(pattern=r"^$|^https?://[^\s/]+")] = Field("", alias="LEAN_SERVER_URL")
    audio_store_text: Literal["", "local", "leancloud", "s3"] = Field("", alias="AUDIO_STORE")
    s3_bucket: str = Field("", alias="S3_BUCKET")
    s3_addressing_style: Literal["auto", "path", "virtual"] = Field("auto", alias="S3_ADDRESSING_STYLE")
    s3_endpoint_url: Annotated[str, Field(pattern=r"^$|^https?://[^\s/]+")] = Field("", alias="S3_ENDPOINT_URL")

    daily_cost_ceiling: Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=6)] | None = Field(
        None, alias="DAILY_COST_CEILING"
    )
    model_prices: Annotated[prices.ModelPrices, BeforeValidator(prices.read)] = Field(
        prices.ModelPrices(), alias="MODEL_PRICES"
    )
    model_ends: Annotated[dict[str, model_retirement.ModelEnd], BeforeValidator(model_retirement.read)] = Field(
        model_retirement.read(model_retirement.KNOWN), alias="MODEL_ENDS"
    )
    operator_time_zone: Annotated[str, AfterValidator(_time_zone)] = Field("UTC", alias="OPERATOR_TIME_ZONE")
    retain_audio_days: Days = Field(None, alias="RETAIN_AUDIO_DAYS")
    retain_sessions_days: Days = Field(None, alias="RETAIN_SESSIONS_DAYS")
    retain_audit_days: Days = Field(None, alias="RETAIN_AUDIT_DAYS")
    retain_figures_days: Days = Field(None, alias="RETAIN_FIGURES_DAYS")
    retain_given_up_days: Days = Field(None, alias="RETAIN_GIVEN_UP_DAYS")
