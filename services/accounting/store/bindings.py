"""Factor bindings: what lines were computed with, each stored once and known by its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from services.accounting.domain.binding import Binding, BoundFactor
from services.accounting.domain.method import Role
from services.accounting.store.tables import metadata
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class BindingColumns(Stored):
    """One row a binding."""

    binding: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    """A digest of all the others."""
    method_id: sa.Named[str] = sa.Column(sa.Text)
    gwp_set: sa.Named[str] = sa.Column(sa.Text)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer)
    factors: sa.Named[list[dict[str, Any]]] = sa.Column(sa.JSON)
    """In the order of the formula, decimals as written."""


bindings = sa.Table("bindings", metadata, BindingColumns)


def keep(
    connection: sa.Connection, wanted: Iterable[Binding], revision: Revision
) -> dict[Binding, str]:
    """Insert the bindings that are not yet stored; return the digest of each."""
    digests = {binding: _digest(binding) for binding in wanted}
    c = bindings.c
    known = connection.execute(
        sa.select(c.binding).where(c.binding.in_(sorted(digests.values())))
    ).scalars()
    missing = set(digests.values()) - set(known)
    rows = {
        digest: {
            "binding": digest,
            "method_id": binding.method_id,
            "gwp_set": binding.gwp_set,
            "accounting_year": binding.accounting_year,
            "factors": [_from_factor(factor) for factor in binding.factors],
            "create_time": revision.commit_time,
            "revision": revision.number,
        }
        for binding, digest in digests.items()
        if digest in missing
    }
    if rows:
        connection.execute(sa.insert(bindings), list(rows.values()))
    return digests


def get(connection: sa.Connection, digests: Collection[str]) -> dict[str, Binding]:
    """Return the bindings by digest."""
    c = bindings.c
    return {
        digest: Binding(
            method_id=method_id,
            gwp_set=gwp_set,
            accounting_year=accounting_year,
            factors=tuple(_to_factor(factor) for factor in factors),
        )
        for digest, method_id, gwp_set, accounting_year, factors in connection.execute(
            sa.select(c.binding, c.method_id, c.gwp_set, c.accounting_year, c.factors).where(
                c.binding.in_(sorted(digests))
            )
        )
    }


def _digest(binding: Binding) -> str:
    content = [
        binding.method_id,
        binding.gwp_set,
        binding.accounting_year,
        [_from_factor(factor) for factor in binding.factors],
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def _from_factor(factor: BoundFactor) -> dict[str, Any]:
    return {
        "role": factor.role.value,
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
    }


def _to_factor(data: Mapping[str, Any]) -> BoundFactor:
    return BoundFactor(
        role=Role(data["role"]),
        quantity=Quantity.parse(data["value"], data["unit_code"]),
        status=Status(data["status"]),
        name=data["name"],
        version=data["version"],
        region_level=data["region_level"],
        region_code=data["region_code"],
        data_period=data["data_period"],
        source=_to_source(data["source"]),
        rule_source=_to_source(data["rule_source"]),
    )


def _to_source(data: Mapping[str, Any] | None) -> Source | None:
    return None if data is None else Source(**{**data, "status": Status(data["status"])})
