"""Rulebook → its message."""

from __future__ import annotations

from services.kernel.errors import Language
from services.runtime import wire
from services.trading.domain import steps
from services.trading.domain.rulebook import Benchmark, Rulebook
from services.trading.wire.account import from_sector
from zonecarbon.trading.v1 import rulebook_pb2


def from_rulebook(rulebook: Rulebook, language: Language) -> rulebook_pb2.Rulebook:
    """Return the message of a rulebook, its names in `language`."""
    return rulebook_pb2.Rulebook(
        name=rulebook.name,
        display_name=rulebook.title.said(language),
        sector=from_sector(rulebook.sector),
        compliance_year=rulebook.compliance_year,
        resource_version=rulebook.version,
        source=wire.from_source(rulebook.source),
        benchmarks=[_from_benchmark(rulebook, each) for each in rulebook.benchmarks],
        formula=rulebook.formula.expression,
        peak_factor=steps.peak_in_words(rulebook.peak_factor),
        rounding=steps.rounding_in_words(rulebook),
        surrender_date=wire.from_day(rulebook.surrender_date),
        omitted_rules=[each.text.said(language) for each in rulebook.omitted_rules],
        rules=[
            rulebook_pb2.RulebookRule(
                rule_id=each.name,
                text=each.text.said(language),
                source=wire.from_source(each.rule.source),
                house_rule=each.rule.house_rule,
            )
            for each in rulebook.said_rules()
        ],
        first_vintage_year=rulebook.vintages.first_year,
        last_vintage_year=rulebook.vintages.last_year,
        vintage_rule=wire.from_source(rulebook.vintages.rule.source),
    )


def _from_benchmark(rulebook: Rulebook, benchmark: Benchmark) -> rulebook_pb2.Benchmark:
    titles = {each.unit_class: each.title for each in rulebook.unit_classes}
    return rulebook_pb2.Benchmark(
        unit_class=benchmark.unit_class,
        display_name_zh=titles[benchmark.unit_class].zh,
        power_t_per_mwh=wire.from_decimal(benchmark.power_t_per_mwh),
        heat_t_per_gj=wire.from_decimal(benchmark.heat_t_per_gj),
        basis=rulebook.formula.power_basis,
        source=wire.from_source(benchmark.rule.source),
    )
