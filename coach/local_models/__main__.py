"""`python -m coach.local_models --port P --var-dir DIR [--parts roleplay,asr,text] [--llm …]`: serve until SIGTERM."""

import argparse
import os
import sys
from pathlib import Path
from typing import cast

# llama.cpp's threads wait for each other at every layer. If they spin, they starve as soon as a browser wants one of
# the cores (twenty times slower, measured on two); if they sleep at once, they lose a third of their speed on a quiet
# machine. A short spin avoids both. Read once, when the library is first loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "3000")
# numpy's threads wait by spinning: on a busy machine two of them took eight times as long as one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> int:
    import uvicorn

    from coach.local_models.api.chat_requests import Part
    from coach.local_models.api.server import application
    from coach.local_models.download.model_files import PART_NAMES
    from coach.local_models.machine import Machine

    parser = argparse.ArgumentParser(
        prog="python -m coach.local_models", description="Serve the local models on loopback."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--var-dir", type=Path, default=os.environ.get("VAR_DIR", "var"))
    parser.add_argument("--parts", default=",".join(PART_NAMES), help="which of " + ", ".join(PART_NAMES))
    parser.add_argument("--llm", default=os.environ.get("LOCAL_LLM") or "auto")
    asked = parser.parse_args()
    parts = [part for part in asked.parts.split(",") if part]
    if not parts or set(parts) - set(PART_NAMES):
        parser.error(f"--parts must name some of {', '.join(PART_NAMES)}, for example --parts roleplay,asr")
    machine = Machine(asked.var_dir, asked.llm, cast(list[Part], parts))
    uvicorn.run(
        application(machine),
        host=asked.host,
        port=asked.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
