"""Verification (核查): what an independent principal finds about a year that was handed in.

What is verified is fixed by version. Verified figures stand beside the reported ones and never
change them: what is wrong is corrected by the enterprise, in a year that is opened again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.kernel.errors import (
    DuplicateRow,
    FieldInvalid,
    FieldRequired,
    StateWrong,
    Words,
    within,
)
from services.kernel.names import INVENTORY, VERIFICATION, check_id, inventory_id
from services.kernel.quantity import Quantity


class State(StrEnum):
    """Where a verification stands; the contract says it in words."""

    OPEN = "OPEN"
    CONCLUDED = "CONCLUDED"


class Conclusion(StrEnum):
    """What a verifier concludes; the contract says it in words."""

    CONFORMING = "CONFORMING"
    CONFORMING_WITH_CORRECTIONS = "CONFORMING_WITH_CORRECTIONS"
    NOT_CONFORMING = "NOT_CONFORMING"

    @property
    def verifies(self) -> bool:
        """Whether the year is verified by it."""
        return self is not Conclusion.NOT_CONFORMING


class Kind(StrEnum):
    """What a finding is about; the contract says it in words."""

    DATA_SOURCE = "DATA_SOURCE"
    CALCULATION = "CALCULATION"
    FACTOR = "FACTOR"
    BOUNDARY = "BOUNDARY"
    METER = "METER"
    EVIDENCE = "EVIDENCE"
    OTHER = "OTHER"


class Severity(StrEnum):
    """How heavy a finding is; the contract says it in words."""

    NONCONFORMITY = "NONCONFORMITY"
    OBSERVATION = "OBSERVATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What settled a finding."""

    text: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that was found."""

    finding_id: str
    kind: Kind
    severity: Severity
    subject: str
    """A name of something of the enterprise, or the id of an item."""
    text: str
    evidence: str
    resolution: Resolution | None = None
    """None while it is open."""

    @property
    def stands_against(self) -> bool:
        """Whether it is a nonconformity that nothing has settled."""
        return self.severity is Severity.NONCONFORMITY and self.resolution is None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedFigure:
    """A figure of an inventory, as it was reported and as it was verified."""

    inventory: str
    """The resource name."""
    figure: str
    reported: Quantity
    verified: Quantity
    """As the verifier wrote it, in any unit of the same mass."""
    reason: str

    @property
    def difference(self) -> Fraction:
        """Verified minus reported, exactly, in the unit of what was reported.

        Raises:
            UnitDimension: what was verified is not of the same kind.
        """
        return self.verified.to(self.reported.unit) - self.reported.fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the verifier states at the end, and the document of it."""

    conclusion: Conclusion
    text: str
    report_number: str
    report_title: str
    report_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A verification in one of its versions."""

    enterprise: str
    """The id of the enterprise."""
    accounting_year: int
    verification_id: str
    verifier: str
    """Who opened it, and alone records and concludes."""
    period_version: int
    """Of the year as it was handed in."""
    inventory_versions: Mapping[str, int]
    """What is verified: the version of each inventory, by method."""
    findings: tuple[Finding, ...] = ()
    figures: tuple[VerifiedFigure, ...] = ()
    statement: Statement | None = None
    """None while it is open."""
    version: int = 1
    revision: int = 0
    """That holds this version; 0 while it is not stored."""
    create_time: datetime | None = None

    @property
    def name(self) -> str:
        """The resource name."""
        return VERIFICATION.format(
            enterprise=self.enterprise,
            year=f"{self.accounting_year:04d}",
            verification=self.verification_id,
        )

    @property
    def state(self) -> State:
        """OPEN until it is concluded."""
        return State.OPEN if self.statement is None else State.CONCLUDED

    @property
    def etag(self) -> str:
        """What changes with every version."""
        return f"v{self.version}"

    @property
    def verifies(self) -> bool:
        """Whether the year is verified by it."""
        return self.statement is not None and self.statement.conclusion.verifies

    def inventory(self, method_id: str) -> str:
        """Return the resource name of the inventory by a method."""
        inventory = inventory_id(self.accounting_year, method_id)
        return INVENTORY.format(enterprise=self.enterprise, inventory=inventory)

    def is_superseded(self, current: Mapping[str, int]) -> bool:
        """Tell whether versions other than the verified ones are `current`, by method."""
        return dict(self.inventory_versions) != dict(current)

    def check_verifier(self, caller: str) -> None:
        """Raise StateWrong unless `caller` opened it."""
        if caller != self.verifier:
            raise StateWrong(
                name=self.name,
                state=Words(en=f"opened by {self.verifier}", zh=f"由 {self.verifier} 发起"),
                allowed=Words(
                    en=f"opened by {caller}, who is calling: each verifier opens its own",
                    zh=f"由当前调用方 {caller} 发起，各核查方请发起各自的核查",
                ),
            )

    def with_finding(self, finding: Finding) -> Verification:
        """Return the next version, with a further finding.

        Raises:
            NameInvalid: its id has not the form of an id.
            FieldInvalid: its id is taken.
            FieldRequired: it says nothing.
            StateWrong: the verification is concluded.
        """
        self._check_open()
        with within("finding."):
            check_id("finding", finding.finding_id, "finding_id")
            _check_said("text", finding.text)
            if any(each.finding_id == finding.finding_id for each in self.findings):
                raise FieldInvalid(
                    field="finding_id",
                    given=finding.finding_id,
                    allowed=Words(en="an id that no finding has yet", zh="尚未使用的编号"),
                )
        return self._next(findings=(*self.findings, finding))

    def with_resolution(self, finding_id: str, resolution: Resolution) -> Verification:
        """Return the next version, in which a finding is settled.

        Raises:
            FieldInvalid: there is no such finding.
            FieldRequired: it is not said with what.
            StateWrong: the finding is settled, or the verification is concluded.
        """
        self._check_open()
        with within("resolution."):
            _check_said("text", resolution.text)
            found = next((each for each in self.findings if each.finding_id == finding_id), None)
            if found is None:
                known = ", ".join(each.finding_id for each in self.findings)
                allowed = Words(en=known or "none yet", zh=known or "尚无发现项")
                raise FieldInvalid(field="finding_id", given=finding_id, allowed=allowed)
        if found.resolution is not None:
            raise StateWrong(name=f"{self.name} {finding_id}", state=_SETTLED, allowed=_UNSETTLED)
        return self._next(
            findings=tuple(
                replace(each, resolution=resolution) if each is found else each
                for each in self.findings
            )
        )

    def with_figures(self, figures: Sequence[VerifiedFigure]) -> Verification:
        """Return the next version, with verified figures; each in the place of an earlier one.

        Raises:
            DuplicateRow: a figure comes twice.
            FieldRequired: a figure differs, and it is not said why.
            UnitDimension: what is verified is not of the kind that is reported.
            StateWrong: the verification is concluded.
        """
        self._check_open()
        places: dict[tuple[str, str], int] = {}
        for index, each in enumerate(figures):
            first = places.setdefault((each.inventory, each.figure), index)
            if first != index:
                raise DuplicateRow(field=f"figures[{index}]", first=f"figures[{first}]")
            with within(f"figures[{index}]."):
                if _differs(each):
                    _check_said("reason", each.reason)
        known = {(each.inventory, each.figure): each for each in (*self.figures, *figures)}
        return self._next(figures=tuple(known[key] for key in sorted(known)))

    def concluded(self, statement: Statement, current: Mapping[str, int]) -> Verification:
        """Return the next version, concluded; `current` are the versions of now, by method.

        NOT_CONFORMING can be concluded at any time. CONFORMING needs every nonconformity settled
        and no figure that differs; with corrections at least one figure differs, and a
        nonconformity may be left to the verified figures.

        Raises:
            FieldRequired: the statement says nothing.
            StateWrong: what was recorded, or what became of the figures, does not allow it.
        """
        self._check_open()
        with within("statement."):
            _check_said("text", statement.text)
            _check_said("report_number", statement.report_number)
        if statement.conclusion.verifies and self.is_superseded(current):
            raise StateWrong(name=self.name, state=_SUPERSEDED, allowed=_CURRENT)
        self._check_conclusion(statement.conclusion)
        return self._next(statement=statement)

    def way_out(self, current: Mapping[str, int]) -> Words | None:
        """Return what to do where it does not confirm the `current` figures; None where it may."""
        if self.is_superseded(current):
            return _AGAIN
        return None if self.statement is None or self.verifies else _CORRECT

    def _check_conclusion(self, conclusion: Conclusion) -> None:
        unsettled = ", ".join(each.finding_id for each in self.findings if each.stands_against)
        differing = ", ".join(
            f"{each.inventory} {each.figure}" for each in self.figures if _differs(each)
        )
        if conclusion is Conclusion.CONFORMING and unsettled:
            raise StateWrong(
                name=self.name,
                state=Words(
                    en=f"open with nonconformities that are not settled ({unsettled})",
                    zh=f"进行中，且有未关闭的不符合项（{unsettled}）",
                ),
                allowed=Words(
                    en=f"without any for {conclusion}", zh=f"不符合项全部关闭（{conclusion}）"
                ),
            )
        if conclusion is Conclusion.CONFORMING and differing:
            raise StateWrong(
                name=self.name,
                state=Words(
                    en=f"open with verified figures that differ ({differing})",
                    zh=f"进行中，且核查值与填报值不一致（{differing}）",
                ),
                allowed=Words(
                    en=f"without any for {conclusion}; with them it can be concluded "
                    f"{Conclusion.CONFORMING_WITH_CORRECTIONS}",
                    zh=f"没有差异（{conclusion}）；有差异时可作出 "
                    f"{Conclusion.CONFORMING_WITH_CORRECTIONS} 结论",
                ),
            )
        if conclusion is Conclusion.CONFORMING_WITH_CORRECTIONS and not differing:
            raise StateWrong(
                name=self.name,
                state=Words(
                    en="open without a verified figure that differs",
                    zh="进行中，且核查值与填报值均无差异",
                ),
                allowed=Words(
                    en=f"with at least one for {conclusion}", zh=f"至少有一项差异（{conclusion}）"
                ),
            )

    def _check_open(self) -> None:
        if self.state is not State.OPEN:
            raise StateWrong(name=self.name, state=self.state.value, allowed=State.OPEN.value)

    def _next(
        self,
        *,
        findings: tuple[Finding, ...] | None = None,
        figures: tuple[VerifiedFigure, ...] | None = None,
        statement: Statement | None = None,
    ) -> Verification:
        return replace(
            self,
            findings=self.findings if findings is None else findings,
            figures=self.figures if figures is None else figures,
            statement=statement,
            version=self.version + 1,
        )


def check_subject(subject: str, known: Collection[str]) -> None:
    """Raise FieldInvalid unless the subject of a finding is one of those `known`."""
    if subject not in known:
        raise FieldInvalid(
            field="finding.subject",
            given=subject,
            allowed=Words(
                en="a line, a record, a meter, a facility or a verified inventory of the "
                "enterprise, or an item of a verified inventory",
                zh="该企业的明细行、活动记录、计量器具、设施或被核查清单的资源名称，"
                "或被核查清单的排放项编号",
            ),
        )


def _differs(figure: VerifiedFigure) -> bool:
    with within("verified."):
        return figure.difference != 0


def _check_said(field: str, text: str) -> None:
    if not text.strip():
        raise FieldRequired(field=field)


_SETTLED: Final = Words(en="settled", zh="已关闭")
_UNSETTLED: Final = Words(en="open", zh="未关闭")
_SUPERSEDED: Final = Words(en="of versions that are no longer current", zh="针对已非当前版本的清单")
_CURRENT: Final = Words(
    en="of the current ones: open another verification, or conclude NOT_CONFORMING",
    zh="针对当前版本的清单：请另行发起核查，或作出 NOT_CONFORMING 结论",
)
_AGAIN: Final = Words(
    en="The figures are no longer those that were verified: once the year is handed in again, have "
    "another verification opened.",
    zh="清单数据已不是被核查的版本：年度重新提交后，请另行发起核查。",
)
_CORRECT: Final = Words(
    en="Have the zone's desk reopen the year with a reason, correct what the findings name, hand "
    "it in again and have another verification opened.",
    zh="请联系园区碳服务台说明理由并重新开放该年度，按核查发现更正后再次提交，并另行发起核查。",
)
