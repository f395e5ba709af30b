"""Methods → their messages."""

from __future__ import annotations

from services.accounting.domain.method import Item, Method
from services.accounting.wire.inventory import from_category
from services.runtime import wire
from zonecarbon.accounting.v1 import method_pb2


def from_method(method: Method) -> method_pb2.Method:
    """Return the message of `method`."""
    return method_pb2.Method(
        method_id=method.method_id,
        display_name=method.title.en,
        display_name_zh=method.title.zh,
        resource_version=method.version,
        status=wire.from_status(method.status),
        note=method.note,
        gwp_sets=method.gwp_sets,
        scope2_bases=[basis.value for basis in method.bases],
        industry_codes=method.industries,
        first_accounting_year=method.first_year,
        zones=method.is_of_zones,
        items=[_from_item(item, method) for item in method.items.values()],
        open_points=[
            method_pb2.OpenPoint(text=point.en, text_zh=point.zh) for point in method.open_points
        ],
    )


def _from_item(item: Item, method: Method) -> method_pb2.MethodItem:
    formulas = [formula for term in method.terms if term.item is item for formula in term.formulas]
    return method_pb2.MethodItem(
        item_id=item.item_id,
        display_name=item.name.en,
        display_name_zh=item.name.zh,
        category=from_category(item.category),
        deducted=item.sign < 0,
        formulas=[
            method_pb2.MethodFormula(
                formula_id=formula.formula_id,
                text=formula.words.en,
                text_zh=formula.words.zh,
                source=wire.from_source(formula.clause),
            )
            for formula in formulas
        ],
    )
