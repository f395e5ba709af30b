"""Figures per net heat against figures per gross heat (BEH-02)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import FactorImplausible
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from services.registry.domain.basis import check_bases
from services.registry.domain.factor import Factor, FactorRole


def factor(value: str, unit: str) -> Factor:
    return Factor(
        factor_set="set",
        factor="f",
        display_name="",
        display_name_zh="",
        role=FactorRole.CO2_FACTOR,
        subject="natural-gas",
        quantity=Quantity.parse(value, unit),
        region_code="CN",
        data_start=None,
        data_end=None,
        lower=None,
        upper=None,
        source=Source(title="table", status=Status.SECONDARY),
    )


figures = st.integers(min_value=0, max_value=300)


@given(net=figures, gross=figures, net_at=st.sampled_from([0, 1]))
def test_net_and_gross_are_taken_exactly_where_net_is_larger_or_both_are_nothing(
    net: int, gross: int, net_at: int
) -> None:
    # 0.0036 kgCO2/kWh is 1 tCO2/TJ: the two units are compared by what they are worth.
    per_net = factor(f"{net}", "tCO2/TJ(NCV)")
    per_gross = factor(f"{gross * 36}e-4", "kgCO2/kWh(GCV)")
    table = [per_gross]
    table.insert(net_at, per_net)

    if net > gross or net == gross == 0:
        check_bases(table)
    else:
        with pytest.raises(FactorImplausible) as caught:
            check_bases(table)
        assert caught.value.field == f"factors[{net_at}].quantity.value"


def test_figures_of_one_basis_are_not_compared() -> None:
    check_bases([factor("0.2", "kgCO2/kWh(GCV)"), factor("0.3", "kgCO2/kWh(GCV)")])
    check_bases([factor("0.2", "kgCO2/kWh(NCV)"), factor("3", "tCO2/t")])
