"""What the journal holds of a decision."""

from __future__ import annotations

import json

from pydantic import TypeAdapter

from cvmimg.guest.access import AccessMethod
from cvmimg.guest.fstab.fix import FixPlan
from cvmimg.guest.ssh import SshTarget
from cvmimg.workflows.create.plan import CreatePlan
from cvmimg.workflows.create.request import CreateRequest


def test_the_login_of_a_fix_survives_the_journal() -> None:
    plan = CreatePlan(
        request=CreateRequest(name="x", instance_id="ins-data0001", fix_fstab=True),
        shut_down=False,
        running=True,
        data_disk_ids=(),
        disk_ids=("disk-sys00001",),
        gib=50,
        fix=FixPlan("op-20261123-abcdef", (2,), "before", "after", mounts=("/data",)),
        checks=(),
        access=AccessMethod(SshTarget("db.example.com", "admin", 2222, "~/.ssh/id_ed25519")),
    )
    adapter = TypeAdapter(CreatePlan)
    written = json.dumps(adapter.dump_python(plan, mode="json"))
    assert adapter.validate_python(json.loads(written)) == plan
