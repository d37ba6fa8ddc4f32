"""Terraform applies, plans and destroys the example, where it and its provider are installed.

Neither comes from a package registry, so CI skips this. `CVMIMG_TERRAFORM` is the program
(terraform or tofu) and `CVMIMG_TERRAFORM_PROVIDER` the folder of terraform-provider-tencentcloud.
"""

from __future__ import annotations

import os
import shutil

import pytest

from cvmimg.sandbox import OWNER
from tests.interop.served import Served
from tests.support.tccli import ROOT

pytestmark = [pytest.mark.interop, pytest.mark.client("Terraform")]

PLACE = (OWNER, "ap-guangzhou")
EXAMPLE = ROOT / "examples" / "terraform" / "main.tf"
SETTINGS = """
provider_installation {
  dev_overrides {
    "tencentcloudstack/tencentcloud" = "%s"
  }
  direct {}
}
"""


def test_it_plans_no_change_after_an_apply(served: Served) -> None:
    program, provider = (
        os.environ.get(name) for name in ("CVMIMG_TERRAFORM", "CVMIMG_TERRAFORM_PROVIDER")
    )
    if not program or not provider:
        pytest.skip("CVMIMG_TERRAFORM or CVMIMG_TERRAFORM_PROVIDER is not set")
    shutil.copy(EXAMPLE, served.home)
    settings = served.home / "settings.tfrc"
    settings.write_text(SETTINGS % provider)

    def terraform(*arguments: str) -> None:
        """Run a command of Terraform that must exit with 0."""
        command = [program, *arguments, "-input=false", "-no-color"]
        served.run(command, TF_CLI_CONFIG_FILE=str(settings), CHECKPOINT_DISABLE="1")

    terraform("apply", "-auto-approve")
    terraform("plan", "-detailed-exitcode")  # exits with 2 if there is a difference
    terraform("destroy", "-auto-approve")
    with served.sandbox.store.transaction(write=False) as view:
        now = served.sandbox.clock.now()
        images = [image["Name"] for image in view.page("image", *PLACE, now)]
        disks = [disk["Name"] for disk in view.page("disk", *PLACE, now)]
    assert "app-v1" not in images
    assert "backup" not in disks
