"""A development zone."""

from __future__ import annotations

from dataclasses import dataclass

from services.registry.domain.label import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A boundary inside which energy passed between enterprises is netted."""

    zone: str
    display_name: str
    region_code: str
    label: Label
