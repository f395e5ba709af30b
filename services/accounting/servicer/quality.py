"""QualityService: how good the data is, and so the figures that are made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain.activity import Record
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.method import Method
from services.accounting.domain.quality import (
    assessment,
    evidence,
    history,
    monte_carlo,
    plan,
    shares,
    uncertainty,
)
from services.accounting.domain.quality.assessment import Scope
from services.accounting.domain.quality.evidence import EvidenceRules, Filing, Pack
from services.accounting.domain.quality.outlier import OutlierRule
from services.accounting.domain.quality.plan import Plan
from services.accounting.neighbours import Registry
from services.accounting.servicer.reconciliation import chosen_basis
from services.accounting.store.inventories import Key
from services.accounting.wire import quality as wire
from services.accounting.wire.uncertainty import from_estimate
from services.kernel import names
from services.kernel.errors import EtagMismatch, FieldInvalid, NotFound, Words
from services.kernel.period import EARLIEST, LATEST_END, SHANGHAI, Period
from services.runtime import auth, outbox, replay, revision
from services.runtime.database import Database
from zonecarbon.accounting.v1 import (
    data_quality_pb2,
    data_quality_plan_pb2,
    evidence_pb2,
    quality_service_pb2_grpc,
    uncertainty_pb2,
)
from zonecarbon.accounting.v1 import quality_service_pb2 as pb

_Plan = data_quality_plan_pb2.DataQualityPlan
_Filing = evidence_pb2.EvidenceFiling


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRules:
    """What quality is judged by: data files."""

    methods: Mapping[str, Method]
    """By id."""
    outlier: OutlierRule
    evidence: EvidenceRules


class Quality(quality_service_pb2_grpc.QualityServiceServicer):
    """The database, the registry behind its channel, the rules, and what day it is."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        rules: QualityRules,
        today: Callable[[], date] = lambda: datetime.now(SHANGHAI).date(),
    ) -> None:
        self._database = database
        self._registry = registry
        self._rules = rules
        self._today = today

    def EstimateUncertainty(
        self, request: pb.EstimateUncertaintyRequest, context: grpc.ServicerContext
    ) -> uncertainty_pb2.UncertaintyEstimate:
        ids = names.INVENTORY.parse(request.name)
        year, method_id = names.of_inventory(ids["inventory"])
        key = Key(enterprise=ids["enterprise"], accounting_year=year, method_id=method_id)
        options = request.monte_carlo
        count = monte_carlo.chosen_count(options.sample_count)
        self._seen(key.enterprise, request.name)
        with self._database.read() as connection:
            found = store.inventories.find(connection, key, self._rules.methods)
            lines = store.lines.current(connection, [key.enterprise], year, method_id)
            planned = store.plans.find(connection, key.enterprise)
        if found is None:
            raise NotFound(name=request.name)
        inventory, _ = found
        basis = chosen_basis(inventory.method, request.scope2_basis)
        stated = planned.plan.stated_percents if planned else {}
        asked = uncertainty.question(inventory, lines, stated, basis=basis)
        return from_estimate(
            inventory,
            planned.version if planned else 0,
            asked,
            uncertainty.propagated(asked),
            monte_carlo.simulated(asked, seed=options.seed_number, sample_count=count)
            if request.HasField("monte_carlo")
            else None,
        )

    def GetDataQualityPlan(
        self, request: pb.GetDataQualityPlanRequest, context: grpc.ServicerContext
    ) -> data_quality_plan_pb2.DataQualityPlan:
        enterprise = names.DATA_QUALITY_PLAN.parse(request.name)["enterprise"]
        self._seen(enterprise, request.name)
        with self._database.read() as connection:
            found = store.plans.find(connection, enterprise, request.resource_version)
        if found is None:
            raise NotFound(name=request.name)
        return wire.from_plan(found)

    def UpdateDataQualityPlan(
        self, request: pb.UpdateDataQualityPlanRequest, context: grpc.ServicerContext
    ) -> data_quality_plan_pb2.DataQualityPlan:
        message = request.data_quality_plan
        field = "data_quality_plan.name"
        enterprise = names.DATA_QUALITY_PLAN.parse(message.name, field)["enterprise"]
        wanted = plan.checked(wire.to_plan(enterprise, message))
        self._seen(enterprise, message.name)
        with self._database.read() as connection:
            if answered := replay.find(connection, request, _Plan):
                return answered
        self._check_own(wanted)
        with self._database.write() as connection:
            taken = revision.take(connection)
            # The same request may have come twice at once.
            if answered := replay.find(connection, request, _Plan):
                return answered
            before = store.plans.find(connection, enterprise)
            if message.etag != (before.etag if before else ""):
                raise EtagMismatch(name=message.name)
            stored = store.plans.add(connection, wanted, before, auth.caller().name, taken)
            outbox.publish(connection, taken, [(wanted.name, stored.version)])
            told = wire.from_plan(stored)
            replay.keep(connection, request, told, taken)
        return told

    def AssessDataQuality(
        self, request: pb.AssessDataQualityRequest, context: grpc.ServicerContext
    ) -> data_quality_pb2.DataQualityAssessment:
        enterprise_id = names.ENTERPRISE.parse(request.parent, "parent")["enterprise"]
        enterprise, year = self._registry.enterprise(request.parent), request.accounting_year
        with self._database.read() as connection:
            newest = revision.newest(connection)
            records = self._records(connection, enterprise_id, year, newest)
            planned = store.plans.find(connection, enterprise_id)
            packs = self._packs(connection, enterprise, Period.year(year))
        found = assessment.of(
            history.of(records),
            planned.plan if planned else None,
            packs,
            Scope(accounting_year=year, today=self._today(), rule=self._rules.outlier),
        )
        return wire.from_assessment(
            request.parent,
            found,
            plan_version=planned.version if planned else 0,
            revision=newest,
        )

    def CheckShares(
        self, request: pb.CheckSharesRequest, context: grpc.ServicerContext
    ) -> pb.CheckSharesResponse:
        return wire.from_checked(shares.checked(*wire.to_shares(request)))

    def GetEvidencePack(
        self, request: pb.GetEvidencePackRequest, context: grpc.ServicerContext
    ) -> evidence_pb2.EvidencePack:
        enterprise, month = self._of_pack(request.name, "name")
        with self._database.read() as connection:
            found = self._packs(connection, enterprise, month)
        if not found:
            raise NotFound(name=request.name)
        return wire.from_pack(found[0], overdue=found[0].is_overdue(self._today()))

    def FileEvidence(
        self, request: pb.FileEvidenceRequest, context: grpc.ServicerContext
    ) -> evidence_pb2.EvidenceFiling:
        enterprise, month = self._of_pack(request.parent, "parent")
        with self._database.read() as connection:
            if answered := replay.find(connection, request, _Filing):
                return answered
        schedule = self._rules.evidence.schedule(enterprise.industry_code, month)
        if schedule is None:
            raise NotFound(name=request.parent)
        self._check_begun(month)
        self._check_item(request.item_id, schedule.method_id)
        with self._database.write() as connection:
            taken = revision.take(connection)
            if answered := replay.find(connection, request, _Filing):
                return answered
            whose = enterprise.enterprise_id
            before = store.evidence.newest_version(connection, whose, month, request.item_id)
            filing = Filing(
                enterprise=whose,
                month=month,
                item_id=request.item_id,
                document=wire.to_document(request.document),
                version=before + 1,
                author=auth.caller().name,
                revision=taken.number,
                create_time=taken.commit_time,
            )
            store.evidence.add(connection, filing)
            told = wire.from_filing(filing)
            replay.keep(connection, request, told, taken)
        return told

    def _seen(self, enterprise: str, wanted: str) -> Enterprise:
        """Return an enterprise that the caller may see; raises NotFound for `wanted`."""
        return self._registry.enterprise(
            names.ENTERPRISE.format(enterprise=enterprise), wanted=wanted
        )

    def _of_pack(self, name: str, field: str) -> tuple[Enterprise, Period]:
        """Return the enterprise and the month of a pack."""
        ids = names.EVIDENCE_PACK.parse(name, field)
        year, month = map(int, ids["month"].split("-"))
        enterprise = self._seen(ids["enterprise"], name)
        if not EARLIEST.year <= year < LATEST_END.year:
            raise NotFound(name=name)
        return enterprise, Period.month(year, month)

    def _packs(
        self, connection: sa.Connection, enterprise: Enterprise, period: Period
    ) -> list[Pack]:
        """Return the packs of those months of a period of which the market wants evidence."""
        filed = store.evidence.of(connection, enterprise.enterprise_id, period)
        rules = self._rules.evidence
        packs = (evidence.pack(enterprise, month, rules, filed) for month in period.months())
        return [each for each in packs if each is not None]

    def _records(
        self, connection: sa.Connection, enterprise: str, year: int, as_of: int
    ) -> list[Record]:
        """Return the current records of a year and of those that are its history."""
        first = max(EARLIEST.year, year - self._rules.outlier.history_year_count)
        return [
            record
            for each in range(first, year + 1)
            for record in store.records.current(connection, enterprise, each, as_of)
        ]

    def _check_own(self, wanted: Plan) -> None:
        """Raise NotFound for a meter or a facility that is not the enterprise's."""
        parent = names.ENTERPRISE.format(enterprise=wanted.enterprise)
        known = self._registry.own(parent, wanted.references)
        if foreign := sorted(wanted.references - known):
            raise NotFound(name=foreign[0])

    def _check_begun(self, month: Period) -> None:
        if month.start > self._today():
            raise FieldInvalid(
                field="parent",
                given=f"{month.start:%Y-%m}",
                allowed=Words(en="a month that has begun", zh="已经开始的月份"),
            )

    def _check_item(self, item_id: str, method_id: str) -> None:
        known = [each.item_id for each in self._rules.evidence.items_of(method_id)]
        if item_id not in known:
            raise FieldInvalid(field="item_id", given=item_id, allowed=", ".join(known))
