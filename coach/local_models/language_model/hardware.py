"""Estimates which models this machine can run: memory, and how fast it reads a model's weights for each token."""

import os
from dataclasses import dataclass

# Each generated token reads all weights once. Measured: 1.1 GB at 9 to 12 tokens a second on two cores.
BYTES_PER_SECOND_PER_CORE = 5.5e9
SLOWEST_BEARABLE = 6.0  # tokens a second: a spoken sentence in about two seconds
BESIDE_THE_MODEL = 3.5e9  # bytes: the other local models, the coach itself and the system
CACHE_SHARE = 1.2  # times the file size: weights and the conversations' cache


@dataclass(frozen=True)
class Hardware:
    """`memory` in bytes."""

    memory: int
    cores: int

    def misfit(self, model_bytes: int) -> str:
        """Why a language model of that size would not do here; empty if it would."""
        needed = model_bytes * CACHE_SHARE + BESIDE_THE_MODEL
        if needed > self.memory:
            return f"needs {needed / 1e9:.0f} GB of memory, this machine has {self.memory / 1e9:.0f}"
        if self.tokens_per_second(model_bytes) < SLOWEST_BEARABLE:
            return f"too slow on {self.cores} cores"
        return ""

    def tokens_per_second(self, model_bytes: int) -> float:
        return self.cores * BYTES_PER_SECOND_PER_CORE / model_bytes


def this_machine() -> Hardware:
    """This machine's memory and cores; in a container, its limits."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            with open(limit) as file:
                memory = min(memory, int(file.read()))
        except (OSError, ValueError):
            continue
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    return Hardware(memory, cores)
