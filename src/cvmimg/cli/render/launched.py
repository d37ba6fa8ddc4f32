"""Plans of a launch, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cvmimg.cli.render import Column, Result

if TYPE_CHECKING:
    from cvmimg.cloud.models import Instance, ItemPrice, Price
    from cvmimg.workflows.launch.operation import LaunchResult
    from cvmimg.workflows.launch.plan import LaunchPlan

INSTANCE_KEYS = ("id", "name", "state", "zone", "type", "private_ips", "public_ips")
PLAN_KEYS = ("setting", "value", "origin")
_STYLES = {"RUNNING": "green", "LAUNCH_FAILED": "bold red"}


def launched(result: LaunchResult) -> Result:
    """The instances, as the contract has them."""
    rows = [instance_json(instance) for instance in result.instances]
    return Result(
        document={"image_id": result.image_id, "instances": rows},
        rows=rows,
        columns=INSTANCE_COLUMNS,
        keys=INSTANCE_KEYS,
    )


def instance_json(instance: Instance) -> dict[str, Any]:
    """The contract's JSON object of an instance."""
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
    """The plan as a result (``--dry-run``); no instance has come of it."""
    settings = [
        {"setting": row.setting, "value": row.value, "origin": row.origin} for row in plan.rows
    ]
    document = {
        "image_id": plan.image.image_id,
        "instances": [],
        "plan": settings,
        "price": price_text(plan.price),
    }
    return Result(
        document=document,
        rows=[{"id": row["setting"], **row} for row in settings],
        columns=PLAN_COLUMNS,
        keys=PLAN_KEYS,
        footer=f"price: {price_text(plan.price) or 'not told by the API'}",
    )


def price_text(price: Price | None) -> str:
    """What all instances together cost, in words; empty if the API did not say."""
    if price is None:
        return ""
    parts = [_item(price.instance_price, ""), _item(price.bandwidth_price, "bandwidth ")]
    return ", ".join(filter(None, parts))


def _item(item: ItemPrice, what: str) -> str:
    whole = item.discount_price if item.discount_price is not None else item.original_price
    if whole is not None:
        return f"{what}{whole:.2f} a month"
    unit = item.unit_price_discount if item.unit_price_discount is not None else item.unit_price
    if unit is None:
        return ""
    return f"{what}{unit:.4g} {'a GB' if item.charge_unit == 'GB' else 'an hour'}"


def _ips(row: Any) -> list[str]:
    return [*row["private_ips"], *row["public_ips"]]


INSTANCE_COLUMNS = (
    Column("ID", lambda row: row["id"], "id", style=lambda _: "cyan"),
    Column("NAME", lambda row: row["name"], "name", style=lambda _: "bold", fit="shorten"),
    Column(
        "STATE",
        lambda row: row["state"],
        "state",
        style=lambda row: _STYLES.get(row["state"], ""),
    ),
    Column("ZONE", lambda row: row["zone"], "zone", rank=2),
    Column("TYPE", lambda row: row["type"], "type", rank=3),
    Column("IPS", _ips, "private_ips", rank=1),
)
PLAN_COLUMNS = (
    Column("SETTING", lambda row: row["setting"], style=lambda _: "bold"),
    Column("VALUE", lambda row: row["value"], fit="shorten"),
    Column("FROM", lambda row: row["origin"], style=lambda _: "dim"),
)
