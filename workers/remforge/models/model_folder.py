"""A folder with a model in the form of the transformers library: what it must be before anything in it is loaded."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.remforge.models.model import ModelUnavailable

CODE = b"1"
"""The version of how models are fed and read: another one, another digest."""
MAX_CONFIG = 8 * 2**20
MAX_WEIGHTS = 16 * 2**30
CONFIGS = ("config.json", "preprocessor_config.json", "processor_config.json", "tokenizer_config.json")
"""Any of them may ask for code of the folder's own to be run."""
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.h5", "*.msgpack")
USED = ("*.safetensors", "*.json", "*.txt", "*.model")
"""What the digest covers: weights, configuration, tokenizer."""
LIMITS = {
    **dict.fromkeys(
        ("hidden_size", "d_model", "projection_dim", "projection_size", "conv_dim", "embedding_size"), 8192
    ),
    **dict.fromkeys(("intermediate_size", "encoder_ffn_dim", "decoder_ffn_dim"), 32_768),
    **dict.fromkeys(("num_hidden_layers", "encoder_layers", "decoder_layers", "num_attention_heads"), 128),
    **dict.fromkeys(("max_position_embeddings", "max_source_positions", "max_target_positions"), 16_384),
    **dict.fromkeys(("num_mel_bins", "num_labels"), 1024),
    "vocab_size": 1_000_000,
    "image_size": 1024,
}
"""What a configuration may ask for at most; larger models are not what this is for."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder that has been looked at."""

    path: Path
    name: str
    revision: str | None
    """The commit on a hub."""
    config: Mapping[str, Any]

    @property
    def weights(self) -> list[Path]:
        """Return its files of weights."""
        return sorted(self.path.glob("*.safetensors"))

    @property
    def test_only(self) -> bool:
        """Return whether it was made for tests, and means nothing."""
        return self.config.get("dasein_test") is True

    @property
    def model_type(self) -> str:
        """Return the family, in the words of the library."""
        return str(self.config.get("model_type"))

    def read(self, name: str) -> dict[str, Any]:
        """Return a JSON file of the folder, {} where there is none."""
        path = self.path / name
        return _read(path) if path.exists() else {}

    def part(self, name: str) -> Mapping[str, Any]:
        """Return a part of the configuration, {} where there is none."""
        part = self.config.get(name)
        return part if isinstance(part, dict) else {}

    def processing(self, part: str) -> Mapping[str, Any]:
        """Return how input is to be made: from a file for all kinds of input, or from one for this kind alone."""
        found = self.read("processor_config.json").get(part)
        return found if isinstance(found, dict) else self.read("preprocessor_config.json")


def open_folder(path: Path, *, name: str, revision: str | None = None) -> ModelFolder:
    """Return a folder that may be loaded; raise ModelUnavailable with what speaks against it."""
    if not (path / "config.json").is_file():
        message = f"{path} holds no model: there is no config.json."
        raise ModelUnavailable(message)
    folder = ModelFolder(path, name, revision, _read(path / "config.json"))
    pickles = sorted(file.name for pattern in PICKLES for file in path.glob(pattern))
    if not folder.weights:
        found = f"{', '.join(pickles)} may run code when read. Convert it" if pickles else "Save the model"
        message = f"{name} has no weights in safetensors; {found} with save_pretrained."
        raise ModelUnavailable(message)
    for config in CONFIGS:
        if "auto_map" in folder.read(config):
            message = f"{name} brings code of its own ({config}: auto_map), and none is run."
            raise ModelUnavailable(message)
    if (path / "adapter_config.json").exists() or "quantization_config" in folder.config:
        message = f"{name} is an adapter or quantized; give the whole model."
        raise ModelUnavailable(message)
    if sum(file.stat().st_size for file in folder.weights) > MAX_WEIGHTS:
        message = f"{name} has more than {MAX_WEIGHTS // 2**30} GiB of weights."
        raise ModelUnavailable(message)
    _check_limits(folder.config, name)
    return folder


def digest_of(folder: ModelFolder, known: dict[tuple[str, int, int], str]) -> str:
    """Return what tells the model from every other; digests of unchanged files are taken from `known` and put there."""
    total = hashlib.sha256(CODE)
    for path in sorted({file for pattern in USED for file in folder.path.glob(pattern)}):
        stat = path.stat()
        key = (str(path), stat.st_size, stat.st_mtime_ns)
        if key not in known:
            with path.open("rb") as file:
                known[key] = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.name}\0{known[key]}\n".encode())
    return total.hexdigest()


def licence_of(folder: ModelFolder) -> str | None:
    """Return the licence that the model's card names, or the first line of its LICENSE, or None."""
    card = folder.path / "README.md"
    if card.is_file():
        with card.open(encoding="utf-8", errors="replace") as file:
            head = file.read(20_000)
        front = re.match(r"---\n(.*?)\n---", head, re.DOTALL)
        named = front and re.search(r"^license:[ \t]*[\"']?([\w .+-]{1,60})", front[1], re.MULTILINE)
        if named:
            return named[1].strip()
    for path in sorted(folder.path.glob("LICENSE*")):
        with path.open(encoding="utf-8", errors="replace") as file:
            lines = (line.strip() for line in file.read(20_000).splitlines())
            return next((line[:100] for line in lines if line), None)
    return None


def first_line(error: BaseException) -> str:
    """Return what an error of a library says, without the advice that follows."""
    lines = (line.strip() for line in str(error).splitlines())
    return next((line[:300] for line in lines if line), type(error).__name__)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8")) if path.stat().st_size <= MAX_CONFIG else None
    except (OSError, ValueError, RecursionError) as error:
        message = f"{path} cannot be read: {error}"
        raise ModelUnavailable(message) from error
    if not isinstance(content, dict):
        message = f"{path} is no table of at most {MAX_CONFIG // 2**20} MiB."
        raise ModelUnavailable(message)
    return content


def _check_limits(config: Mapping[str, Any], name: str) -> None:
    for key, value in _numbers(config):
        if not 0 <= value <= LIMITS.get(key, value):
            message = f"{name} asks for {key} = {value}; at most {LIMITS[key]} is loaded."
            raise ModelUnavailable(message)


def _numbers(config: Mapping[str, Any]) -> Iterator[tuple[str, int | float]]:
    """Yield every number that has a limit, of parts and of lists too."""
    for key, value in config.items():
        if isinstance(value, dict):
            yield from _numbers(value)
        elif key in LIMITS:
            for one in value if isinstance(value, Sequence) and not isinstance(value, str) else [value]:
                if isinstance(one, int | float):
                    yield key, one
