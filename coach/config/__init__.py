"""The settings of one installation, read from the environment (and `.env`) once and checked.

The only reader of the environment. `config` is typed and frozen; incomplete or malformed settings raise `ConfigError`,
whose message names every faulty variable, the fault and an example of a valid value, and never a secret.
"""

import hashlib
import os
import secrets
import sys
import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import AliasChoices, ValidationError

from coach.config import dotenv_file
from coach.config.model_endpoints import ModelEndpoint, ModelSettings
from coach.config.model_prices import PICO
from coach.config.variables import EXAMPLES, MAY_BE_EMPTY, ROOT

# Linux allows 107 bytes, macOS 103.
LONGEST_SOCKET_PATH = 100
SECRET_BYTES_MAX = 65_536
UNESCAPED = "cannot be read: in a user name or password write # as %23, / as %2F, ? as %3F, @ as %40, : as %3A"


__all__ = ["ROOT", "Config", "ConfigError", "ModelEndpoint", "config", "load", "names"]


class ConfigError(Exception):
    """Settings that cannot be used; `str()` is one message for the operator."""


class Config(ModelSettings):
    """The variables, and values derived from them."""

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
        """In VAR_DIR, or in this user's directory under /tmp if that path is too long for a socket."""
        path = self.var_dir / "run" / "redis.sock"
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH and quote(str(path)) == str(path):
            return path
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return Path("/tmp") / f"practice-coach-{os.getuid()}" / f"{name}.sock"  # noqa: S108 - checked for its owner

    @property
    def max_active(self) -> int:
        return self.max_active_value or (2 if self.roleplay.local else 20)

    @property
    def web_processes(self) -> int:
        """Web processes on one listening socket; by default one per two cores, at most four."""
        return self.web_processes_value or max(1, min(4, _cores() // 2))

    @property
    def worker_concurrency(self) -> int:
        """How many jobs of one queue run at a time. They wait for models and stores, so more than the cores."""
        return self.worker_concurrency_value or max(4, min(16, 4 * _cores()))

    @property
    def daily_cost_ceiling_pico(self) -> int | None:
        ceiling = self.daily_cost_ceiling
        return None if ceiling is None else int(ceiling * PICO)

    @cached_property
    def secret_key(self) -> str:
        """The given key, or one generated and stored in VAR_DIR (mode 600)."""
        if self.secret_key_value:
            return self.secret_key_value.get_secret_value()
        return _kept_secret(self.var_dir / "keys" / "secret-key")


def load(environment: Mapping[str, str]) -> Config:
    """Read and check; raises ConfigError naming all faults at once.

    An empty value counts as not set, except in `MAY_BE_EMPTY`.
    """
    plain = {name: _plain(value) for name, value in environment.items() if value is not None}
    given = {name: value for name, value in plain.items() if value or name in MAY_BE_EMPTY}
    faults = _read_from_files(given) | _odd_characters(given)
    config: Config | None = None
    try:
        config = Config.model_validate(given)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            faults[str(fault["loc"][0])] = fault["msg"].removeprefix("Value error, ")
    faults |= _half_set(given)
    for name in ("DATABASE_URL", "REDIS_URL"):
        if name in given and name not in faults and (why := _url_fault(given[name])):
            faults[name] = why
    if config is not None and not faults:
        faults |= _unpriced(config)
    if faults or config is None:
        raise ConfigError(_message(faults))
    return config


def names() -> frozenset[str]:
    """The names of all variables that are read."""
    found: set[str] = set()
    for field in Config.model_fields.values():
        alias: Any = field.validation_alias or field.alias
        found |= {str(choice) for choice in getattr(alias, "choices", [alias])}
    return frozenset(found)


def _read_from_files(given: dict[str, str]) -> dict[str, str]:
    """Read `NAME` from the file named in `NAME_FILE`, the way containers get secrets; returns faults by name."""
    faults = {}
    for name in names():
        path = given.get(f"{name}_FILE")
        if path is None:
            continue
        if name in given:
            faults[f"{name}_FILE"] = f"is set although {name} is: set one of them"
            continue
        try:
            with open(path, "rb") as file:
                content = file.read(SECRET_BYTES_MAX + 1)
            value = _plain(content.decode("utf-8-sig"))
        except (OSError, ValueError) as error:
            faults[f"{name}_FILE"] = f"names a file that cannot be read ({type(error).__name__})"
            continue
        if len(content) > SECRET_BYTES_MAX:
            faults[f"{name}_FILE"] = f"names a file of more than {SECRET_BYTES_MAX} bytes"
        elif not value:
            faults[f"{name}_FILE"] = "names a file that is empty"
        else:
            given[name] = value
    return faults


def _plain(value: str) -> str:
    """Without white space around it, nor the quotes that some programs leave when they read an environment file."""
    value = value.strip()
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1].strip() if is_quoted else value


def _odd_characters(given: Mapping[str, str]) -> dict[str, str]:
    """What came along when a value was copied, and would only show when it is used."""
    faults = {}
    for name in names() & set(given):
        value = given[name]
        if any(ord(character) < ord(" ") for character in value):
            faults[name] = "holds a line break or another control character"
        elif name.endswith("_KEY") and name != "SECRET_KEY" and not (value.isascii() and value.isprintable()):
            faults[name] = "holds a character that no key has: copy it again"
    return faults


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
    oidc = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    unset = [name for name in oidc if name not in given]
    if unset and len(unset) < len(oidc):
        faults |= dict.fromkeys(unset, "is not set although other OIDC_* variables are: set all three or none")
    if len(unset) < len(oidc) and given.get("TRAINEE_AUTH") != "login":
        faults["TRAINEE_AUTH"] = "is not login although OIDC_* variables are set"
    return faults


def _unpriced(config: Config) -> dict[str, str]:
    """A ceiling is useless if some calls have no price."""
    if config.daily_cost_ceiling is None:
        return {}
    endpoints = (config.roleplay, config.asr, config.evaluator, config.objective_check)
    asked = {endpoint.model for endpoint in endpoints if not endpoint.local}
    missing = sorted(model for model in asked if not config.model_prices.knows(model))
    if not missing:
        return {}
    return {"MODEL_PRICES": f"has no price for {', '.join(missing)} although DAILY_COST_CEILING is set"}


def _url_fault(url: str) -> str:
    """Why it cannot be used, without a word of it; empty where nothing is wrong."""
    try:
        parts = urlsplit(url)
        # A sign with a meaning of its own ends the password: the rest is taken for a port, a path or a fragment.
        is_cut = bool(parts.fragment) or parts.port == 0
    except ValueError:
        return UNESCAPED
    if is_cut or (parts.hostname and "@" in parts.path + parts.query):
        return UNESCAPED
    return "" if parts.hostname or parts.path.strip("/") else "names no host, socket or file"


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


def _cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if kept := path.read_text().strip() if path.exists() else "":
        return kept
    # Written whole before it gets its name: another process, or a next one after a crash, never reads half a key.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
        _name(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)
    return path.read_text().strip()


def _name(draft: str, path: Path) -> None:
    try:
        if path.exists():
            os.replace(draft, path)  # an empty one
        else:
            os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key counts
    except OSError:
        os.replace(draft, path)  # a file system without links


def environment(dotenv: Path = ROOT / ".env") -> dict[str, str]:
    """`.env` at the root, overridden by the process environment. Raises ConfigError."""
    try:
        found, faults = dotenv_file.read(dotenv)
    except UnicodeDecodeError:
        raise ConfigError(f"Settings cannot be used: {dotenv} is not UTF-8. Save it as UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"Settings cannot be used: {dotenv} cannot be read ({error.strerror}).") from None
    if faults:
        raise ConfigError("\n".join([f"Settings cannot be used: in {dotenv}", *(f"  {fault}." for fault in faults)]))
    return found | dict(os.environ)


def _load_or_exit() -> Config:
    try:
        found = environment()
        dotenv_file.hand_on(found, os.environ)
        return load(found)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


config = _load_or_exit()
