"""``python -m cvmimg``, and the console script."""

from __future__ import annotations

import gc
import os
import sys

# A short command makes few objects that refer to each other, and loads many modules that stay.
_OBJECTS_BEFORE_COLLECTION = 20_000


def main() -> None:
    """Run the command line, and exit with its code."""
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    try:
        exit_code = _run()
    except KeyboardInterrupt:
        exit_code = 130
    gc.freeze()  # The interpreter would look for garbage in all of it before it ends.
    sys.exit(exit_code)


def _run() -> int:
    # No plugin of other packages has anything to add here, and looking for them takes time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

    from cvmimg.cli.app import run
    from cvmimg.cli.streams import guarded_streams

    with guarded_streams():
        return run(sys.argv[1:])


if __name__ == "__main__":
    main()
