"""What of an allocation is really issued, where deductions are open (多退少补、核减).

    pre-allocation   deducted = min(pre-allocated, open)          issued = pre-allocated − deducted
    approval         refunded = max(deducted − approved, 0)
                     issued   = approved − pre-allocated + refunded − min(left to deduct, the rest)

Source: draft of 2026-07-27, 附1 表1-5 注3 and 注4, 附2 表2-5 注5, 注6 and 注8;
国环规气候〔2024〕1号, 五（五）, says that there are deductions and prints no steps.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What is issued in both steps, tonnes."""

    pre_deducted_count: int
    pre_issued_count: int
    refunded_count: int
    """Deducted beyond the approved allocation, back to the open deductions."""
    deducted_count: int
    """At the approval."""
    final_issued_count: int
    """At the approval; negative: to be given back."""
    open_count: int
    """Still to be deducted."""

    @property
    def total_issued_count(self) -> int:
        """In both steps."""
        return self.pre_issued_count + self.final_issued_count


def issued(*, pre_allocated_count: int, approved_count: int, open_count: int) -> Issue:
    """Return what is issued of an allocation when so much is open for deduction, tonnes."""
    pre_deducted = min(pre_allocated_count, open_count)
    left = open_count - pre_deducted
    difference = approved_count - pre_allocated_count
    refunded = max(pre_deducted - approved_count, 0)
    deducted = min(max(difference, 0), left)
    return Issue(
        pre_deducted_count=pre_deducted,
        pre_issued_count=pre_allocated_count - pre_deducted,
        refunded_count=refunded,
        deducted_count=deducted,
        final_issued_count=difference + refunded - deducted,
        open_count=left + refunded - deducted,
    )
