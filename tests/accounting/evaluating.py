"""Statistics and evaluations of a test: the smallest valid message of each; keywords override."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.accounting import files
from services.accounting.domain.indicator.evaluation import Evaluation, evaluate
from services.accounting.domain.indicator.expression import Ask
from services.accounting.domain.indicator.figure import Figure, Figures, Share
from services.accounting.domain.indicator.kept import Kept, Knowledge
from services.accounting.domain.indicator.publication import Publication, State
from services.accounting.domain.indicator.question import Answer, Question, check
from services.accounting.domain.indicator.statistic import Fact, Statistic
from services.accounting.domain.indicator.system import System
from services.accounting.domain.indicator.written import quantity as read
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from tests.accounting.requests import amount
from tests.accounting.world import World
from tests.builders import fresh, period
from zonecarbon.accounting.v1 import (
    evaluation_pb2,
    evaluation_service_pb2,
    statistic_pb2,
    statistic_service_pb2,
)

CATALOGUE = files.input_catalogue()
SYSTEMS = files.indicator_systems()
ZONE = "zones/z"


def figures(system: System, given: Mapping[str, str]) -> Figures:
    """Figures as one member reported them; the key "x" is of the year, "x-3" of three years before.

    What is not given is missing.
    """
    return {ask: _figure(ask, given) for ask in system.asks()}


def _figure(ask: Ask, given: Mapping[str, str]) -> Figure:
    key = f"{ask.input_id}-{ask.years_before}" if ask.years_before else ask.input_id
    unit, year = CATALOGUE.inputs[ask.input_id].unit, 2023 - ask.years_before
    if key not in given:
        return Figure(ask=ask, year=year, unit=unit, amount=None)
    told = read(given[key]).to(unit)
    name = f"enterprises/e/statistics/{ask.input_id}.{year}"
    share = Share(name=name, version=1, owner="enterprises/e", amount=told)
    is_priced = CATALOGUE.inputs[ask.input_id].by_price
    return Figure(
        ask=ask,
        year=year,
        unit=unit,
        amount=told,
        shares=(share,),
        price_base_year=2020 if is_priced else 0,
    )


def evaluated(
    system: System,
    given: Mapping[str, str],
    *,
    values: Mapping[str, str] | None = None,
    reasons: Mapping[str, str] | None = None,
    **fields: Any,
) -> Evaluation:
    """The evaluation of a zone's 2023 with these figures, answers and reasons."""
    answers = [
        Answer(indicator_id=id_, value=read(text), evidence="page 1")
        for id_, text in (values or {}).items()
    ]
    answers += [Answer(indicator_id=id_, reason=reason) for id_, reason in (reasons or {}).items()]
    question = Question(zone=ZONE, accounting_year=2023, answers=tuple(answers), **fields)
    check(question, system)
    return evaluate(system, question, figures(system, given), CATALOGUE)


def statistic(input_id: str, text: str, when: str = "2023", **fields: Any) -> Any:
    """A statistic of a year, "2023", or of a month, "2023-03"."""
    year, _, month = when.partition("-")
    start = f"{year}-{month or '01'}-01"
    following = (int(year) + (month in {"", "12"}), int(month or 12) % 12 + 1)
    end = f"{following[0]}-{following[1]:02d}-01"
    values: dict[str, Any] = {
        "input_id": input_id,
        "quantity": amount(text),
        "period": period(start, end),
        "source": "annual return",
        "evidence": f"return of {year}, line 7",
    }
    return statistic_pb2.Statistic(**values | fields)


def report(
    parent: str, *statistics: statistic_pb2.Statistic, **fields: Any
) -> statistic_service_pb2.ReportStatisticsRequest:
    """A report under an id of its own."""
    values: dict[str, Any] = {
        "parent": parent,
        "statistics": statistics,
        "request_id": str(uuid.uuid4()),
    }
    return statistic_service_pb2.ReportStatisticsRequest(**values | fields)


def reported(world: World, parent: str, **amounts: str) -> None:
    """Report, as the desk, statistics of 2023."""
    rows = [statistic(input_id, text) for input_id, text in amounts.items()]
    answer = world.desk.statistics.ReportStatistics(report(parent, *rows))
    assert answer.refused_count == 0, answer


def request(
    zone: str, system: str = "indicatorSystems/park910", **fields: Any
) -> evaluation_service_pb2.CreateEvaluationRequest:
    """A request to evaluate 2023 under an id of its own."""
    own = {"evaluation_id", "as_of_time", "validate_only"} & fields.keys()
    top: dict[str, Any] = {key: fields.pop(key) for key in own}
    values: dict[str, Any] = {"indicator_system": system, "accounting_year": 2023}
    top = {"parent": zone, "evaluation_id": fresh("evaluation")} | top
    return evaluation_service_pb2.CreateEvaluationRequest(
        evaluation=evaluation_pb2.Evaluation(**values | fields), **top
    )


def result(
    evaluation: evaluation_pb2.Evaluation, indicator_id: str
) -> evaluation_pb2.IndicatorResult:
    """The result of an indicator."""
    (found,) = [each for each in evaluation.results if each.indicator.indicator_id == indicator_id]
    return found


STATISTIC = Statistic(
    fact=Fact(owner="enterprises/mill", input_id="staff", subject="", period=Period.year(2023)),
    quantity=Quantity.parse("120", "person"),
    price_base_year=0,
    source="return",
    evidence="page 1",
    version=1,
)
PROPOSAL = Publication(zone="z", system=SYSTEMS["yangtze-belt"], state=State.PROPOSED)
_EVALUATED = evaluated(SYSTEMS["yangtze-belt"], {"reused_water": "3 m3", "fresh_water": "1 m3"})
EVALUATION = Kept(
    evaluation_id="first",
    system_zone="",
    evaluation=_EVALUATED,
    knowledge=Knowledge(
        time=datetime(2024, 1, 1, tzinfo=UTC),
        revision=1,
        registry_revision=1,
        method_version=0,
        members=("enterprises/e",),
    ),
    digest=_EVALUATED.digest,
    creator="principals/desk",
)
