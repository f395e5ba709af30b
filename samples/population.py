"""A population of synthetic enterprises as concentrated as 苏州吴江 was in 2023.

Published there: 1,934 enterprises used 4.6709 Mtce; 75 of them, each above 10,000 tce, held 66.8 %.
Sizes follow two truncated Pareto pieces that meet at 10,000 tce, each with the exponent that gives
the published mean of its piece; sectors are dealt out until each has its share of the energy.
Energy is 综合能源消费量 at equivalent value (当量值), in tonnes of coal equivalent (tce).

Only `Generator.random` of an explicitly named bit generator is used: its stream is fixed, while
numpy may change the streams of its distributions between versions.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PUBLISHED_COUNT = 1934
LARGE_TCE = 10_000.0
MEDIUM_TCE = 1_000.0
SMALLEST_TCE = 50.0
LARGEST_TCE = 250_000.0
TCE_PER_10_000_TCE = 10_000

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """One synthetic enterprise of the population."""

    number: int
    sector: str
    energy_tce: float

    @property
    def size(self) -> str:
        """Its size class: "large" above 10,000 tce, "medium" above 1,000 tce, else "small"."""
        if self.energy_tce > LARGE_TCE:
            return "large"
        return "medium" if self.energy_tce > MEDIUM_TCE else "small"


def published() -> dict[str, Decimal]:
    """The figures of 苏州吴江 2023 by id, in the units of `wujiang_2023.csv`."""
    with (_FOLDER / "wujiang_2023.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: Decimal(row["value"]) for row in csv.DictReader(file)}


def sector_shares() -> dict[str, float]:
    """The share of each sector in the population's energy, as a ratio; they add to 1."""
    with (_FOLDER / "sectors.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["sector"]: float(Decimal(row["energy_share_percent"]) / 100)
            for row in csv.DictReader(file)
        }


def population(*, count: int, seed: int) -> tuple[Firm, ...]:
    """Return `count` firms, the largest first; the same for the same arguments."""
    random = np.random.Generator(np.random.PCG64(seed))
    sizes_tce = np.concatenate(
        [
            _piece(random, mean_tce=mean_tce, count=piece_count, between_tce=between_tce)
            for piece_count, mean_tce, between_tce in _pieces(count)
        ]
    )
    sizes_tce = np.round(np.sort(sizes_tce)[::-1], 2)
    sectors = _dealt(random, sizes_tce)
    return tuple(
        Firm(number=number, sector=sector, energy_tce=float(energy_tce))
        for number, (sector, energy_tce) in enumerate(zip(sectors, sizes_tce, strict=True), start=1)
    )


def _pieces(count: int) -> list[tuple[int, float, tuple[float, float]]]:
    """Number of firms, mean tce and bounds in tce of the large and of the other firms."""
    figures = published()
    firms, large = figures["enterprises"], figures["large-enterprises"]
    energy, held = figures["energy"], figures["energy-of-large-enterprises"]
    large_count = round(count * large / firms)
    large_mean_tce = float(held * TCE_PER_10_000_TCE / large)
    other_mean_tce = float((energy - held) * TCE_PER_10_000_TCE / (firms - large))
    return [
        (large_count, large_mean_tce, (LARGE_TCE, LARGEST_TCE)),
        (count - large_count, other_mean_tce, (SMALLEST_TCE, LARGE_TCE)),
    ]


def _piece(
    random: np.random.Generator, *, mean_tce: float, count: int, between_tce: tuple[float, float]
) -> NDArray[np.float64]:
    """Sizes in tce, (firm,): one from each of `count` equally likely slices of the distribution."""
    low, high = between_tce
    exponent = _exponent(mean_tce=mean_tce, between_tce=between_tce)
    quantiles = (np.arange(count) + random.random(count)) / count
    reach = 1 - (low / high) ** exponent
    sizes_tce: NDArray[np.float64] = low * (1 - quantiles * reach) ** (-1 / exponent)
    return sizes_tce


def _exponent(*, mean_tce: float, between_tce: tuple[float, float]) -> float:
    """The exponent at which a Pareto distribution cut to the bounds has the given mean.

    The mean falls as the exponent grows, so bisection finds it.
    """
    low, high = between_tce
    lower, upper = 0.001, 5.0
    for _ in range(100):
        middle = (lower + upper) / 2
        mass = low**-middle - high**-middle
        moment = (high ** (1 - middle) - low ** (1 - middle)) * middle / (1 - middle)
        if moment / mass > mean_tce:
            lower = middle
        else:
            upper = middle
    return (lower + upper) / 2


def _dealt(random: np.random.Generator, sizes_tce: NDArray[np.float64]) -> list[str]:
    """A sector for each firm, the largest first, so that each sector gets its share of energy.

    A sector's chance is what it still lacks; one that lacks less than the firm is out of the draw
    unless all are.
    """
    shares = sector_shares()
    lacking_tce = np.array(list(shares.values())) * sizes_tce.sum()
    names = list(shares)
    dealt = []
    for size_tce, throw in zip(sizes_tce, random.random(len(sizes_tce)), strict=True):
        open_tce = np.where(lacking_tce >= size_tce, lacking_tce, 0.0)
        if not open_tce.any():
            open_tce = np.where(lacking_tce == lacking_tce.max(), 1.0, 0.0)
        steps = np.cumsum(open_tce)
        chosen = int(np.searchsorted(steps, throw * steps[-1], side="right"))
        lacking_tce[chosen] -= size_tce
        dealt.append(names[chosen])
    return dealt
