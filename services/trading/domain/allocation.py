"""What a rulebook allocates to an account: the sum of its units, lines or processes.

One generating unit: `unit_allocation`; industry: `intensity`; what verified emissions make of it:
`approval`; what of it is issued: `issue`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.kernel.batch import check_each_once
from services.kernel.errors import FieldInvalid, Words, within
from services.kernel.names import ENTERPRISE, FACILITY
from services.kernel.trust import Status, lowest
from services.trading.domain import approval, intensity
from services.trading.domain.account import Account
from services.trading.domain.approval import NOT_APPROVED, Approval, Share
from services.trading.domain.intensity import BalanceValue, ProcessAllocation
from services.trading.domain.issue import Issue, issued
from services.trading.domain.production import Process, Production, emissions_t
from services.trading.domain.rule import Rule, status_of
from services.trading.domain.rulebook import Rulebook
from services.trading.domain.unit_allocation import (
    UnitAllocation,
    allocate_unit,
    rules_of,
    share_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What an account is allocated for a compliance year. Ours, until the province approves one."""

    account: str
    compliance_year: int
    rulebook: str
    rulebook_version: int
    status: Status
    units: tuple[UnitAllocation, ...] = ()
    processes: tuple[ProcessAllocation, ...] = ()
    balance_value: BalanceValue | None = None
    open_deduction_count: int = 0
    """What is to be deducted when allowances are issued, tonnes."""
    approval: Approval = NOT_APPROVED
    issue: Issue | None = None
    """None until both the pre-allocation and the approved allocation are known."""
    omitted_rules: tuple[str, ...]

    @property
    def initial_count(self) -> int | None:
        """Before verified emissions change it, tonnes; None where it is not known."""
        if self.units:
            return sum(each.allowance_count for each in self.units)
        counts = [each.allowance_count for each in self.processes]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    @property
    def approved_count(self) -> int | None:
        """With exemption, cap and special cases, tonnes; None until emissions are verified."""
        return self.approval.approved_count

    @property
    def pre_allocated_count(self) -> int | None:
        """Before emissions are verified, tonnes; None where it is not known."""
        counts = [each.pre_allocated_count for each in self.units]
        counts += [each.pre_allocated_count for each in self.processes]
        known = [count for count in counts if count is not None]
        return sum(known) if known and len(known) == len(counts) else None

    @property
    def figures(self) -> Allocated:
        """Return its figures alone."""
        return Allocated(
            rulebook=self.rulebook,
            rulebook_version=self.rulebook_version,
            status=self.status,
            initial_count=self.initial_count,
            approved_count=self.approved_count,
            obligation_count=self.approval.obligation_count,
            missing=self.missing,
        )

    @property
    def known(self) -> bool:
        """Tell whether there is a figure at all."""
        return self.initial_count is not None

    @property
    def allowance_count(self) -> int:
        """The approved allocation, else the initial one, tonnes; 0 where neither is known."""
        return self.approved_count if self.approved_count is not None else self.initial_count or 0

    @property
    def missing(self) -> Words | None:
        """What no allocation can be given without; None where one can."""
        return next((each.missing for each in self.processes if each.missing), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocated:
    """The figures of an allocation, without the units that they are sums of."""

    rulebook: str
    rulebook_version: int
    status: Status
    initial_count: int | None
    approved_count: int | None
    obligation_count: int | None
    """By the plan, from the verified emissions that the allocation was made with."""
    missing: Words | None

    @property
    def allowance_count(self) -> int:
        """The approved allocation, else the initial one, tonnes; 0 where neither is known."""
        return self.approved_count if self.approved_count is not None else self.initial_count or 0


def allocate(
    account: Account,
    rulebook: Rulebook,
    productions: Sequence[Production],
    *,
    open_deduction_count: int = 0,
) -> Allocation:
    """Return what `rulebook` allocates to the units of `account`.

    Raises:
        DuplicateRow: a unit stands there twice.
        FieldInvalid: a unit is another enterprise's; at `units[i].facility`.
        FieldInvalid, FieldRequired, QuantityInvalid, UnitDimension: as `allocate_unit`, at
            `units[i]`.
    """
    check_each_once("units", (each.facility for each in productions))
    allocated: list[UnitAllocation] = []
    for index, production in enumerate(productions):
        with within(f"units[{index}]."):
            _check_owner(account, production.facility)
            allocated.append(allocate_unit(rulebook, production))
    shares = [share_of(rulebook, each) for each in allocated]
    return _with_issue(
        Allocation(
            account=account.account,
            compliance_year=rulebook.compliance_year,
            rulebook=rulebook.rulebook,
            rulebook_version=rulebook.version,
            status=status_of(
                _applied(rulebook, allocated) + approval.applied(rulebook.plan, shares)
            ),
            units=tuple(allocated),
            open_deduction_count=open_deduction_count,
            approval=approval.approve(rules_of(rulebook), shares),
            omitted_rules=_omitted(rulebook),
        )
    )


def allocate_processes(
    account: Account,
    rulebook: Rulebook,
    processes: Sequence[Process],
    balance: BalanceValue | None,
    *,
    open_deduction_count: int = 0,
) -> Allocation:
    """Return what `rulebook` allocates to the lines and processes of `account`.

    Raises:
        DuplicateRow: a process stands there twice.
        FieldInvalid: a process is another enterprise's; at `processes[i].facility`.
        FieldInvalid, FieldRequired, QuantityInvalid, UnitDimension: as `allocate_process`, at
            `processes[i]`, and as `check_balance`.
    """
    check_each_once("processes", (each.facility for each in processes))
    if balance is not None:
        intensity.check_balance(balance)
    allocated: list[ProcessAllocation] = []
    for index, process in enumerate(processes):
        with within(f"processes[{index}]."):
            _check_owner(account, process.facility)
            allocated.append(intensity.allocate_process(rulebook, process, balance))
    statuses = [status_of(_rules_of_industry(rulebook))]
    if balance is not None and rulebook.plan.intensity is not None:
        statuses.append(balance.source.status)
    return _with_issue(
        Allocation(
            account=account.account,
            compliance_year=rulebook.compliance_year,
            rulebook=rulebook.rulebook,
            rulebook_version=rulebook.version,
            status=lowest(*statuses),
            processes=tuple(allocated),
            balance_value=balance,
            open_deduction_count=open_deduction_count,
            approval=_approved_industry(rulebook, allocated),
            omitted_rules=_omitted(rulebook),
        )
    )


def derived_anew(account: Account, rulebook: Rulebook, before: Allocation) -> Allocation:
    """Return what another version of the rulebook makes of the same production."""
    if before.processes:
        return allocate_processes(
            account,
            rulebook,
            [each.process for each in before.processes],
            before.balance_value,
            open_deduction_count=before.open_deduction_count,
        )
    return allocate(
        account,
        rulebook,
        [each.production for each in before.units],
        open_deduction_count=before.open_deduction_count,
    )


def _approved_industry(rulebook: Rulebook, allocated: Sequence[ProcessAllocation]) -> Approval:
    if any(each.missing for each in allocated):
        return Approval(missing=next(each.missing for each in allocated if each.missing))
    shares = [
        Share(
            initial_count=each.allowance_count or 0,
            verified_t=None
            if each.process.verified is None
            else emissions_t(each.process.verified, "verified_emissions"),
        )
        for each in allocated
    ]
    return approval.approve(rules_of(rulebook), shares)


def _with_issue(allocation: Allocation) -> Allocation:
    before, approved = allocation.pre_allocated_count, allocation.approved_count
    if approved is None or (before is None and allocation.open_deduction_count):
        return allocation
    found = issued(
        pre_allocated_count=before or 0,
        approved_count=approved,
        open_count=allocation.open_deduction_count,
    )
    return replace(allocation, issue=found)


def _rules_of_industry(rulebook: Rulebook) -> list[Rule]:
    rules = [rulebook.formula.rule, rulebook.quota_rounding.rule]
    return rules if rulebook.plan.intensity is None else [*rules, rulebook.plan.intensity.rule]


def _applied(rulebook: Rulebook, units: Sequence[UnitAllocation]) -> list[Rule]:
    rules = [rulebook.formula.rule, rulebook.quota_rounding.rule]
    peak, cooling = rulebook.peak_factor, rulebook.cooling_factor
    for each in units:
        production, unit_class = each.production, rulebook.unit_class(each.unit_class)
        rules.append(rulebook.benchmark(unit_class).rule)
        if cooling is not None and unit_class.fuel_group in cooling.fuel_groups:
            rules.append(cooling.rule_of(production.cooling))
        for_heat = rulebook.heat_factor(unit_class.fuel_group)
        if for_heat is not None:
            rules.append(for_heat.rule)
        if peak is None:
            continue
        rules.append(peak.rule)
        load, cogeneration = production.load_factor_ratio, production.cogeneration
        if peak.applies(unit_class.unit_class, load, cogeneration=cogeneration):
            rules.append(peak.rounding_rule)
    return rules


def _omitted(rulebook: Rulebook) -> tuple[str, ...]:
    return tuple(each.text.en for each in rulebook.omitted_rules)


def _check_owner(account: Account, facility: str) -> None:
    own = facility == account.enterprise_name
    if not own and (
        ENTERPRISE.matches(facility)
        or FACILITY.parse(facility, "facility")["enterprise"] != account.enterprise
    ):
        raise FieldInvalid(
            field="facility",
            given=facility,
            allowed=Words(
                en=f"a generating unit of {account.enterprise_name}, whose account this is",
                zh=f"该账户所属企业 {account.enterprise_name} 的发电机组",
            ),
        )
