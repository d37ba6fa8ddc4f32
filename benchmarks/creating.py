"""Run ``cvmimg create`` in this process, once for each name given; print the last one's seconds.

What a create costs beside starting Python and loading the program: the first run loads all.
The options but ``--name`` are in the environment variable OPTIONS, as a JSON array.
"""

from __future__ import annotations

import json
import os
import sys
import time

from cvmimg.cli.app import run


def main() -> None:
    """Make an image of each name."""
    options = json.loads(os.environ["OPTIONS"])
    for name in sys.argv[1:]:
        started = time.perf_counter()
        code = run(["create", "--name", name, *options])
        seconds = time.perf_counter() - started
        if code:
            sys.exit(code)
    print(seconds)


if __name__ == "__main__":
    main()
