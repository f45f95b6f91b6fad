"""The part of scripts/up and scripts/test that runs before anything is installed: Python's standard library only."""

import errno
import signal
import sys

from commands import ROOT
from console import Trouble


def main():
    command, arguments = sys.argv[1], sys.argv[2:]
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        if command == "up":
            import serve

            return serve.main(arguments)
        import checks

        return checks.main(arguments)
    except Trouble as trouble:
        print(f"\nscripts/{command}: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nStopped. Run scripts/{command} again: it goes on from here.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"\nscripts/{command}: {_said(error)}", file=sys.stderr)
        return 1


def _interrupted(signum, frame):
    raise KeyboardInterrupt


def _said(error):
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; free some space and run this again, what was fetched is kept."
    if error.errno == errno.EROFS:
        return f"{error.filename or ROOT} is on a read-only file system; mount it for writing and run this again."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{error.filename or ROOT} cannot be written ({error.strerror}); run this as the user who owns it."
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
