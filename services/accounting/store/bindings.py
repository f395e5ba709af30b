"""Factor bindings: what lines were computed with, each stored once and known by its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from services.accounting.domain.binding import Binding, BoundFactor, Origin, Potential
from services.accounting.domain.role import Role
from services.accounting.store.tables import metadata
from services.kernel.mass import Gas
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
    item_id: sa.Named[str] = sa.Column(sa.Text)
    formula_id: sa.Named[str] = sa.Column(sa.Text)
    subject: sa.Named[str] = sa.Column(sa.Text)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer)
    gwp_sets: sa.Named[list[str]] = sa.Column(sa.JSON)
    factors: sa.Named[list[dict[str, Any]]] = sa.Column(sa.JSON)
    """In the order of the formula, decimals as written."""
    potentials: sa.Named[list[dict[str, Any]]] = sa.Column(sa.JSON)
    """Of every gas but CO2, under every set."""


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
            **_content(binding),
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
    rows = connection.execute(
        sa.select(bindings).where(bindings.c.binding.in_(sorted(digests)))
    ).mappings()
    return {
        row["binding"]: Binding(
            method_id=row["method_id"],
            item_id=row["item_id"],
            formula_id=row["formula_id"],
            subject=row["subject"],
            accounting_year=row["accounting_year"],
            gwp_sets=tuple(row["gwp_sets"]),
            factors=tuple(to_factor(factor) for factor in row["factors"]),
            potentials=tuple(
                Potential(
                    gwp_set=each["gwp_set"],
                    gas=Gas(each["gas"]),
                    factor=to_factor(each["factor"]),
                )
                for each in row["potentials"]
            ),
        )
        for row in rows
    }


def _content(binding: Binding) -> dict[str, Any]:
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


def _digest(binding: Binding) -> str:
    content = json.dumps(_content(binding), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def from_factor(factor: BoundFactor) -> dict[str, Any]:
    """Return a factor as JSON, its decimals as written."""
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
    }


def to_factor(data: Mapping[str, Any]) -> BoundFactor:
    """Return the factor of JSON."""
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
    )


def _to_source(data: Mapping[str, Any] | None) -> Source | None:
    return None if data is None else Source(**{**data, "status": Status(data["status"])})
