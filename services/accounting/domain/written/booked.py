"""Booked emissions: integers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.accounting.domain.emission import Booked
from services.kernel.mass import Gas


def content(booked: Booked) -> dict[str, Any]:
    """Return `co2_g`, `other_mg` by gas, and `co2e_g` by GWP set."""
    return {
        "co2_g": booked.co2_g,
        "other_mg": {gas.value: mg for gas, mg in booked.other_mg},
        "co2e_g": dict(booked.co2e_g),
    }


def of(content: Mapping[Any, Any]) -> Booked:
    """Return the booked emissions that stand, perhaps among other things, in `content`."""
    return Booked(
        co2_g=content["co2_g"],
        other_mg=tuple(sorted((Gas(gas), mg) for gas, mg in content["other_mg"].items())),
        co2e_g=tuple(sorted(content["co2e_g"].items())),
    )
