"""Figures of one thing on net and on gross heat, held against each other.

A fuel has less net heat than gross heat, so each unit of its net heat carries more emissions. A
table that says the opposite has its two columns exchanged or one basis mislabelled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Final

from services.kernel import units
from services.kernel.errors import FactorImplausible, Words, within
from services.registry.domain.factor import Factor, FactorRole

_PER_HEAT: Final[Mapping[FactorRole, tuple[str, str]]] = {
    FactorRole.CO2_FACTOR: ("kgCO2/TJ(NCV)", "kgCO2/TJ(GCV)"),
    FactorRole.CO2E_FACTOR: ("tCO2e/TJ(NCV)", "tCO2e/TJ(GCV)"),
}
"""Units in which the figures of a role are compared: per net heat, per gross heat."""

_Indexed = tuple[int, Factor]


def check_bases(factors: Sequence[Factor]) -> None:
    """Refuse figures of one thing where that per net heat is not the larger.

    Figures are of one thing where set, role, subject, place and period are the same. Two zeros are
    left alone: a fuel without emissions has none on either basis.

    Raises:
        FactorImplausible: at `factors[index].quantity.value`, the index in `factors` of the figure
            per net heat.
    """
    net: defaultdict[Hashable, list[_Indexed]] = defaultdict(list)
    gross: defaultdict[Hashable, list[_Indexed]] = defaultdict(list)
    for index, factor in enumerate(factors):
        for basis, unit in zip((net, gross), _PER_HEAT.get(factor.role, ()), strict=False):
            if units.unit(factor.quantity.unit).vector == units.unit(unit).vector:
                basis[_thing(factor)].append((index, factor))
    for thing, of_net in net.items():
        for index, factor in of_net:
            with within(f"factors[{index}]."):
                _compare(factor, (other for _, other in gross[thing]))


def _compare(net: Factor, others: Iterable[Factor]) -> None:
    per_net, per_gross = _PER_HEAT[net.role]
    figure = net.quantity.to(per_net)
    for other in others:
        least = other.quantity.to(per_gross)
        if figure < least or figure == least != 0:
            raise FactorImplausible(
                field="quantity.value",
                given=f"{net.quantity.text} {net.quantity.unit}",
                band=Words(
                    en=f"of more than {other.quantity}, its own figure per gross heat",
                    zh=f"（应大于同一对象按高位发热量计的 {other.quantity}）",
                ),
            )


def _thing(factor: Factor) -> Hashable:
    return (
        factor.factor_set,
        factor.role,
        factor.subject,
        factor.region_code,
        factor.data_start,
        factor.data_end,
    )
