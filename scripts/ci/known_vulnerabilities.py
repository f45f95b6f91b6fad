"""Asks the vulnerability service about the locked packages and reports the answer.

Never fails: a vulnerability published today is not this change's fault (`scripts/lock --upgrade` fixes it), nor is a
service that cannot be reached.
"""

import json
import subprocess
import sys


def main(lock: str) -> None:
    done = subprocess.run(
        ["pip-audit", "--disable-pip", "--require-hashes", "--format", "json", "--timeout", "10", "-r", lock],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print("The vulnerability service could not be asked: nothing was checked.")
        return
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        print(f"The service did not know {len(skipped)} of {len(packages)} packages: these were not checked.")
    for package in packages:
        for weakness in package.get("vulns", []):
            fixed = ", ".join(weakness.get("fix_versions", [])) or "not yet"
            print(f"WARNING: {package['name']} {package['version']}: {weakness['id']}, fixed in: {fixed}")
    checked = [package for package in packages if "vulns" in package]
    print(
        f"{len(checked)} packages checked, {sum(bool(package['vulns']) for package in checked)} with known weaknesses."
    )


if __name__ == "__main__":
    main(sys.argv[1])
