"""How the zone stands by indicator systems, as it is shown on the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from rich.console import Group, RenderableType

from tools.demo.layout import below, section
from tools.demo.words import Result

_SHOWN: Final = Context(prec=6, rounding=ROUND_HALF_EVEN)
_VERDICTS: Final = {
    "MET": "met 达到",
    "NOT_MET": "not met 未达到",
    "NO_THRESHOLD": "no requirement 无要求",
    "NOT_APPLICABLE_WITH_REASON": "left out 不适用",
    "MISSING": "incomplete 不完整",
    "UNDEFINED": "undefined 无法计算",
}


def evaluations(every: Sequence[Result]) -> RenderableType:
    """Return the evaluations of the zone, one below the other."""
    return Group(*(_evaluation(each) for each in every))


def _evaluation(made: Result) -> RenderableType:
    told = [each for each in made["indicators"] if each["value"] or each["verdict"] != "MISSING"]
    return Group(
        section(
            f"Evaluation 园区评价 {made['accounting_year']}",
            f"{made['title_zh']} {made['title']}",
            f"{made['state']}: {made['consequence']} {made['consequence_zh']}".rstrip(": "),
            f"emissions by {made['method']}, known at accounting revision "
            f"{made['knowledge_revision']} · rules {made['status']} · statistics synthetic",
        ),
        *(line for each in told for line in _indicator(each)),
        *(below(line) for line in _lacking(made)),
    )


def _indicator(each: Result) -> Iterator[RenderableType]:
    """Yield what an indicator is, and below it how it stands: names are long in two languages."""
    yield below(f"{each['display_name_zh']} {each['display_name']}")
    told = (f"{_short(each['value'])} {_limit(each)}".strip(), _VERDICTS[each["verdict"]])
    yield below(" · ".join((*told, each["status"])), indent=4)


def _limit(each: Result) -> str:
    if each["limit"] is None:
        return ""
    return f"{'≤' if each['at_most'] else '≥'} {each['limit']}"


def _short(value: str | None) -> str:
    """Return a value with six digits; the results hold all of them."""
    if value is None:
        return "-"
    number, _, unit = value.partition(" ")
    rounded = _SHOWN.plus(Decimal(number)).normalize(_SHOWN)
    return f"{rounded:f} {unit}".strip()


def _lacking(made: Result) -> Iterator[str]:
    counted = Counter(each["verdict"] for each in made["indicators"])
    if counted["MISSING"]:
        yield (
            f"{counted['MISSING']} of {len(made['indicators'])} indicators are incomplete "
            f"数据不完整; the first of {len(made['needs'])} needs: {made['needs'][0]}"
        )
