"""What the journal keeps of a decision."""

from __future__ import annotations

import json

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
        fix={},
        checks=(),
        ssh=SshTarget("db.example.com", "admin", 2222, "~/.ssh/id_ed25519"),
    )
    assert CreatePlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
