"""Plans, findings, shares and evidence ⇄ their messages."""

from __future__ import annotations

from decimal import Decimal

from google.type import decimal_pb2

from services.accounting.domain.quality import completeness
from services.accounting.domain.quality.assessment import Assessment
from services.accounting.domain.quality.evidence import Document, Filing, Pack, PackItem
from services.accounting.domain.quality.finding import Finding
from services.accounting.domain.quality.plan import Determination, Entry, Plan, Version
from services.accounting.domain.quality.shares import Checked
from services.kernel.errors import within
from services.kernel.quantity import Quantity
from services.runtime import wire
from zonecarbon.accounting.v1 import data_quality_pb2, data_quality_plan_pb2, evidence_pb2
from zonecarbon.accounting.v1 import quality_service_pb2 as pb


def to_plan(enterprise: str, message: data_quality_plan_pb2.DataQualityPlan) -> Plan:
    """Return the plan.

    Raises:
        QuantityInvalid: an uncertainty is no number.
    """
    return Plan(
        enterprise=enterprise,
        entries=tuple(_to_entry(each, at) for at, each in enumerate(message.entries)),
        note=message.note,
    )


def from_plan(version: Version) -> data_quality_plan_pb2.DataQualityPlan:
    """Return the message of a version of a plan."""
    return data_quality_plan_pb2.DataQualityPlan(
        name=version.plan.name,
        entries=[_from_entry(entry) for entry in version.plan.entries],
        note=version.plan.note,
        etag=version.etag,
        resource_version=version.version,
        revision=version.revision,
        create_time=wire.from_instant(version.create_time),
        author=version.author,
    )


def from_assessment(
    parent: str, assessment: Assessment, *, plan_version: int, revision: int
) -> data_quality_pb2.DataQualityAssessment:
    """Return the answer."""
    scope = assessment.scope
    return data_quality_pb2.DataQualityAssessment(
        parent=parent,
        accounting_year=scope.accounting_year,
        sources=[
            data_quality_pb2.SourceCompleteness(
                source_id=each.source_id,
                reported_day_count=each.reported_day_count,
                due_day_count=each.due_day_count,
                completeness_ratio=each.ratio,
            )
            for each in assessment.sources
        ],
        completeness_ratio=completeness.whole_ratio(assessment.sources),
        findings=[_from_finding(each) for each in assessment.findings],
        plan_version=plan_version,
        revision=revision,
        outlier_rule=wire.from_source(scope.rule.source),
    )


def to_shares(request: pb.CheckSharesRequest) -> tuple[list[Decimal], Decimal]:
    """Return the parts and their stated whole; raises QuantityInvalid where one is no number."""
    parts = [_to_decimal(each, f"shares[{at}]") for at, each in enumerate(request.shares)]
    return parts, _to_decimal(request.stated_total, "stated_total")


def from_checked(checked: Checked) -> pb.CheckSharesResponse:
    """Return the answer."""
    return pb.CheckSharesResponse(
        sum=wire.from_decimal(checked.total),
        difference=wire.from_decimal(wire.shown(checked.difference)),
        rounding_tolerance=wire.from_decimal(wire.shown(checked.tolerance)),
        findings=[_from_finding(each) for each in checked.findings()],
    )


def to_document(message: evidence_pb2.EvidenceDocument) -> Document:
    """Return the document."""
    return Document(
        title=message.title,
        number=message.document_number,
        sha256=message.sha256,
        size=message.document_size,
        note=message.note,
    )


def from_filing(filing: Filing) -> evidence_pb2.EvidenceFiling:
    """Return the message of a filing."""
    document = filing.document
    return evidence_pb2.EvidenceFiling(
        item_id=filing.item_id,
        document=evidence_pb2.EvidenceDocument(
            title=document.title,
            document_number=document.number,
            sha256=document.sha256,
            document_size=document.size,
            note=document.note,
        ),
        resource_version=filing.version,
        revision=filing.revision,
        create_time=wire.from_instant(filing.create_time),
        author=filing.author,
    )


def from_pack(pack: Pack, *, overdue: bool) -> evidence_pb2.EvidencePack:
    """Return the message of a pack."""
    return evidence_pb2.EvidencePack(
        name=pack.name,
        month=wire.from_period(pack.month),
        method_id=pack.schedule.method_id,
        due_date=wire.from_day(pack.due),
        due_date_source=wire.from_source(pack.schedule.source),
        items_known=pack.items_known,
        items=[_from_item(each) for each in pack.items],
        missing_count=len(pack.missing),
        overdue=overdue,
    )


def _to_entry(message: data_quality_plan_pb2.PlanEntry, at: int) -> Entry:
    determination = data_quality_plan_pb2.QuantityDetermination.Name(message.determination)
    percent = None
    if message.HasField("uncertainty_percent"):
        path = f"data_quality_plan.entries[{at}].uncertainty_percent"
        percent = _to_decimal(message.uncertainty_percent, path)
    return Entry(
        source_id=message.source_id,
        determination=Determination(determination.removeprefix("QUANTITY_DETERMINATION_")),
        meter=message.meter,
        facility=message.facility,
        frequency=message.frequency,
        uncertainty_percent=percent,
        responsible=message.responsible,
        note=message.note,
    )


def _from_entry(entry: Entry) -> data_quality_plan_pb2.PlanEntry:
    determination = f"QUANTITY_DETERMINATION_{entry.determination}"
    percent = entry.uncertainty_percent
    return data_quality_plan_pb2.PlanEntry(
        source_id=entry.source_id,
        determination=data_quality_plan_pb2.QuantityDetermination.Value(determination),
        meter=entry.meter,
        facility=entry.facility,
        frequency=entry.frequency,
        uncertainty_percent=None if percent is None else wire.from_decimal(percent),
        responsible=entry.responsible,
        note=entry.note,
    )


def _from_finding(finding: Finding) -> data_quality_pb2.QualityFinding:
    return data_quality_pb2.QualityFinding(
        kind=data_quality_pb2.QualityFindingKind.Value(f"QUALITY_FINDING_KIND_{finding.kind}"),
        subject=finding.subject,
        months=[wire.from_period(month) for month in finding.months],
        given_number=finding.given,
        expected_number=finding.expected,
        unit_code=finding.unit,
        text=finding.text.en,
        text_zh=finding.text.zh,
    )


def _from_item(each: PackItem) -> evidence_pb2.EvidenceItem:
    item = each.item
    return evidence_pb2.EvidenceItem(
        item_id=item.item_id,
        display_name=item.name.en,
        display_name_zh=item.name.zh,
        source=wire.from_source(item.source),
        filings=[from_filing(filing) for filing in each.filings],
    )


def _to_decimal(message: decimal_pb2.Decimal, field: str) -> Decimal:
    with within(f"{field}."):
        return Quantity.parse(message.value, "1").value
