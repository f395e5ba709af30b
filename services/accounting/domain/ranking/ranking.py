"""A ranking of zones by the indicators that all of them have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.accounting.domain.ranking.normalisation import (
    Directions,
    Matrix,
    Normalisation,
    Vector,
    min_max,
)
from services.accounting.domain.ranking.percentile import Spread, rank_ratio, spread
from services.accounting.domain.ranking.topsis import closeness
from services.accounting.domain.ranking.weights import Ahp, Consistency, ahp, critic, entropy
from services.kernel.errors import FieldInvalid, Words


class Weighting(StrEnum):
    """Where the weights come from."""

    GIVEN = "GIVEN"
    ENTROPY = "ENTROPY"
    CRITIC = "CRITIC"
    AHP = "AHP"


class Order(StrEnum):
    """What zones are ranked by."""

    WEIGHTED_SUM = "WEIGHTED_SUM"
    """Σ w · x', x' by min–max."""
    TOPSIS = "TOPSIS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The values of zones by indicator; every one is there."""

    zones: Sequence[str]
    indicators: Sequence[str]
    higher_is_better: Sequence[bool]
    values: Sequence[Sequence[float]]
    """By zone, then by indicator."""

    @property
    def matrix(self) -> Matrix:
        """The values, over (zone, indicator)."""
        return np.asarray(self.values, dtype=np.float64).reshape(
            len(self.zones), len(self.indicators)
        )

    @property
    def directions(self) -> Directions:
        """Which way is better, over (indicator)."""
        return np.asarray(self.higher_is_better, dtype=np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to weigh and to rank."""

    weighting: Weighting
    order: Order
    normalisation: Normalisation
    """Of TOPSIS."""
    given: Mapping[str, float]
    """Weights by indicator, for GIVEN."""
    comparisons: Sequence[Sequence[float]]
    """For AHP, over (indicator, indicator)."""
    consistency: Consistency


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a zone stands; equal scores share the better rank."""

    zone: str
    rank: int
    score: float
    percentiles: Sequence[float | None]
    """By indicator, from 0 to 1; None of fewer than five zones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Zones by rank, and what they were ranked by."""

    places: tuple[Place, ...]
    weights: Sequence[float]
    """By indicator."""
    ahp: Ahp | None
    spreads: Sequence[Spread | None]
    """By indicator."""


def rank(table: Table, plan: Plan) -> Ranking:
    """Return the zones by score, the best first.

    Raises:
        FieldInvalid: there is nothing to compare, or the weights are none.
    """
    if len(table.zones) < 2 or not table.indicators:  # noqa: PLR2004 - one is not ranked
        raise FieldInvalid(
            field="evaluations",
            given=f"{len(table.zones)} with {len(table.indicators)} indicators in common",
            allowed=Words(
                en="two zones or more, with an indicator that all of them have complete",
                zh="不少于两个园区，且至少一项指标各园区均已完整",
            ),
        )
    found, judged = _weights(table, plan)
    matrix, up = table.matrix, table.directions
    if plan.order is Order.TOPSIS:
        scores = closeness(matrix, found, up, plan.normalisation)
    else:
        scores = min_max(matrix, up) @ found
    columns = matrix.T.tolist()
    places = [
        Place(
            zone=zone,
            rank=1 + int((scores > score).sum()),
            score=float(score),
            percentiles=[rank_ratio(*pair) for pair in zip(row, columns, strict=True)],
        )
        for zone, score, row in zip(table.zones, scores, matrix.tolist(), strict=True)
    ]
    return Ranking(
        places=tuple(sorted(places, key=lambda place: (place.rank, place.zone))),
        weights=found.tolist(),
        ahp=judged,
        spreads=[spread(column) for column in columns],
    )


def _weights(table: Table, plan: Plan) -> tuple[Vector, Ahp | None]:
    match plan.weighting:
        case Weighting.ENTROPY:
            return entropy(min_max(table.matrix, table.directions)), None
        case Weighting.CRITIC:
            return critic(table.matrix, table.directions), None
        case Weighting.AHP:
            return _by_ahp(table, plan)
        case Weighting.GIVEN:
            return _given(table, plan), None


def _by_ahp(table: Table, plan: Plan) -> tuple[Vector, Ahp]:
    count = len(table.indicators)
    if any(len(row) != count for row in [plan.comparisons, *plan.comparisons]):
        raise FieldInvalid(
            field="comparisons",
            given=f"{len(plan.comparisons)} rows",
            allowed=Words(
                en=f"{count} rows of {count}, in the order {', '.join(table.indicators)}",
                zh=f"{count} 行 {count} 列，依次为 {'、'.join(table.indicators)}",
            ),
        )
    found = ahp(np.asarray(plan.comparisons, dtype=np.float64), plan.consistency)
    if not found.is_consistent:
        raise FieldInvalid(
            field="comparisons",
            given=f"consistency ratio {found.consistency_ratio:.4f}",
            allowed=Words(
                en="comparisons that contradict each other less: a ratio below "
                f"{plan.consistency.below}",
                zh=f"一致性比率 CR 小于 {plan.consistency.below} 的判断矩阵",
            ),
        )
    return found.weights, found


def _given(table: Table, plan: Plan) -> Vector:
    weights = np.asarray([plan.given.get(each, 0.0) for each in table.indicators])
    unknown = sorted(set(plan.given) - set(table.indicators))
    if unknown or (weights < 0).any() or not np.isclose(weights.sum(), 1.0, rtol=0, atol=1e-9):
        raise FieldInvalid(
            field="weights",
            given=", ".join(unknown) or f"a sum of {weights.sum():.6g}",
            allowed=Words(
                en=f"weights of {', '.join(table.indicators)} that add up to 1",
                zh=f"{'、'.join(table.indicators)} 的权重，合计为 1",
            ),
        )
    return weights
