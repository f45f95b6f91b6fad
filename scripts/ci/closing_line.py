"""Adds up the closing lines of several pytest runs and prints one like pytest's own.

`closing_line.py FILE SECONDS`: the file with the lines, and how long all of them took together.
"""

import re
import sys
from collections import Counter
from pathlib import Path

ORDER = ["failed", "passed", "skipped", "xfailed", "xpassed", "warnings", "errors"]


def closing_line(lines: list[str], seconds: float) -> str:
    counts: Counter[str] = Counter()
    for line in lines:
        for number, word in re.findall(r"(\d+) (failed|passed|skipped|xfailed|xpassed|warnings?|errors?)\b", line):
            counts["warnings" if word == "warning" else "errors" if word == "error" else word] += int(number)
    parts = [f"{counts[word]} {word}" for word in ORDER if counts[word]] or ["no tests ran"]
    return f" {', '.join(parts)} in {seconds:.2f}s ".center(80, "=")


if __name__ == "__main__":
    path = Path(sys.argv[1])
    print(closing_line(path.read_text().splitlines() if path.exists() else [], float(sys.argv[2])))
