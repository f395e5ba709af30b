"""The smallest valid verification, and what may be in it; keywords override."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.accounting.domain.knowledge.verification import (
    Conclusion,
    Finding,
    Kind,
    Resolution,
    Severity,
    Statement,
    Verification,
    VerifiedFigure,
)
from tests.accounting.builders import quantity

CURRENT = {"gbt32150": 3, "ghgp": 2}
SETTLED = Resolution(text="calibrated again", evidence="")
FINDING = Finding(
    finding_id="nc-1",
    kind=Kind.METER,
    severity=Severity.NONCONFORMITY,
    subject="combustion",
    text="no calibration",
    evidence="",
)
OBSERVATION = replace(FINDING, finding_id="ob-1", severity=Severity.OBSERVATION)


def verification(**fields: Any) -> Verification:
    values: dict[str, Any] = {
        "enterprise": "mill",
        "accounting_year": 2023,
        "verification_id": "first",
        "verifier": "principals/body",
        "period_version": 1,
        "inventory_versions": CURRENT,
    }
    return Verification(**values | fields)


def figure(verified: str, reported: str = "64510000 gCO2", reason: str = "why") -> VerifiedFigure:
    return VerifiedFigure(
        inventory="enterprises/mill/inventories/2023",
        figure="total_co2_g",
        reported=quantity(reported),
        verified=quantity(verified),
        reason=reason,
    )


def statement(conclusion: Conclusion) -> Statement:
    return Statement(
        conclusion=conclusion,
        text="as the report says",
        report_number="HC-1",
        report_title="report",
        report_sha256="0" * 64,
    )
