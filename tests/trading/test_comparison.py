"""What another version of a rulebook changes, rule by rule and account by account."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from services.kernel.trust import Status
from services.trading.domain.comparison import changed_rules, compared
from tests.trading import builders


def test_rules_and_accounts_that_differ_are_named_with_both_figures() -> None:
    old = builders.rulebook(2025)
    first, second, *others = old.benchmarks
    cap = old.plan.gap_cap
    assert cap is not None
    new = replace(
        old,
        version=2,
        source=replace(old.source, status=Status.OFFICIAL),
        benchmarks=(first, replace(second, power_t_per_mwh=Decimal("0.8000")), *others),
        plan=replace(old.plan, gap_cap=replace(cap, gap_ratio=Decimal("0.10")), borrowing=None),
        vintages=replace(old.vintages, last_year=2025),
        surrender_date=None,
    )
    stored = builders.allocation(builders.production(heat="0 GJ"), year=2025)

    changed = {each.rule: each.text.en for each in changed_rules(old, new)}
    found = compared(builders.account(), old, new, stored)

    assert set(changed) == {"plan", "benchmark.II", "gap_cap", "vintages", "surrender"}
    assert changed["plan"] == "draft → official"
    assert changed["benchmark.II"] == "0.8017 t/MWh, 0.1027 t/GJ → 0.8000 t/MWh, 0.1027 t/GJ"
    assert (found.before, found.after.rulebook_version) == (stored, 2)
    assert found.difference_count == 80_000 - 80_170
    assert changed_rules(old, old) == ()


def test_a_formula_a_factor_and_a_class_that_go_are_named_with_what_they_were() -> None:
    old = builders.rulebook(2025)
    *kept, last = old.benchmarks
    assert old.peak_factor is not None
    new = replace(
        old,
        formula=replace(old.formula, expression="A = Qe × Be"),
        peak_factor=None,
        benchmarks=tuple(kept),
    )

    changed = {each.rule: each.text.en for each in changed_rules(old, new)}

    assert changed == {
        "formula": f"{old.formula.expression} → A = Qe × Be",
        "peak_factor": f"{old.peak_factor.expression} → —",
        f"benchmark.{last.unit_class}": f"{last.power_t_per_mwh} t/MWh, "
        f"{last.heat_t_per_gj} t/GJ → —",
    }
