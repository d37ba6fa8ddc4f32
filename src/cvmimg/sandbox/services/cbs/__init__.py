"""cbs: cloud disks and snapshots."""

from cvmimg.sandbox.services.cbs import (  # noqa: F401 - importing them registers their actions
    disks,
    snapshots,
)
