"""Base years: a figure that is fixed, and when a change of it is significant.

GHG Protocol Corporate Standard, revised edition, chapter 5: an enterprise chooses a base year and
states the threshold beyond which it recalculates it. The threshold is the enterprise's own; nothing
here knows a default.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.accounting.domain.explanation.inventory import grams
from services.accounting.domain.explanation.measure import measures
from services.accounting.domain.inventory import LACKING, FindingKind, Inventory, State
from services.accounting.domain.method import Basis, Method
from services.kernel.errors import InventoryIncomplete
from services.kernel.names import BASE_YEAR, INVENTORY, inventory_id
from services.kernel.quantity import Quantity

_PERCENT: Final = 100


class Event(StrEnum):
    """What made a version; the contract says it in words."""

    SET = "SET"
    RESTATED = "RESTATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which figure is the base, and beyond which change it is recalculated."""

    accounting_year: int
    basis: Basis
    gwp_set: str
    threshold: Quantity
    """In percent, not negative."""

    def is_of_same_figure(self, other: Policy) -> bool:
        """Tell whether both mean the same figure, whatever their thresholds."""
        return self == replace(other, threshold=self.threshold)

    def figure(self, method: Method) -> str:
        """Return the figure of the inventory, as it is explained by name."""
        (measure,) = (each.text for each in measures(method) if each.gwp_set == self.gwp_set)
        return f"totals.{self.basis}.{measure}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The figure that is fixed and the one of now, grams of CO2 equivalent."""

    fixed_g: int
    current_g: int

    @property
    def difference_g(self) -> int:
        """Current minus fixed."""
        return self.current_g - self.fixed_g

    @property
    def percent(self) -> Fraction | None:
        """The difference in percent of the fixed figure's size, exact; None where 0 is fixed.

        >>> Change(fixed_g=-200, current_g=-190).percent
        Fraction(5, 1)
        """
        if not self.fixed_g:
            return None
        return Fraction(_PERCENT * self.difference_g, abs(self.fixed_g))

    def exceeds(self, threshold: Quantity) -> bool:
        """Tell whether the size of the change is more than the threshold, both unrounded.

        Where 0 is fixed, any change is.

        >>> five = Quantity.parse("5", "%")
        >>> Change(fixed_g=1_000_000_000, current_g=1_050_000_000).exceeds(five)
        False
        >>> Change(fixed_g=1_000_000_000, current_g=1_050_000_004).exceeds(five)
        True
        """
        if self.percent is None:
            return self.difference_g != 0
        return abs(self.percent) > threshold.to("%")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseYear:
    """A base year in one of its versions."""

    enterprise: str
    """The id of the enterprise."""
    method_id: str
    policy: Policy
    inventory_version: int
    """That is fixed."""
    total_g: int
    """That is fixed, grams of CO2 equivalent."""
    event: Event
    below_threshold: bool
    """Whether a change was adopted that did not exceed the threshold."""
    reason: str
    decider: str
    version: int
    revision: int = 0
    """That holds this version; 0 while it is not stored."""
    create_time: datetime | None = None

    @property
    def name(self) -> str:
        """The resource name."""
        return BASE_YEAR.format(enterprise=self.enterprise, method=self.method_id)

    @property
    def inventory(self) -> str:
        """The resource name of the inventory whose total it is."""
        inventory = inventory_id(self.policy.accounting_year, self.method_id)
        return INVENTORY.format(enterprise=self.enterprise, inventory=inventory)

    def change(self, current: Inventory) -> Change:
        """Return what became of its figure in the `current` version of the inventory."""
        return Change(fixed_g=self.total_g, current_g=total_g(current, self.policy))

    def restated(self, current: Inventory, *, decider: str, reason: str) -> BaseYear:
        """Return the next version, with the figure of now; the same where that is fixed already.

        Raises:
            InventoryIncomplete: the figure of now lacks something.
        """
        if current.version == self.inventory_version:
            return self
        check_whole(current, self.policy.basis)
        change = self.change(current)
        return replace(
            self,
            inventory_version=current.version,
            total_g=change.current_g,
            event=Event.RESTATED,
            below_threshold=not change.exceeds(self.policy.threshold),
            reason=reason,
            decider=decider,
            version=self.version + 1,
            revision=0,
            create_time=None,
        )


def chosen(
    before: BaseYear | None, inventory: Inventory, policy: Policy, *, decider: str, reason: str
) -> BaseYear:
    """Return the base year by a policy, its next version where there is one.

    Its figure is that of `inventory`, the current version; where the one before has the same
    figure, that stays fixed as it is.

    Raises:
        InventoryIncomplete: the inventory to be fixed lacks something.
    """
    if before is not None and policy.is_of_same_figure(before.policy):
        fixed_version, fixed_g = before.inventory_version, before.total_g
    else:
        check_whole(inventory, policy.basis)
        fixed_version, fixed_g = inventory.version, total_g(inventory, policy)
    return BaseYear(
        enterprise=inventory.enterprise,
        method_id=inventory.method.method_id,
        policy=policy,
        inventory_version=fixed_version,
        total_g=fixed_g,
        event=Event.SET,
        below_threshold=False,
        reason=reason,
        decider=decider,
        version=before.version + 1 if before else 1,
    )


def total_g(inventory: Inventory, policy: Policy) -> int:
    """Return the figure of a policy, grams of CO2 equivalent."""
    return grams(inventory, policy.figure(inventory.method))


def check_whole(inventory: Inventory, basis: Basis) -> None:
    """Raise InventoryIncomplete where an inventory, or its total by a basis, lacks something."""
    missing = [LACKING[each.kind] for each in inventory.findings if each.kind in LACKING]
    if not inventory.knows(basis):
        missing.append(LACKING[FindingKind.FACTOR_MISSING])
    if inventory.state is State.INCOMPLETE or missing:
        raise InventoryIncomplete(name=inventory.name, missing=tuple(dict.fromkeys(missing)))
