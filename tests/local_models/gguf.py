"""Writes GGUF headers as llama.cpp does."""

import struct


def gguf(name: str = "", licence: str = "", *, architecture: str = "llama", size_label: str = "") -> bytes:
    """A header with these general keys, then an array, numbers and a vocabulary."""
    texts = {"architecture": architecture, "name": name, "license": licence, "size_label": size_label}
    pairs = [_text(f"general.{key}") + struct.pack("<I", 8) + _text(value) for key, value in texts.items() if value]
    pairs.insert(1, _text("general.tags") + struct.pack("<IIQ", 9, 8, 2) + _text("chat") + _text("en"))
    pairs.insert(2, _text("general.sizes") + struct.pack("<IIQ", 9, 4, 3) + struct.pack("<III", 1, 2, 3))
    pairs.append(_text("llama.block_count") + struct.pack("<II", 4, 24))
    pairs.append(_text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 1) + _text("a"))
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs)) + b"".join(pairs)


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()
