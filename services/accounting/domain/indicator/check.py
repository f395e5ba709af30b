"""Whether an indicator system holds together, before it is published: names, units, scores."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from services.accounting.domain.indicator.input import Catalogue, Origin
from services.accounting.domain.indicator.scoring import CAPPED, COUNT
from services.accounting.domain.indicator.system import Indicator, Part, Scoring, System
from services.kernel import units
from services.kernel.errors import (
    DuplicateRow,
    FieldInvalid,
    FieldRequired,
    UnitDimension,
    Words,
    within,
)
from services.kernel.unit_table import Vector

ID: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_JUDGED: Final = {Part.CORE, Part.MANDATORY, Part.CHOSEN}


def check(system: System, catalogue: Catalogue) -> None:
    """Refuse a system that contradicts itself; the first of its faults, in the order of its fields.

    Raises:
        FieldRequired: it names no method and takes emissions, or an indicator lacks what the
            scoring takes: a limit, a reference, points or a weight.
        FieldInvalid: an id, a group, a formula, a weight, a point or a count is none it can have.
        UnitDimension: a formula, limit or reference measures something else than its indicator.
        DuplicateRow: an indicator, group or parameter stands there twice.
    """
    _ids("groups", [each.group_id for each in system.groups])
    _ids("indicators", [each.indicator_id for each in system.indicators])
    _check_parameters(system, catalogue)
    for index, indicator in enumerate(system.indicators):
        with within(f"indicators[{index}]."):
            _check_indicator(indicator, system, catalogue)
    _check_method(system, catalogue)
    _check_groups(system)
    _check_scoring(system)


def _check_parameters(system: System, catalogue: Catalogue) -> None:
    for index, each in enumerate(system.parameters):
        field = f"parameters[{index}].parameter_id"
        if _WORD.fullmatch(each.parameter_id) is None or each.parameter_id in catalogue.inputs:
            allowed = Words(
                en=f"a word of the form {_WORD.pattern} that no input has",
                zh=f"形如 {_WORD.pattern} 且不与数据项重名",
            )
            raise FieldInvalid(field=field, given=each.parameter_id, allowed=allowed)
        with within(f"parameters[{index}]."):
            units.unit(each.unit)
            if each.usual is not None:
                with within("usual."):
                    units.conversion(each.usual.unit, each.unit)
    _twice("parameters", [each.parameter_id for each in system.parameters])


def _ids(field: str, ids: Sequence[str]) -> None:
    for index, each in enumerate(ids):
        if ID.fullmatch(each) is None:
            kind = field.removesuffix("s")
            raise FieldInvalid(field=f"{field}[{index}].{kind}_id", given=each, allowed=ID.pattern)
    _twice(field, ids)


def _twice(field: str, ids: Sequence[str]) -> None:
    for index, each in enumerate(ids):
        if ids.index(each) != index:
            raise DuplicateRow(field=f"{field}[{index}]", first=f"{field}[{ids.index(each)}]")


def _check_indicator(indicator: Indicator, system: System, catalogue: Catalogue) -> None:
    groups = [each.group_id for each in system.groups]
    if indicator.group_id not in groups:
        raise FieldInvalid(field="group_id", given=indicator.group_id, allowed=", ".join(groups))
    unit = units.unit(indicator.unit)
    named = _named(system, catalogue)
    if indicator.formula is not None:
        vector = indicator.formula.vector(named)
        if vector != unit.vector:
            raise UnitDimension(
                field="formula",
                given=indicator.formula.text,
                given_dimension=units.measured(vector),
                wanted_dimension=units.measured(unit.vector),
                choices=units.measuring(unit.vector),
                hint=Words(
                    en="The unit of an indicator has to be that of its formula.",
                    zh="指标单位须与其公式的量纲一致。",
                ),
            )
    for index, case in enumerate(indicator.cases):
        with within(f"cases[{index}]."):
            if case.when is not None:
                with within("when."):
                    case.when.check(named)
            if case.requirement is not None:
                with within("limit."):
                    units.conversion(case.requirement.limit.unit, unit.code)
    for field in ("reference", "smallest", "largest"):
        figure = getattr(indicator, field)
        if figure is not None:
            with within(f"{field}."):
                units.conversion(figure.unit, unit.code)
    _check_points(indicator)


def _named(system: System, catalogue: Catalogue) -> Mapping[str, Vector]:
    """Return what each name that a formula may use measures."""
    declared = {each.parameter_id: units.unit(each.unit).vector for each in system.parameters}
    return {**catalogue.in_formulas, **declared}


def _check_points(indicator: Indicator) -> None:
    placed = []
    for index, point in enumerate(indicator.points):
        with within(f"points[{index}].value."):
            placed.append(point.value.to(indicator.unit))
        if not 0 <= point.score <= 1:
            raise FieldInvalid(
                field=f"points[{index}].score", given=str(point.score), allowed="0 to 1"
            )
    if len(placed) == 1 or any(right <= left for left, right in pairwise(placed)):
        allowed = Words(en="two points or more, by rising value", zh="不少于两个点，取值依次递增")
        raise FieldInvalid(field="points", given=str(len(placed)), allowed=allowed)


def _check_method(system: System, catalogue: Catalogue) -> None:
    computed = [
        ask.input_id
        for ask in system.asks()
        if catalogue.inputs[ask.input_id].origin is Origin.INVENTORY
    ]
    if computed and not system.method_id:
        raise FieldRequired(field="method_id")


def _check_groups(system: System) -> None:
    chosen = Counter(each.group_id for each in system.indicators if each.part is Part.CHOSEN)
    for index, group in enumerate(system.groups):
        most = chosen[group.group_id]
        least = 1 if most else 0
        if not least <= group.least_count <= most:
            raise FieldInvalid(
                field=f"groups[{index}].least_count",
                given=str(group.least_count),
                allowed=f"{least} to {most}" if most else "0",
            )


def _check_scoring(system: System) -> None:
    match system.scoring:
        case Scoring.VERDICTS:
            _each_has("cases", system, [each for each in system.indicators if each.part in _JUDGED])
        case Scoring.REFERENCE_RATIO:
            bare = [each for each in system.indicators if not each.cases]
            _each_has("reference", system, bare)
            declared = {each.parameter_id for each in system.parameters}
            if not {COUNT, CAPPED} <= declared:
                allowed = Words(en=f"also {COUNT} and {CAPPED}", zh=f"还须包括 {COUNT} 和 {CAPPED}")
                given = ", ".join(sorted(declared)) or "none"
                raise FieldInvalid(field="parameters", given=given, allowed=allowed)
        case Scoring.WEIGHTED:
            weighed = [each for each in system.indicators if each.weight is not None]
            _each_has("points", system, weighed)
            _check_weights(weighed)
        case Scoring.NONE:
            return


def _each_has(field: str, system: System, indicators: Iterable[Indicator]) -> None:
    for each in indicators:
        if not getattr(each, field):
            index = list(system.indicators).index(each)
            raise FieldRequired(field=f"indicators[{index}].{field}")


def _check_weights(weighed: Sequence[Indicator]) -> None:
    total = sum((Fraction(each.weight or 0) for each in weighed), Fraction(0))
    if total != 1 or any((each.weight or 0) < 0 for each in weighed):
        raise FieldInvalid(
            field="indicators",
            given=f"weights that add up to {units.written(total)}",
            allowed=Words(en="weights of 0 or more that add up to 1", zh="权重非负且合计为 1"),
        )
