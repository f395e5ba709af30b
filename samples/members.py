"""The members of the sample zone: who they are and what flows through them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from samples import flows, process
from samples.flows import CLAIMED, GRID, Flow, habit_of
from samples.population import Firm

PLANT = "chp"
JITTER_RATIO = 0.10
"""How far an enterprise's mix of carriers strays from its sector's, either way."""
GROWTH_RATIOS = (0.97, 1.07)
"""Between what an enterprise's use grows from one year to the next."""

_SEASONS = {"heat": "steam", "bituminous-coal": "furnace"}
_SOURCES = {
    "electricity": "power",
    "heat": "steam",
    "natural-gas": "gas",
    "bituminous-coal": "coal",
    "diesel": "vehicles",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An enterprise of the zone with its flows."""

    id: str
    name: str
    industry_code: str
    flows: tuple[Flow, ...]
    facilities: Mapping[str, str] = field(default_factory=dict)
    """Names of the facilities besides the site, by id."""
    firm: Firm | None = None
    """The firm of the population it was drawn as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a source uses in the first year, in the base unit of its carrier."""

    source: str
    subject: str
    amount: float
    season: str
    supplier: str = ""
    """An enterprise or the grid; empty for a fuel."""
    facility: str = ""


def drawn(spec: Mapping[str, Any], firms: tuple[Firm, ...]) -> list[Member]:
    """One member for each entry of `drawn`: a firm of its sector and size, none taken twice."""
    taken: set[int] = set()
    members = []
    for entry in spec["drawn"]:
        random = flows.random_of(spec["seed"], entry["id"])
        stratum = [
            firm
            for firm in firms
            if (firm.sector, firm.size) == (entry["sector"], entry["size"])
            and firm.number not in taken
        ]
        firm = stratum[int(random.random() * len(stratum))]
        taken.add(firm.number)
        uses = _uses(spec, entry, firm, random)
        members.append(_member(spec, entry, uses, random, firm))
    return members


def fixed(spec: Mapping[str, Any]) -> list[Member]:
    """The members whose quantities are written by hand."""
    return [
        _member(
            spec,
            entry,
            [Use(**{**use, "amount": float(use["amount"])}) for use in entry["uses"]],
            flows.random_of(spec["seed"], entry["id"]),
        )
        for entry in spec["fixed"]
    ]


def _member(
    spec: Mapping[str, Any],
    entry: Mapping[str, Any],
    uses: Iterable[Use],
    random: np.random.Generator,
    firm: Firm | None = None,
) -> Member:
    low, high = GROWTH_RATIOS
    growth_ratio = low + (high - low) * float(random.random())
    energy = [
        Flow(
            enterprise=entry["id"],
            source=use.source,
            subject=use.subject,
            kind=flows.kind_of(use.subject, direction="bought"),
            unit=habit_of(spec, entry, use.subject).unit,
            amounts=flows.by_month(
                random,
                annual_amount=use.amount,
                growth_ratio=growth_ratio,
                season=spec["season"][use.season],
                habit=habit_of(spec, entry, use.subject),
            ),
            partner=use.supplier,
            facility=use.facility,
            meter=entry.get("meters", {}).get(use.source, ""),
        )
        for use in uses
    ]
    return Member(
        id=entry["id"],
        name=entry["name"],
        industry_code=entry["industry_code"],
        flows=(
            *energy,
            *process.flows_of(spec, entry, energy, growth_ratio=growth_ratio),
            *_claims(spec, entry),
        ),
        facilities=entry.get("facilities", {}),
        firm=firm,
    )


def _claims(spec: Mapping[str, Any], entry: Mapping[str, Any]) -> Iterator[Flow]:
    """The green power that the enterprise claims by a contract, if it has one."""
    contract = entry.get("green_power")
    if contract is None:
        return
    habit = habit_of(spec, entry, contract["subject"])
    yield Flow(
        enterprise=entry["id"],
        source="green-power",
        subject=contract["subject"],
        kind=CLAIMED,
        unit=habit.unit,
        amounts=flows.by_month(
            flows.random_of(spec["seed"], f"{entry['id']}/green-power"),
            annual_amount=float(contract["amount"]),
            growth_ratio=1.0,
            season=spec["season"]["flat"],
            habit=habit,
        ),
        evidence=contract["evidence"],
        contract=contract["contract"],
    )


def _uses(
    spec: Mapping[str, Any], entry: Mapping[str, Any], firm: Firm, random: np.random.Generator
) -> list[Use]:
    """The firm's energy split into carriers as its sector's profile has it."""
    shares = {
        subject: share * (1 + JITTER_RATIO * (2 * float(random.random()) - 1))
        for subject, share in spec["profile"][firm.sector].items()
    }
    energy_tce = {
        subject: firm.energy_tce * share / sum(shares.values()) for subject, share in shares.items()
    }
    return [
        Use(
            source=prefix + _SOURCES[subject],
            subject=subject,
            amount=energy_tce[subject] * part / spec["tce_per"][subject],
            season=_SEASONS.get(subject, "shop"),
            supplier=supplier,
        )
        for subject in shares
        for prefix, supplier, part in _suppliers(subject, entry.get("plant_power", 0.0))
        if part
    ]


def _suppliers(subject: str, plant_power_ratio: float) -> list[tuple[str, str, float]]:
    """Prefix of the source, supplier, and the part of the carrier that it delivers."""
    if subject == "heat":
        return [("plant-", PLANT, 1.0)]
    if subject == "electricity":
        return [("plant-", PLANT, plant_power_ratio), ("grid-", GRID, 1 - plant_power_ratio)]
    return [("", "", 1.0)]
