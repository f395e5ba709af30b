"""Booked emissions in columns and in JSON: integers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.accounting.domain.emission import Booked
from services.kernel.mass import Gas


def columns(booked: Booked) -> dict[str, Any]:
    """Return the columns of `booked`: `co2_g`, `other_mg` by gas, `co2e_g` by GWP set."""
    return {
        "co2_g": booked.co2_g,
        "other_mg": {gas.value: mg for gas, mg in booked.other_mg},
        "co2e_g": dict(booked.co2e_g),
    }


def of_columns(row: Mapping[Any, Any]) -> Booked:
    """Return the booked emissions in the columns of `row`."""
    return Booked(
        co2_g=row["co2_g"],
        other_mg=tuple(sorted((Gas(gas), mg) for gas, mg in row["other_mg"].items())),
        co2e_g=tuple(sorted(row["co2e_g"].items())),
    )
