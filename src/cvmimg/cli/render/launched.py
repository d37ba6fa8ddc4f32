"""The plan of a launch, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cvmimg.cli.messages import text
from cvmimg.cli.render import ID, NAME, Column, Result
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.cloud.models import Instance, ItemPrice
    from cvmimg.cloud.price import PriceQuote
    from cvmimg.workflows.launch.operation import LaunchResult
    from cvmimg.workflows.launch.plan import LaunchPlan

INSTANCE_KEYS = ("id", "name", "state", "zone", "type", "private_ips", "public_ips")
PLAN_KEYS = ("setting", "value", "origin")
_WORDS = {
    "login": "launch.random-password",
    "public_ip_bandwidth": "launch.bandwidth",
    "user_data": "launch.user-data",
}
_STYLES = {"RUNNING": "green", "LAUNCH_FAILED": "bold red"}


def launched(result: LaunchResult) -> Result:
    """Return the instances, as the contract has them."""
    rows = [instance_json(instance) for instance in result.instances]
    return Result(
        document={"image_id": result.image_id, "instances": rows},
        rows=rows,
        columns=INSTANCE_COLUMNS,
        keys=INSTANCE_KEYS,
    )


def instance_json(instance: Instance) -> dict[str, Any]:
    """Return the contract's JSON object of an instance."""
    return {
        "id": instance.instance_id,
        "name": instance.instance_name,
        "state": instance.instance_state,
        "zone": instance.placement.zone,
        "type": instance.instance_type,
        "private_ips": instance.private_ip_addresses,
        "public_ips": instance.public_ip_addresses,
    }


def planned(plan: LaunchPlan) -> Result:
    """Return the plan as a result (``--dry-run``), without instances."""
    settings = [
        {
            "setting": _label(each.name),
            "value": _value_text(each.name, each.value),
            "origin": text(Message(f"launch.from-{each.origin.value}", template=plan.template)),
        }
        for each in plan.settings
    ]
    document = {
        "image_id": plan.image.image_id,
        "instances": [],
        "plan": settings,
        "price": price_text(plan.quote),
        "price_each": price_json(plan.quote),
    }
    return Result(
        document=document,
        rows=[{"id": row["setting"], **row} for row in settings],
        columns=PLAN_COLUMNS,
        keys=PLAN_KEYS,
        footer=_price_footer(plan.quote),
    )


def _label(name: str) -> str:
    return text(Message("launch.fixes")) if name == "fixes" else name.replace("_", " ")


def _value_text(name: str, value: Any) -> str:
    if name == "image":
        return f"{value.image_id} ({value.image_name})"
    if name in _WORDS:
        return text(Message(_WORDS[name], value=value))
    if isinstance(value, bool):
        return text(Message(f"launch.{name.replace('_', '-')}-{'yes' if value else 'no'}"))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={tag}" for key, tag in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def price_text(quote: PriceQuote) -> str:
    """Return what the instances cost, in words; empty if that is not known."""
    price = quote.price
    if price is None:
        return ""
    bandwidth = _Rate.of(price.bandwidth_price)
    each = _Rate.of(price.instance_price, instances=quote.instances)
    parts = []
    if each is not None:
        parts.append(text(Message("price.each", **each.words(quote.currency))))
    if each is not None and quote.instances > 1:
        total = replace(each, amount=each.amount * quote.instances)
        parts.append(text(Message("price.total", **total.words(quote.currency))))
    if bandwidth is not None and bandwidth.amount:
        parts.append(text(Message("price.bandwidth", **bandwidth.words(quote.currency))))
    return ", ".join(parts)


def price_json(quote: PriceQuote) -> dict[str, Any] | None:
    """Return what one instance costs, as JSON; None if that is not known."""
    rate = _Rate.of(quote.price.instance_price, quote.instances) if quote.price else None
    if rate is None:
        return None
    return {"amount": rate.amount, "currency": quote.currency, "per": rate.per}


@dataclass(frozen=True)
class _Rate:
    """An amount of money per "hour", "month" or "GB"."""

    amount: float
    per: str

    @classmethod
    def of(cls, item: ItemPrice, instances: int = 1) -> _Rate | None:
        """Return the price of one of these instances, after discounts."""
        month = item.original_price if item.discount_price is None else item.discount_price
        if month is not None:
            return cls(month / instances, "month")
        unit = item.unit_price if item.unit_price_discount is None else item.unit_price_discount
        if unit is None:
            return None
        return cls(unit / instances, "GB" if item.charge_unit == "GB" else "hour")

    def words(self, currency: str) -> dict[str, str]:
        """Return the parameters of a sentence."""
        return {"amount": f"{self.amount:.4g}", "currency": currency, "per": self.per}


def _price_footer(quote: PriceQuote) -> Message:
    known = price_text(quote)
    if known or quote.error is None:
        return Message("price.known", price=known) if known else Message("price.none")
    return Message("price.unknown", error=quote.error.message)


def _ips(row: Any) -> list[str]:
    return [*row["private_ips"], *row["public_ips"]]


INSTANCE_COLUMNS = (
    ID,
    NAME,
    Column("STATE", "state", style=_STYLES),
    Column("ZONE", "zone", rank=2),
    Column("TYPE", "type", rank=3),
    Column("IPS", "private_ips", _ips, rank=1),
)
PLAN_COLUMNS = (
    Column("SETTING", "setting", style="bold"),
    Column("VALUE", "value", fit="shorten"),
    Column("FROM", "origin", style="dim"),
)
