"""Verifications of accounting years: every version stays, whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

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
from services.accounting.store.tables import metadata
from services.kernel.quantity import Quantity
from services.runtime.revision import Revision
from services.runtime.stored import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Which verification: of whose year."""

    enterprise: str
    accounting_year: int
    verification_id: str


class VerificationColumns(Stored):
    """One row a version of a verification."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    verification: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    verifier: sa.Named[str] = sa.Column(sa.Text)
    period_version: sa.Named[int] = sa.Column(sa.BigInteger)
    inventory_versions: sa.Named[dict[str, int]] = sa.Column(sa.JSON)
    """By method."""
    findings: sa.Named[list[dict[str, Any]]] = sa.Column(sa.JSON)
    figures: sa.Named[list[dict[str, str]]] = sa.Column(sa.JSON)
    """Quantities with their digits as written."""
    statement: sa.Named[dict[str, str] | None] = sa.Column(sa.JSON)


verifications = sa.Table("verifications", metadata, VerificationColumns)
_newer = verifications.alias("newer")


def add(connection: sa.Connection, verification: Verification, revision: Revision) -> Verification:
    """Insert a version of a verification; return it as it is stored."""
    connection.execute(sa.insert(verifications).values(_columns(verification, revision)))
    return replace(verification, revision=revision.number, create_time=revision.commit_time)


def find(
    connection: sa.Connection, key: Key, *, version: int = 0, as_of: int | None = None
) -> Verification | None:
    """Return a version of a verification; None where there is none.

    The current one for 0; the one that was current at the revision `as_of`.
    """
    c = verifications.c
    of_version = c.version == version if version else _is_current(as_of)
    which = sa.and_(c.verification == key.verification_id, of_version)
    return next(iter(_select(connection, key.enterprise, key.accounting_year, which)), None)


def page(
    connection: sa.Connection, enterprise: str, accounting_year: int, *, after: str, size: int
) -> Sequence[Verification]:
    """Return the current verifications of a year after an id, by id."""
    which = sa.and_(verifications.c.verification > after, _is_current())
    return _select(connection, enterprise, accounting_year, which, limit=size)


def _is_current(as_of: int | None = None) -> sa.ColumnElement[bool]:
    """Return the condition of a version that no next one follows, or none did at a revision.

    Versions have no gaps.
    """
    follows = sa.select(_newer.c.version).where(
        _newer.c.enterprise == verifications.c.enterprise,
        _newer.c.accounting_year == verifications.c.accounting_year,
        _newer.c.verification == verifications.c.verification,
        _newer.c.version == verifications.c.version + 1,
    )
    if as_of is None:
        return ~follows.exists()
    followed = follows.where(_newer.c.revision <= as_of)
    return sa.and_(verifications.c.revision <= as_of, ~followed.exists())


def _select(
    connection: sa.Connection,
    enterprise: str,
    accounting_year: int,
    which: sa.ColumnElement[bool],
    *,
    limit: int | None = None,
) -> list[Verification]:
    c = verifications.c
    rows = connection.execute(
        sa.select(verifications)
        .where(c.enterprise == enterprise, c.accounting_year == accounting_year, which)
        .order_by(c.verification)
        .limit(limit)
    ).mappings()
    return [_verification(row) for row in rows]


def _columns(verification: Verification, revision: Revision) -> dict[str, Any]:
    statement = verification.statement
    return {
        "enterprise": verification.enterprise,
        "accounting_year": verification.accounting_year,
        "verification": verification.verification_id,
        "version": verification.version,
        "verifier": verification.verifier,
        "period_version": verification.period_version,
        "inventory_versions": dict(verification.inventory_versions),
        "findings": [_of_finding(each) for each in verification.findings],
        "figures": [_of_figure(each) for each in verification.figures],
        "statement": statement and _of_statement(statement),
        "create_time": revision.commit_time,
        "revision": revision.number,
    }


def _verification(row: sa.RowMapping) -> Verification:
    return Verification(
        enterprise=row["enterprise"],
        accounting_year=row["accounting_year"],
        verification_id=row["verification"],
        verifier=row["verifier"],
        period_version=row["period_version"],
        inventory_versions=row["inventory_versions"],
        findings=tuple(_finding(each) for each in row["findings"]),
        figures=tuple(_figure(each) for each in row["figures"]),
        statement=_statement(row["statement"]) if row["statement"] else None,
        version=row["version"],
        revision=row["revision"],
        create_time=row["create_time"],
    )


def _of_finding(finding: Finding) -> dict[str, Any]:
    settled = finding.resolution
    return {
        "finding_id": finding.finding_id,
        "kind": finding.kind.value,
        "severity": finding.severity.value,
        "subject": finding.subject,
        "text": finding.text,
        "evidence": finding.evidence,
        "resolution": settled and {"text": settled.text, "evidence": settled.evidence},
    }


def _finding(each: dict[str, Any]) -> Finding:
    settled = each["resolution"]
    return Finding(
        finding_id=each["finding_id"],
        kind=Kind(each["kind"]),
        severity=Severity(each["severity"]),
        subject=each["subject"],
        text=each["text"],
        evidence=each["evidence"],
        resolution=Resolution(**settled) if settled else None,
    )


def _of_figure(figure: VerifiedFigure) -> dict[str, str]:
    return {
        "inventory": figure.inventory,
        "figure": figure.figure,
        "reported_value": figure.reported.text,
        "reported_unit_code": figure.reported.unit,
        "verified_value": figure.verified.text,
        "verified_unit_code": figure.verified.unit,
        "reason": figure.reason,
    }


def _figure(each: dict[str, str]) -> VerifiedFigure:
    return VerifiedFigure(
        inventory=each["inventory"],
        figure=each["figure"],
        reported=Quantity.parse(each["reported_value"], each["reported_unit_code"]),
        verified=Quantity.parse(each["verified_value"], each["verified_unit_code"]),
        reason=each["reason"],
    )


def _of_statement(statement: Statement) -> dict[str, str]:
    return {
        "conclusion": statement.conclusion.value,
        "text": statement.text,
        "report_number": statement.report_number,
        "report_title": statement.report_title,
        "report_sha256": statement.report_sha256,
    }


def _statement(each: dict[str, str]) -> Statement:
    return Statement(
        conclusion=Conclusion(each["conclusion"]),
        text=each["text"],
        report_number=each["report_number"],
        report_title=each["report_title"],
        report_sha256=each["report_sha256"],
    )
