"""Why a share of a figure moved: by what the books say became of an inventory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.accounting.domain.explanation import inventory as figures_of
from services.accounting.domain.indicator import emissions
from services.accounting.domain.indicator.difference import Cause
from services.accounting.domain.indicator.figure import Share
from services.accounting.domain.knowledge.restatement import CauseKind, Side, compare
from services.accounting.domain.method import Method
from services.accounting.store.inventories import Key
from services.kernel import names
from services.kernel.mass import G_PER_T

Between = Callable[[Key, int, int], tuple[Side, Side]]
"""Returns two versions of an inventory."""

_CAUSES: Final[Mapping[CauseKind, Cause]] = {
    CauseKind.RECORD_ADDED: Cause.DATA,
    CauseKind.RECORD_CORRECTED: Cause.DATA,
    CauseKind.UNIT_CORRECTED: Cause.DATA,
    CauseKind.DIVISION_CHANGED: Cause.DATA,
    CauseKind.CLAIMS_MATCHED: Cause.DATA,
    CauseKind.FACTOR_REVISED: Cause.FACTOR,
    CauseKind.FACTOR_REPLACED: Cause.FACTOR,
    CauseKind.GWP_CHANGED: Cause.FACTOR,
    CauseKind.FORMULA_CHANGED: Cause.METHOD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """Tells causes by the versions of inventories."""

    between: Between
    methods: Mapping[str, Method]
    is_other_method: bool
    """Whether the two evaluations take emissions by different methods."""

    def of(
        self, input_id: str, was: Share | None, now: Share | None
    ) -> Sequence[tuple[Cause, Fraction]]:
        """Return causes and what each brought to a share; they add up to the whole."""
        whole = (now.amount if now else Fraction(0)) - (was.amount if was else Fraction(0))
        either = now or was
        is_inventory = either is not None and names.INVENTORY.matches(either.name)
        if is_inventory and self.is_other_method:
            return [(Cause.METHOD, whole)]
        if not is_inventory or was is None or now is None or was.version == now.version:
            return [(Cause.DATA, whole)]
        return self._of_inventory(input_id, was, now, whole)

    def _of_inventory(
        self, input_id: str, was: Share, now: Share, whole: Fraction
    ) -> Sequence[tuple[Cause, Fraction]]:
        ids = names.INVENTORY.parse(now.name)
        year, method_id = names.of_inventory(ids["inventory"])
        key = Key(enterprise=ids["enterprise"], accounting_year=year, method_id=method_id)
        before, after = self.between(key, was.version, now.version)
        method = self.methods[method_id]
        gas = "co2_g" if input_id == emissions.CO2 else "co2e_g"
        part = "direct" if input_id == emissions.DIRECT_CO2E else "total"
        sums: Counter[Cause] = Counter()
        for line in compare(before, after, method).lines:
            for cause in line.causes:
                sums[_CAUSES[cause.kind]] += figures_of.share(
                    method, f"{part}_{gas}", line.item, cause.difference
                )
        found = {cause: Fraction(grams, G_PER_T) for cause, grams in sums.items() if grams}
        rest = whole - sum(found.values(), Fraction(0))
        if rest or not found:
            found[Cause.DATA] = found.get(Cause.DATA, Fraction(0)) + rest
        return list(found.items())
