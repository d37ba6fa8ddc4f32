"""cvm: instances and images."""

from cvmimg.sandbox.services.cvm import (  # noqa: F401 - importing them registers their actions
    create_image,
    instances,
    places,
    read_images,
    run_instances,
)
