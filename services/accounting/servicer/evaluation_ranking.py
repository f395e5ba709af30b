"""What a ranking is asked to compare, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.accounting.domain.indicator.kept import Kept
from services.accounting.domain.indicator.system import Direction
from services.accounting.domain.ranking.normalisation import Normalisation
from services.accounting.domain.ranking.ranking import Order, Plan, Table, Weighting
from services.accounting.domain.ranking.weights import Consistency
from services.kernel.errors import DuplicateRow, FieldInvalid, Words
from zonecarbon.accounting.v1 import evaluation_pb2
from zonecarbon.accounting.v1 import evaluation_service_pb2 as pb

_ORDERS: Final = {
    evaluation_pb2.RANKING_ORDER_WEIGHTED_SUM: (Order.WEIGHTED_SUM, Normalisation.MIN_MAX),
    evaluation_pb2.RANKING_ORDER_TOPSIS_VECTOR: (Order.TOPSIS, Normalisation.VECTOR),
    evaluation_pb2.RANKING_ORDER_TOPSIS_MIN_MAX: (Order.TOPSIS, Normalisation.MIN_MAX),
}


def asked_table(
    request: pb.RankEvaluationsRequest, kept: Sequence[Kept]
) -> tuple[Table, Sequence[str]]:
    """Return the values to compare, and the indicators that some evaluation lacks.

    Raises:
        DuplicateRow: two evaluations are of one zone, or an indicator is named twice.
        FieldInvalid: they are by different systems, or an indicator is none that all have.
    """
    _check_zones(kept)
    complete = [
        {each.indicator.indicator_id: each for each in one.evaluation.results if each.is_counted}
        for one in kept
    ]
    system = kept[0].evaluation.system
    common = [
        each.indicator_id
        for each in system.indicators
        if all(each.indicator_id in found for found in complete)
    ]
    chosen = list(request.indicator_ids) or common
    for index, each in enumerate(chosen):
        if each not in common:
            allowed = ", ".join(common) or Words(en="nothing", zh="无")
            raise FieldInvalid(field=f"indicator_ids[{index}]", given=each, allowed=allowed)
        if chosen.index(each) != index:
            first = f"indicator_ids[{chosen.index(each)}]"
            raise DuplicateRow(field=f"indicator_ids[{index}]", first=first)
    directions = {each.indicator_id: each.direction for each in system.indicators}
    table = Table(
        zones=[each.name for each in kept],
        indicators=chosen,
        higher_is_better=[directions[each] is Direction.HIGHER for each in chosen],
        values=[[float(found[each].value or 0) for each in chosen] for found in complete],
    )
    listed = [each.indicator_id for each in system.indicators]
    return table, [each for each in listed if each not in common]


def asked_plan(request: pb.RankEvaluationsRequest, table: Table, consistency: Consistency) -> Plan:
    """Return how to weigh and rank.

    Raises:
        FieldInvalid: there are not as many weights as indicators.
    """
    order, normalisation = _ORDERS[request.order]
    weighting = evaluation_pb2.RankingWeighting.Name(request.weighting)
    count = len(table.indicators)
    weights = list(request.weight_ratio)
    if weights and len(weights) != count:
        raise FieldInvalid(field="weight_ratio", given=str(len(weights)), allowed=str(count))
    ratios = list(request.comparison_ratio)
    return Plan(
        weighting=Weighting(weighting.removeprefix("RANKING_WEIGHTING_")),
        order=order,
        normalisation=normalisation,
        given=dict(zip(table.indicators, weights, strict=False)),
        comparisons=[ratios[at : at + count] for at in range(0, len(ratios), count)],
        consistency=consistency,
    )


def _check_zones(kept: Sequence[Kept]) -> None:
    systems = {(each.system_zone, each.evaluation.system.system_id) for each in kept}
    if len(systems) > 1:
        given = ", ".join(sorted({each.system_name for each in kept}))
        allowed = Words(en="evaluations by one system", zh="同一指标体系的评价")
        raise FieldInvalid(field="evaluations", given=given, allowed=allowed)
    zones = [each.evaluation.question.zone for each in kept]
    for index, zone in enumerate(zones):
        if zones.index(zone) != index:
            raise DuplicateRow(
                field=f"evaluations[{index}]", first=f"evaluations[{zones.index(zone)}]"
            )
