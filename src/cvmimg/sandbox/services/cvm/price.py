"""cvm: InquiryPriceRunInstances."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox import orders, pricing
from cvmimg.sandbox.call import Call, action


@action("cvm", "InquiryPriceRunInstances")
def inquiry_price_run_instances(call: Call) -> dict[str, Any]:
    """What instances would cost, all together."""
    return {"Price": pricing.price(orders.read(call))}
