"""The zone's year under two indicator systems, read from the services."""

from __future__ import annotations

from typing import Final

from samples.load import ZONE
from tools.demo.words import Result, quantity, status
from zonecarbon.accounting.v1 import evaluation_pb2 as pb
from zonecarbon.accounting.v1 import evaluation_service_pb2
from zonecarbon.client import Client

YEAR: Final = 2024
_SYSTEMS: Final = ("park910", "jiangsu-near-zero")
_ANSWERS: Final = {
    "park910": [
        pb.IndicatorAnswer(
            indicator_id="product-energy",
            not_applicable_reason="synthetic: no product of the sample zone was held to a limit "
            "standard 合成示例：未核对产品能耗限额",
        )
    ]
}


def gather(desk: Client) -> list[Result]:
    """Return the evaluation of the zone by each system, with what every indicator is made of."""
    return [_result(_evaluated(desk, system)) for system in _SYSTEMS]


def _evaluated(desk: Client, system: str) -> pb.Evaluation:
    return desk.evaluations.CreateEvaluation(
        evaluation_service_pb2.CreateEvaluationRequest(
            parent=ZONE,
            evaluation_id=f"{system}-{YEAR}",
            evaluation=pb.Evaluation(
                indicator_system=f"indicatorSystems/{system}",
                accounting_year=YEAR,
                answers=_ANSWERS.get(system, []),
            ),
        )
    )


def _result(made: pb.Evaluation) -> Result:
    return {
        "name": made.name,
        "system": made.indicator_system,
        "title": made.title,
        "title_zh": made.title_zh,
        "accounting_year": made.accounting_year,
        "state": pb.EvaluationState.Name(made.state).removeprefix("EVALUATION_STATE_"),
        "consequence": made.consequence,
        "consequence_zh": made.consequence_zh,
        "status": status(made.status),
        "method": made.method_id,
        "knowledge_revision": made.knowledge_revision,
        "digest": made.digest,
        "indicators": [_indicator(each) for each in made.results],
        "needs": [each.text for each in made.needs],
    }


def _indicator(each: pb.IndicatorResult) -> Result:
    case = each.applied_case
    return {
        "indicator_id": each.indicator.indicator_id,
        "display_name": each.indicator.display_name,
        "display_name_zh": each.indicator.display_name_zh,
        "value": quantity(each.value) if each.HasField("value") else None,
        "limit": quantity(case.limit) if case.HasField("limit") else None,
        "at_most": case.comparison == 1,
        "verdict": pb.IndicatorVerdict.Name(each.verdict).removeprefix("INDICATOR_VERDICT_"),
        "status": status(each.status),
        "formula": each.indicator.formula,
    }
