"""Chooses the endpoint for each model: the service whose key is set, else the local model server."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from coach.config.variables import Variables

LOCAL_ROLEPLAY_MODEL = "local-roleplay"
LOCAL_ASR_MODEL = "local-asr"
LOCAL_TEXT_MODEL = "local-text"
# The names in the local model server (`coach.local_models.speech.local_voice`).
LOCAL_VOICES = (
    "female-young", "female", "female-low", "female-old", "neutral", "male-young", "male", "male-low", "male-old",
)  # fmt: skip
LOCAL_EMBEDDINGS_MODEL = "local-embeddings"


@dataclass(frozen=True)
class ModelEndpoint:
    """Where one model is, and the variables that change that."""

    base_url: str
    model: str
    api_key: SecretStr | None
    local: bool
    key_variable: str
    model_variable: str
    voice: str = ""
    voices: tuple[str, ...] = ()
    audio_prefix: str = ""
    effort: str = ""


class ModelSettings(Variables):
    """The variables, and the endpoints derived from them."""

    @property
    def roleplay(self) -> ModelEndpoint:
        key = self.dashscope_api_key
        return self._endpoint(
            key,
            self.dashscope_api_base,
            self.qwen_model,
            LOCAL_ROLEPLAY_MODEL,
            ("DASHSCOPE_API_KEY", "QWEN_MODEL"),
            voice=self.qwen_voice_id,
            voices=tuple(name.strip() for name in self.qwen_voices.split(",") if name.strip()) if key else LOCAL_VOICES,
            audio_prefix=self.dashscope_audio_prefix if key else "",
        )

    @property
    def asr(self) -> ModelEndpoint:
        key = self.dashscope_api_key
        return self._endpoint(
            key,
            self.dashscope_api_base,
            self.qwen_asr_model or self.qwen_model,
            LOCAL_ASR_MODEL,
            ("DASHSCOPE_API_KEY", "QWEN_ASR_MODEL"),
            audio_prefix=self.dashscope_audio_prefix if key else "",
        )

    @property
    def evaluator(self) -> ModelEndpoint:
        return self._endpoint(
            self.chatai_api_key,
            self.chatai_api_base,
            self.chatai_api_model,
            LOCAL_TEXT_MODEL,
            ("CHATAI_API_KEY", "CHATAI_API_MODEL"),
            effort=self.evaluator_effort,
        )

    @property
    def objective_check(self) -> ModelEndpoint:
        return self._endpoint(
            self.objective_api_key or self.chatai_api_key,
            self.objective_api_base or self.chatai_api_base,
            self.objective_model or self.chatai_api_model,
            LOCAL_TEXT_MODEL,
            ("OBJECTIVE_CHECK_API_KEY", "OBJECTIVE_CHECK_MODEL"),
        )

    def _endpoint(
        self,
        key: SecretStr | None,
        base_url: str,
        model: str,
        local_model: str,
        variables: tuple[str, str],
        **extra: Any,
    ) -> ModelEndpoint:
        """The service if there is a key, else the local model server. `variables`: those of the key and the model."""
        key_variable, model_variable = variables
        if key is None:
            base_url, model, model_variable = self.local_models_url, local_model, "LOCAL_LLM"
        return ModelEndpoint(base_url, model, key, key is None, key_variable, model_variable, **extra)

    @property
    def embeddings(self) -> ModelEndpoint:
        """Always local: a model with a key judges by itself what a small one needs sentence vectors for."""
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
        """The given URL, else the port of the installation that runs on this VAR_DIR, else the usual port."""
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
        if self.roleplay.local or self.evaluator.local or self.objective_check.local:
            parts |= {"embeddings"}
        return frozenset(parts)
