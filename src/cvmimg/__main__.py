"""``python -m cvmimg``, and the console script."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line, and exit with its code."""
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        sys.exit(130)


def _run() -> int:
    # No plugin of other packages has anything to add here, and looking for them takes time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

    from cvmimg.cli.app import run
    from cvmimg.cli.streams import guarded_streams

    with guarded_streams():
        return run(sys.argv[1:])


if __name__ == "__main__":
    main()
