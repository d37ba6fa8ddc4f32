"""Run cvmimg, and write the answers that it gets to the folder CVMIMG_CONFORMANCE_RECORDINGS."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from cvmimg.__main__ import main
from cvmimg.cloud import http_session
from recording import Recorder

FOLDER_VARIABLE = "CVMIMG_CONFORMANCE_RECORDINGS"


def record() -> None:
    """Run the command line with every connection recorded; exit with its code."""
    recorder = Recorder()

    def connection(**_: Any) -> Recorder:
        return recorder

    try:
        with mock.patch.object(http_session, "HTTPAdapter", connection):
            main()
    finally:
        folder = tempfile.mkdtemp(dir=os.environ[FOLDER_VARIABLE])
        recorder.write(Path(folder))


if __name__ == "__main__":
    record()
