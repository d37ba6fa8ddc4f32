"""Find an image by what the user calls it: an id, an exact name or ``family:web``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.ids import IMAGE_ID, is_id
from cvmimg.cloud.models import Image
from cvmimg.errors import CvmimgError, NotFound, UsageError
from cvmimg.message import Message
from cvmimg.suggest import did_you_mean
from cvmimg.workflows.family.families import family_names
from cvmimg.workflows.several import attempt_all
from cvmimg.workflows.similar_ids import suggesting_ids

FAMILY_PREFIX = "family:"


def find_image(cloud: Cloud, reference: str) -> Image:
    """The one image that ``reference`` means in the cloud's region.

    Args:
        cloud: where to look.
        reference: an id (img-…), an exact name, or ``family:NAME`` for the family's newest usable
            image (DescribeImageFromFamily).

    Raises:
        NotFound: there is no such image.
        UsageError: several images have the name; the message lists them.
    """
    if is_id(IMAGE_ID, reference):
        with suggesting_ids(cloud):
            return cvm.describe_image(cloud, reference)
    if reference.startswith(FAMILY_PREFIX):
        return _newest_of_family(cloud, reference.removeprefix(FAMILY_PREFIX))
    return _by_name(cloud, reference)


@contextmanager
def image_may_be_gone(cloud: Cloud, image_id: str) -> Iterator[None]:
    """Suppress the NotFound of an image that does not exist any more (DescribeImages).

    One refusal does not prove it: an image that exists has to be changed.

    Raises:
        NotFound: the API refused the image, which exists.
    """
    try:
        yield
    except NotFound:
        if cvm.describe_images_by_id(cloud, [image_id]):
            raise


def find_each(
    cloud: Cloud, references: Sequence[str]
) -> tuple[list[Image], dict[str, CvmimgError]]:
    """Find several images side by side.

    Args:
        cloud: where to look.
        references: as of ``find_image``.

    Returns:
        The images, each once, and the errors of the references that mean none.
    """
    wanted = list(dict.fromkeys(references))
    found = attempt_all([partial(find_image, cloud, each) for each in wanted])
    images = {image.image_id: image for image in found if isinstance(image, Image)}
    errors = {
        reference: error
        for reference, error in zip(wanted, found, strict=True)
        if isinstance(error, CvmimgError)
    }
    return list(images.values()), errors


def _newest_of_family(cloud: Cloud, family: str) -> Image:
    image = cvm.describe_image_from_family(cloud, family)
    if image is None:
        raise NotFound(
            Message("FamilyEmpty", family=family, region=cloud.region),
            code="NotFound",
            hint=did_you_mean(family, lambda: family_names(_own_images(cloud))),
        )
    return image


def _by_name(cloud: Cloud, name: str) -> Image:
    similar = cvm.describe_images(cloud, name=name)  # the API finds parts of names, too
    exact = [image for image in similar if image.image_name == name]
    if len(exact) == 1:
        return exact[0]
    if exact:
        candidates = [f"{image.image_id} ({image.image_type})" for image in exact]
        raise UsageError(
            Message("AmbiguousImage", name=name, region=cloud.region, candidates=candidates)
        )
    raise NotFound(
        Message("ImageNameNotFound", name=name, region=cloud.region),
        code="NotFound",
        hint=did_you_mean(name, lambda: [image.image_name for image in _own_images(cloud)]),
    )


def _own_images(cloud: Cloud) -> list[Image]:
    return cvm.describe_images(cloud, image_type=cvm.PRIVATE)
