"""The words of an evaluation's files, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.accounting.domain.indicator.requirement import Comparison, Verdict
from services.accounting.domain.indicator.system import Conclusion, Part
from services.kernel.errors import Words
from services.kernel.trust import Status

VERDICTS: Final[Mapping[Verdict, Words]] = {
    Verdict.MET: Words(en="met", zh="达到"),
    Verdict.NOT_MET: Words(en="not met", zh="未达到"),
    Verdict.NO_THRESHOLD: Words(en="no requirement", zh="无目标要求"),
    Verdict.NOT_APPLICABLE_WITH_REASON: Words(
        en="not applicable, with reason", zh="不适用（已说明原因）"
    ),
    Verdict.MISSING: Words(en="incomplete", zh="数据不完整"),
    Verdict.UNDEFINED: Words(en="cannot be computed", zh="无法计算"),
}

CONCLUSIONS: Final[Mapping[Conclusion, Words]] = {
    Conclusion.PASSED: Words(en="passed", zh="达标"),
    Conclusion.FAILED: Words(en="failed", zh="未达标"),
    Conclusion.VETOED: Words(en="vetoed by the core indicator", zh="核心指标一票否决"),
    Conclusion.NO_THRESHOLD: Words(en="no requirement for this size", zh="无目标要求"),
    Conclusion.OPEN: Words(
        en="what must be met is met; for reference, something is open",
        zh="必须达到的指标已达到，参考性指标尚未全部达到",
    ),
    Conclusion.INCOMPLETE: Words(en="incomplete", zh="数据不完整"),
    Conclusion.SCORED: Words(en="scored", zh="已计分"),
    Conclusion.NOT_JUDGED: Words(en="shown, not judged", zh="仅展示，不作判定"),
}

PARTS: Final[Mapping[Part, Words]] = {
    Part.CORE: Words(en="core (veto)", zh="核心（一票否决）"),
    Part.MANDATORY: Words(en="mandatory", zh="必选"),
    Part.CHOSEN: Words(en="chosen", zh="可选"),
    Part.GUIDING: Words(en="guiding", zh="引导"),
    Part.MEASURED: Words(en="shown", zh="展示"),
}

STATUSES: Final[Mapping[Status, Words]] = {
    Status.OFFICIAL: Words(en="official", zh="官方文本"),
    Status.DRAFT: Words(en="draft", zh="征求意见稿"),
    Status.SECONDARY: Words(en="secondary", zh="转引"),
    Status.UNVERIFIED: Words(en="unverified", zh="未核实"),
}

SIGNS: Final[Mapping[Comparison, str]] = {Comparison.AT_MOST: "≤", Comparison.AT_LEAST: "≥"}

LABELS: Final[Mapping[str, Words]] = {
    "evaluation": Words(en="Evaluation of a zone", zh="园区评价"),
    "zone": Words(en="Zone", zh="园区"),
    "year": Words(en="Year", zh="年度"),
    "system": Words(en="Indicator system", zh="指标体系"),
    "conclusion": Words(en="Conclusion", zh="结论"),
    "score": Words(en="Score", zh="得分"),
    "status": Words(en="Status", zh="可信状态"),
    "method": Words(en="Method of emissions", zh="核算方法"),
    "knowledge": Words(en="As known at", zh="数据时点"),
    "revisions": Words(en="Revisions (accounting, registry)", zh="修订号（核算、登记）"),
    "members": Words(en="Members", zh="成员企业"),
    "digest": Words(en="Digest (SHA-256)", zh="摘要（SHA-256）"),
    "indicators": Words(en="Indicators", zh="指标"),
    "indicator": Words(en="Indicator", zh="指标"),
    "part": Words(en="Part", zh="类别"),
    "value": Words(en="Value", zh="指标值"),
    "unit": Words(en="Unit", zh="单位"),
    "requirement": Words(en="Requirement", zh="要求"),
    "verdict": Words(en="Verdict", zh="判定"),
    "derivation": Words(en="Derivation", zh="计算过程"),
    "formula": Words(en="Formula", zh="公式"),
    "source": Words(en="Source", zh="来源"),
    "input": Words(en="Input", zh="数据项"),
    "amount": Words(en="Amount", zh="数值"),
    "fact": Words(en="Fact", zh="数据"),
    "version": Words(en="Version", zh="版本"),
    "needs": Words(en="What lacks, from whom", zh="缺少的数据及填报方"),
    "open_points": Words(en="What the document leaves open", zh="文件未明确事项"),
    "unverified": Words(
        en="Figures marked unverified are from memory and were not read in the document: they are "
        "no evidence.",
        zh="标注“未核实”的数值来自记忆，未经文件原文核对，不得作为依据。",
    ),
    "none": Words(en="none", zh="无"),
}
