"""Indicator systems ⇄ their messages."""

from __future__ import annotations

from decimal import Decimal

from google.type import decimal_pb2

from services.accounting.domain.indicator.expression import parse, parse_condition
from services.accounting.domain.indicator.publication import Publication
from services.accounting.domain.indicator.requirement import Case, Comparison, Requirement
from services.accounting.domain.indicator.system import (
    Direction,
    Group,
    Indicator,
    OpenPoint,
    Parameter,
    Part,
    Point,
    Scoring,
    System,
)
from services.kernel.errors import FieldInvalid, Words, within
from services.kernel.quantity import Quantity
from services.runtime import wire
from zonecarbon.accounting.v1 import indicator_system_pb2 as pb
from zonecarbon.type.v1 import quantity_pb2


def to_system(system_id: str, version: int, message: pb.IndicatorSystem) -> System:
    """Return the system that is proposed; paths begin at its message.

    Raises:
        FieldInvalid: a formula, a condition, a weight or a status is none.
        QuantityInvalid, UnitUnknown, UnitAmbiguous: a quantity cannot be read.
    """
    left_out = None
    if message.HasField("not_applicable_source"):
        with within("not_applicable_source."):
            left_out = wire.to_source(message.not_applicable_source)
    return System(
        system_id=system_id,
        version=version,
        title=Words(en=message.title, zh=message.title_zh),
        note=Words(en=message.note, zh=message.note_zh),
        method_id=message.method_id,
        scoring=Scoring(_tail(pb.IndicatorScoring.Name(message.scoring), "INDICATOR_SCORING_")),
        groups=tuple(
            Group(
                group_id=each.group_id,
                name=Words(en=each.display_name, zh=each.display_name_zh),
                least_count=each.least_count,
            )
            for each in message.groups
        ),
        indicators=tuple(
            _to_indicator(each, f"indicators[{index}].")
            for index, each in enumerate(message.indicators)
        ),
        parameters=tuple(
            _to_parameter(each, f"parameters[{index}].")
            for index, each in enumerate(message.parameters)
        ),
        consequences={},
        not_applicable_clause=left_out,
        open_points=tuple(
            _to_open_point(each, f"open_points[{index}].")
            for index, each in enumerate(message.open_points)
        ),
    )


def from_publication(publication: Publication) -> pb.IndicatorSystem:
    """Return the message of a system and where it stands."""
    system, moment = publication.system, publication.create_time
    left_out = system.not_applicable_clause
    return pb.IndicatorSystem(
        name=publication.name,
        title=system.title.en,
        title_zh=system.title.zh,
        note=system.note.en,
        note_zh=system.note.zh,
        method_id=system.method_id,
        scoring=pb.IndicatorScoring.Value(f"INDICATOR_SCORING_{system.scoring}"),
        groups=[
            pb.IndicatorGroup(
                group_id=each.group_id,
                display_name=each.name.en,
                display_name_zh=each.name.zh,
                least_count=each.least_count,
            )
            for each in system.groups
        ],
        indicators=[from_indicator(each) for each in system.indicators],
        parameters=[_from_parameter(each) for each in system.parameters],
        not_applicable_source=wire.from_source(left_out) if left_out else None,
        open_points=[from_open_point(each) for each in system.open_points],
        status=wire.from_status(system.status),
        state=pb.IndicatorSystemState.Value(f"INDICATOR_SYSTEM_STATE_{publication.state}"),
        proposer=publication.proposer,
        decider=publication.decider,
        reason=publication.reason,
        etag=publication.etag,
        create_time=wire.from_instant(moment) if moment else None,
    )


def from_indicator(each: Indicator) -> pb.Indicator:
    """Return the message of an indicator."""
    return pb.Indicator(
        indicator_id=each.indicator_id,
        display_name=each.name.en,
        display_name_zh=each.name.zh,
        group_id=each.group_id,
        part=pb.IndicatorPart.Value(f"INDICATOR_PART_{each.part}"),
        unit_code=each.unit,
        direction=pb.IndicatorDirection.Value(f"INDICATOR_DIRECTION_{each.direction}"),
        formula=each.formula.text if each.formula else "",
        formula_source=wire.from_source(each.formula_clause) if each.formula else None,
        cases=[from_case(case) for case in each.cases],
        reference=_from_optional(each.reference),
        points=[
            pb.IndicatorPoint(
                value=wire.from_quantity(point.value), score=wire.from_decimal(point.score)
            )
            for point in each.points
        ],
        weight=wire.from_decimal(each.weight) if each.weight is not None else None,
        smallest=_from_optional(each.smallest),
        largest=_from_optional(each.largest),
        whole=each.whole,
        source=wire.from_source(each.clause),
    )


def from_case(case: Case) -> pb.IndicatorCase:
    """Return the message of a case."""
    required = case.requirement
    return pb.IndicatorCase(
        case_id=case.case_id,
        display_name=case.name.en,
        display_name_zh=case.name.zh,
        when=case.when.text if case.when else "",
        comparison=pb.IndicatorComparison.Value(f"INDICATOR_COMPARISON_{required.comparison}")
        if required
        else pb.INDICATOR_COMPARISON_UNSPECIFIED,
        limit=wire.from_quantity(required.limit) if required else None,
        source=wire.from_source(case.clause),
    )


