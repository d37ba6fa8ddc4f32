"""cvm: instances and images."""

from cvmimg.sandbox.services.cvm import (  # noqa: F401 - importing them registers their actions
    change_images,
    copy_images,
    create_image,
    instances,
    launch_templates,
    places,
    price,
    read_images,
    repairs,
    run_instances,
    share_images,
    transfer_images,
)
