#!/usr/bin/env python3
"""Import skills and scenarios: `scripts/seed_scenarios.py --skills FILE --scenarios FILE` (see seed-data/README.md)."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    try:
        import django  # noqa: F401 - is it installed?
    except ModuleNotFoundError:
        python = ROOT / ".venv" / "bin" / "python"
        if not python.exists() or Path(sys.prefix).resolve() == python.parent.parent.resolve():
            sys.exit("The packages are not installed yet: run scripts/up once.")
        os.execv(python, [str(python), __file__, *sys.argv[1:]])
    sys.path.insert(0, str(ROOT))
    from coach import command_line

    sys.exit(command_line.main([sys.argv[0], "seed_scenarios", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
