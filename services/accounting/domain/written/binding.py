"""Factor bindings, and the factors in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from services.accounting.domain.binding import Binding, BoundFactor, Origin, Potential
from services.accounting.domain.role import Role
from services.accounting.domain.written import amount
from services.kernel.mass import Gas
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status


def content(binding: Binding) -> dict[str, Any]:
    """Return all of a binding."""
    return {
        "method_id": binding.method_id,
        "item_id": binding.item_id,
        "formula_id": binding.formula_id,
        "subject": binding.subject,
        "accounting_year": binding.accounting_year,
        "gwp_sets": list(binding.gwp_sets),
        "factors": [from_factor(factor) for factor in binding.factors],
        "potentials": [
            {
                "gwp_set": each.gwp_set,
                "gas": each.gas.value,
                "factor": from_factor(each.factor),
            }
            for each in binding.potentials
        ],
    }


def of(content: Mapping[Any, Any]) -> Binding:
    """Return the binding that stands, perhaps among other things, in `content`."""
    return Binding(
        method_id=content["method_id"],
        item_id=content["item_id"],
        formula_id=content["formula_id"],
        subject=content["subject"],
        accounting_year=content["accounting_year"],
        gwp_sets=tuple(content["gwp_sets"]),
        factors=tuple(to_factor(factor) for factor in content["factors"]),
        potentials=tuple(
            Potential(
                gwp_set=each["gwp_set"],
                gas=Gas(each["gas"]),
                factor=to_factor(each["factor"]),
            )
            for each in content["potentials"]
        ),
    )


def key(binding: Binding) -> str:
    """Return what a binding is known by."""
    return digest(content(binding))


def digest(content: Mapping[str, Any]) -> str:
    """Return the digest of all of a binding, whatever release has written it."""
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def from_factor(factor: BoundFactor) -> dict[str, Any]:
    """Return all of a factor, its decimals as written."""
    return {
        "role": factor.role.value,
        "subject": factor.subject,
        "origin": factor.origin.value,
        "value": factor.quantity.text,
        "unit_code": factor.quantity.unit,
        "status": factor.status.value,
        "name": factor.name,
        "version": factor.version,
        "region_level": factor.region_level,
        "region_code": factor.region_code,
        "data_period": factor.data_period,
        "source": asdict(factor.source) if factor.source else None,
        "rule_source": asdict(factor.rule_source) if factor.rule_source else None,
        # Only where there are any: the digest of a binding without bounds stays what it was.
        **({} if factor.lower is None else {"lower": amount.content(factor.lower)}),
        **({} if factor.upper is None else {"upper": amount.content(factor.upper)}),
    }


def to_factor(data: Mapping[str, Any]) -> BoundFactor:
    """Return the factor in `data`."""
    return BoundFactor(
        role=Role(data["role"]),
        subject=data["subject"],
        origin=Origin(data["origin"]),
        quantity=Quantity.parse(data["value"], data["unit_code"]),
        status=Status(data["status"]),
        name=data["name"],
        version=data["version"],
        region_level=data["region_level"],
        region_code=data["region_code"],
        data_period=data["data_period"],
        source=_to_source(data["source"]),
        rule_source=_to_source(data["rule_source"]),
        lower=_to_bound(data.get("lower")),
        upper=_to_bound(data.get("upper")),
    )


def _to_bound(text: str | None) -> Decimal | None:
    return None if text is None else amount.decimal(text)


def _to_source(data: Mapping[str, Any] | None) -> Source | None:
    return None if data is None else Source(**{**data, "status": Status(data["status"])})
