"""Why the figures of an enterprise's inventory are what they are: sums of lines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from typing import Final

from services.accounting.domain.claim import BEYOND, unmatched
from services.accounting.domain.emission import Booked
from services.accounting.domain.explanation import reported as of_reported
from services.accounting.domain.explanation.measure import Measure, measure_of, measures
from services.accounting.domain.explanation.tree import Explanation, chosen, same
from services.accounting.domain.inventory import Inventory, ItemTotal
from services.accounting.domain.line import Line
from services.accounting.domain.method import Basis, Category, Item, Method
from services.kernel.errors import Words
from services.kernel.mass import G_PER_T
from services.kernel.quantity import Quantity

Describe = Callable[[Line, str], Explanation]
"""Explains a figure of a line, as far down as is wanted."""


def figures(inventory: Inventory) -> tuple[str, ...]:
    """Return the figures that can be explained, the total first."""
    method = inventory.method
    kinds = [each.text for each in measures(method)]
    items = dict.fromkeys(each.item_id for each in inventory.items)
    return (
        *(f"{whole}_{kind}" for whole in _WHOLES for kind in kinds),
        *(f"totals.{basis}.{kind}" for basis in method.bases for kind in kinds),
        *(f"items.{item_id}.{kind}" for item_id in items for kind in kinds),
        *((of_reported.FIGURE,) if inventory.reported else ()),
    )


_WHOLES: Final = ("total", "direct", "indirect")


def grams(inventory: Inventory, figure: str) -> int:
    """Return the value of a figure in grams; of the reported total too."""
    if figure == of_reported.FIGURE and inventory.reported:
        return int(Fraction(inventory.reported.total) * G_PER_T)
    measure = measure_of(figure, inventory.method)
    if figure.startswith("items."):
        return _item_grams(inventory, figure.split(".")[1], measure)
    return measure.grams(_whole(inventory, figure)[1])


def share(method: Method, figure: str, item: Item, booked: Booked) -> int:
    """Return what `booked` of an item is of a figure, grams with its sign; 0 where it is not in it.

    The reported total has no such shares: it is rounded in stages.
    """
    if figure == of_reported.FIGURE:
        return 0
    measure = measure_of(figure, method)
    if figure.startswith("items."):
        return measure.grams(booked) if figure.split(".")[1] == item.item_id else 0
    return item.sign * measure.grams(booked) if item.category in _categories(method, figure) else 0


def quantity(inventory: Inventory, figure: str) -> Quantity:
    """Return a figure in its own unit: whole grams, or tonnes as the guide prints them.

    Raises:
        FieldInvalid: an inventory has no such figure.
    """
    figure = chosen(figure, figures(inventory), listed=_listed(inventory))
    if figure == of_reported.FIGURE and inventory.reported:
        return Quantity.parse(f"{inventory.reported.total:f}", of_reported.UNIT)
    unit = measure_of(figure, inventory.method).unit
    return Quantity.parse(f"{grams(inventory, figure)}", unit)


def _item_grams(inventory: Inventory, item_id: str, measure: Measure) -> int:
    return sum(measure.grams(each.booked) for each in inventory.items if each.item_id == item_id)


def _listed(inventory: Inventory) -> str:
    """Return the figures in short: `items.{combustion,materials}.{co2_g,co2e_g}` for four."""

    def any_of(names: Iterable[str]) -> str:
        return f"{{{','.join(dict.fromkeys(names))}}}"

    kinds = any_of(each.text for each in measures(inventory.method))
    items = any_of(each.item_id for each in inventory.items)
    return ", ".join(
        [
            f"{any_of(_WHOLES)}_{kinds}",
            f"totals.{any_of(inventory.method.bases)}.{kinds}",
            *([f"items.{items}.{kinds}"] if inventory.items else []),
            *([of_reported.FIGURE] if inventory.reported else []),
        ]
    )


def of(inventory: Inventory, figure: str, lines: Sequence[Line], describe: Describe) -> Explanation:
    """Return why a figure of `inventory` is what it is; `lines` are those it is made of.

    Raises:
        FieldInvalid: an inventory has no such figure.
    """
    figure = chosen(figure, figures(inventory), listed=_listed(inventory))
    if figure == of_reported.FIGURE and inventory.reported:
        return of_reported.of(inventory, inventory.reported, lines)
    measure = measure_of(figure, inventory.method)
    if figure.startswith("items."):
        return _item(inventory, figure.split(".")[1], measure, lines, describe)
    whole, value = _whole(inventory, figure)
    counted = [each for each in inventory.items if _is_in(inventory, each, whole)]
    names = dict.fromkeys(each.item_id for each in counted)
    return Explanation(
        title=same(f"{inventory.name} {figure}"),
        value=Fraction(measure.grams(value)),
        unit=measure.unit,
        formula=_sum(inventory, names),
        resource=f"{inventory.name}@{inventory.version}",
        children=tuple(_item(inventory, name, measure, lines, describe) for name in names),
    )


def _whole(inventory: Inventory, figure: str) -> tuple[Collection[Category], Booked]:
    """Return the categories that a sum is of, and what is booked for them."""
    method = inventory.method
    categories = _categories(method, figure)
    if figure.startswith("direct_"):
        return categories, inventory.direct
    if figure.startswith("indirect_"):
        return categories, inventory.indirect_by(method.basis)
    return categories, inventory.total_by(_basis(method, figure))


def _categories(method: Method, figure: str) -> Collection[Category]:
    """Return the categories that a sum is of."""
    if figure.startswith("direct_"):
        return {Category.DIRECT}
    if figure.startswith("indirect_"):
        category = method.basis.category
        return {category} if category else set()
    basis = _basis(method, figure)
    return {each for each in Category if method.counts(each, basis)}


def _basis(method: Method, figure: str) -> Basis:
    return Basis(figure.split(".")[1]) if figure.startswith("totals.") else method.basis


def _is_in(inventory: Inventory, item: ItemTotal, counted: Collection[Category]) -> bool:
    return inventory.method.items[item.item_id].category in counted


def _item(
    inventory: Inventory,
    item_id: str,
    measure: Measure,
    lines: Sequence[Line],
    describe: Describe,
) -> Explanation:
    item = inventory.method.items[item_id]
    value = _item_grams(inventory, item_id, measure)
    beyond = item_id == BEYOND
    told = unmatched(lines) if beyond else (each for each in lines if _is_of(each, item_id))
    figure = f"items.{item_id}.{measure.text}"
    return Explanation(
        title=Words(
            en=f"{inventory.name} {figure} ({item.name.en})",
            zh=f"{inventory.name} {figure}（{item.name.zh}）",
        ),
        value=Fraction(value),
        unit=measure.unit,
        formula=GIVEN_BACK if beyond else Words(en="sum of lines", zh="各行之和"),
        resource=f"{inventory.name}@{inventory.version}",
        children=tuple(describe(line, f"emissions.{measure.text}") for line in told),
    )


def _is_of(line: Line, item_id: str) -> bool:
    return line.binding.item_id == item_id


GIVEN_BACK: Final = Words(
    en="the part of these claims that no bought electricity stands against × their factor",
    zh="下列声明中没有对应购入电量的部分 × 声明所用因子",
)


def _sum(inventory: Inventory, names: Iterable[str]) -> Words:
    items = [inventory.method.items[name] for name in names]

    def told(parts: list[tuple[int, str]]) -> str:
        first = "".join(f" {'+' if sign > 0 else '−'} {name}" for sign, name in parts)
        return first.removeprefix(" + ").strip()

    return Words(
        en=told([(item.sign, item.name.en) for item in items]) or "nothing is reported",
        zh=told([(item.sign, item.name.zh) for item in items]) or "没有填报",
    )