def from_open_point(point: OpenPoint) -> pb.IndicatorOpenPoint:
    """Return the message of an open point."""
    return pb.IndicatorOpenPoint(
        open_point_id=point.open_point_id,
        version=point.version,
        text=point.text.en,
        text_zh=point.text.zh,
        treatment=point.treatment.en,
        treatment_zh=point.treatment.zh,
        source=wire.from_source(point.clause),
    )


def _to_indicator(message: pb.Indicator, path: str) -> Indicator:
    with within(path):
        clause = wire.to_source(message.source)
        formula_clause = clause
        if message.HasField("formula_source"):
            with within("formula_source."):
                formula_clause = wire.to_source(message.formula_source)
        return Indicator(
            indicator_id=message.indicator_id,
            name=Words(en=message.display_name, zh=message.display_name_zh),
            group_id=message.group_id,
            part=Part(_tail(pb.IndicatorPart.Name(message.part), "INDICATOR_PART_")),
            unit=message.unit_code,
            direction=Direction(
                _tail(pb.IndicatorDirection.Name(message.direction), "INDICATOR_DIRECTION_")
            ),
            formula=parse(message.formula) if message.formula.strip() else None,
            formula_clause=formula_clause,
            cases=tuple(
                _to_case(each, f"cases[{index}].") for index, each in enumerate(message.cases)
            ),
            reference=_to_optional(message, "reference"),
            points=tuple(
                Point(
                    value=_to_quantity(each.value, f"points[{index}].value."),
                    score=_to_decimal(each.score, f"points[{index}].score"),
                )
                for index, each in enumerate(message.points)
            ),
            weight=_to_decimal(message.weight, "weight") if message.HasField("weight") else None,
            smallest=_to_optional(message, "smallest"),
            largest=_to_optional(message, "largest"),
            whole=message.whole,
            clause=clause,
        )


def _to_case(message: pb.IndicatorCase, path: str) -> Case:
    with within(path):
        clause = wire.to_source(message.source)
        is_asked = message.comparison != pb.INDICATOR_COMPARISON_UNSPECIFIED
        if is_asked != message.HasField("limit"):
            allowed = Words(
                en="a comparison and a limit, or neither", zh="比较方式与限值须同时填写或均不填写"
            )
            given = pb.IndicatorComparison.Name(message.comparison)
            raise FieldInvalid(field="comparison", given=given, allowed=allowed)
        requirement = None
        if is_asked:
            name = pb.IndicatorComparison.Name(message.comparison)
            requirement = Requirement(
                comparison=Comparison(_tail(name, "INDICATOR_COMPARISON_")),
                limit=_to_quantity(message.limit, "limit."),
                clause=clause,
            )
        return Case(
            case_id=message.case_id,
            name=Words(en=message.display_name, zh=message.display_name_zh),
            when=parse_condition(message.when) if message.when.strip() else None,
            requirement=requirement,
            clause=clause,
        )


def _to_parameter(message: pb.IndicatorParameter, path: str) -> Parameter:
    with within(path):
        return Parameter(
            parameter_id=message.parameter_id,
            name=Words(en=message.display_name, zh=message.display_name_zh),
            usual=_to_optional(message, "usual"),
            unit=message.unit_code,
            clause=wire.to_source(message.source),
        )


def _from_parameter(each: Parameter) -> pb.IndicatorParameter:
    return pb.IndicatorParameter(
        parameter_id=each.parameter_id,
        display_name=each.name.en,
        display_name_zh=each.name.zh,
        unit_code=each.unit,
        usual=_from_optional(each.usual),
        source=wire.from_source(each.clause),
    )


def _to_open_point(message: pb.IndicatorOpenPoint, path: str) -> OpenPoint:
    with within(path):
        return OpenPoint(
            open_point_id=message.open_point_id,
            version=message.version,
            text=Words(en=message.text, zh=message.text_zh),
            treatment=Words(en=message.treatment, zh=message.treatment_zh),
            clause=wire.to_source(message.source),
        )


def _to_optional(message: pb.Indicator | pb.IndicatorParameter, field: str) -> Quantity | None:
    # The two messages have fields of different names, which a stub cannot say.
    if not message.HasField(field):  # type: ignore[arg-type]
        return None
    return _to_quantity(getattr(message, field), f"{field}.")


def _to_quantity(message: quantity_pb2.Quantity, path: str) -> Quantity:
    with within(path):
        return wire.to_quantity(message)


def _to_decimal(message: decimal_pb2.Decimal, field: str) -> Decimal:
    with within(f"{field}."):
        return Quantity.parse(message.value, "1").value


def _from_optional(quantity: Quantity | None) -> quantity_pb2.Quantity | None:
    return wire.from_quantity(quantity) if quantity else None


def _tail(name: str, prefix: str) -> str:
    return name.removeprefix(prefix)
