"""Verifications ⇄ their messages."""

from __future__ import annotations

from collections.abc import Mapping

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
from services.kernel.errors import Words, within
from services.kernel.quantity import Quantity
from services.runtime import wire
from zonecarbon.accounting.v1 import verification_pb2 as pb

_NOTHING = Words(en="", zh="")


def from_verification(verification: Verification, current: Mapping[str, int]) -> pb.Verification:
    """Return the message of a verification; `current` are the versions of now, by method."""
    fixed = verification.inventory_versions
    way_out = verification.way_out(current) or _NOTHING
    statement, moment = verification.statement, verification.create_time
    return pb.Verification(
        name=verification.name,
        state=pb.VerificationState.Value(f"VERIFICATION_STATE_{verification.state.value}"),
        verifier=verification.verifier,
        period_version=verification.period_version,
        inventories=[
            pb.VerifiedInventory(
                name=verification.inventory(method_id),
                inventory_version=fixed.get(method_id, 0),
                current_version=current.get(method_id, 0),
            )
            for method_id in sorted(fixed.keys() | current.keys())
        ],
        findings=[_from_finding(each) for each in verification.findings],
        figures=[_from_figure(each) for each in verification.figures],
        statement=_from_statement(statement) if statement else None,
        superseded=verification.is_superseded(current),
        way_out=way_out.en,
        way_out_zh=way_out.zh,
        resource_version=verification.version,
        revision=verification.revision,
        create_time=wire.from_instant(moment) if moment else None,
        etag=verification.etag,
    )


def to_finding(message: pb.VerificationFinding) -> Finding:
    """Return a finding that is recorded: open, whatever the message says of what settled it."""
    kind = pb.VerificationFindingKind.Name(message.kind)
    severity = pb.VerificationFindingSeverity.Name(message.severity)
    return Finding(
        finding_id=message.finding_id,
        kind=Kind(kind.removeprefix("VERIFICATION_FINDING_KIND_")),
        severity=Severity(severity.removeprefix("VERIFICATION_FINDING_SEVERITY_")),
        subject=message.subject,
        text=message.text,
        evidence=message.evidence,
    )


def to_resolution(message: pb.FindingResolution) -> Resolution:
    """Return what settled a finding."""
    return Resolution(text=message.text, evidence=message.evidence)


def to_figure(message: pb.VerifiedFigure, reported: Quantity) -> VerifiedFigure:
    """Return a verified figure beside the one that was reported.

    Raises:
        QuantityInvalid, UnitUnknown, UnitAmbiguous: it is no quantity; below `verified`.
    """
    with within("verified."):
        verified = wire.to_quantity(message.verified)
    return VerifiedFigure(
        inventory=message.inventory,
        figure=message.figure,
        reported=reported,
        verified=verified,
        reason=message.reason,
    )


def to_statement(message: pb.VerificationStatement) -> Statement:
    """Return what a verifier states."""
    conclusion = pb.VerificationConclusion.Name(message.conclusion)
    return Statement(
        conclusion=Conclusion(conclusion.removeprefix("VERIFICATION_CONCLUSION_")),
        text=message.text,
        report_number=message.report_number,
        report_title=message.report.title,
        report_sha256=message.report.sha256,
    )


def _from_finding(finding: Finding) -> pb.VerificationFinding:
    settled = finding.resolution
    return pb.VerificationFinding(
        finding_id=finding.finding_id,
        kind=pb.VerificationFindingKind.Value(f"VERIFICATION_FINDING_KIND_{finding.kind.value}"),
        severity=pb.VerificationFindingSeverity.Value(
            f"VERIFICATION_FINDING_SEVERITY_{finding.severity.value}"
        ),
        subject=finding.subject,
        text=finding.text,
        evidence=finding.evidence,
        resolution=pb.FindingResolution(
            finding_id=finding.finding_id, text=settled.text, evidence=settled.evidence
        )
        if settled
        else None,
    )


def _from_figure(figure: VerifiedFigure) -> pb.VerifiedFigure:
    return pb.VerifiedFigure(
        inventory=figure.inventory,
        figure=figure.figure,
        reported=wire.from_quantity(figure.reported),
        verified=wire.from_quantity(figure.verified),
        difference=wire.from_exact(figure.difference, figure.reported.unit),
        reason=figure.reason,
    )


def _from_statement(statement: Statement) -> pb.VerificationStatement:
    return pb.VerificationStatement(
        conclusion=pb.VerificationConclusion.Value(
            f"VERIFICATION_CONCLUSION_{statement.conclusion.value}"
        ),
        text=statement.text,
        report_number=statement.report_number,
        report=pb.VerificationReport(title=statement.report_title, sha256=statement.report_sha256),
    )
