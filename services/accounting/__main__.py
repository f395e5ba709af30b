"""Puts accounting together; `python -m services accounting` runs it alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import grpc

from services.accounting import files, store
from services.accounting.collector import Collector, EvidenceCollector
from services.accounting.jobs import ZoneFigures
from services.accounting.neighbours import Registry, View
from services.accounting.servicer import (
    ACCESS,
    LIMITS,
    Accounting,
    BaseYears,
    Boundaries,
    Curves,
    Evaluations,
    IndicatorRules,
    IndicatorSystems,
    KeptZones,
    Metering,
    Parks,
    Periods,
    Quality,
    QualityRules,
    ReportFiles,
    Rollups,
    Rules,
    Statistics,
    Verifications,
    ZoneAnalyses,
    ZoneBooks,
)
from services.accounting.wire.curve import MOST_POINTS, POINTS_LIMIT
from services.runtime import revision
from services.runtime.config import Settings
from services.runtime.database import Database
from services.runtime.identity import registry_authenticator
from services.runtime.metrics import Metrics
from services.runtime.repeat import Repeated
from services.runtime.service import Service
from zonecarbon.accounting.v1 import (
    accounting_service_pb2_grpc,
    base_year_service_pb2_grpc,
    curve_service_pb2_grpc,
    evaluation_service_pb2_grpc,
    indicator_system_service_pb2_grpc,
    metering_service_pb2_grpc,
    park_service_pb2_grpc,
    period_service_pb2_grpc,
    quality_service_pb2_grpc,
    report_file_service_pb2_grpc,
    rollup_service_pb2_grpc,
    statistic_service_pb2_grpc,
    verification_service_pb2_grpc,
    zone_analysis_service_pb2_grpc,
)
from zonecarbon.client import channel
from zonecarbon.registry.v1 import principal_service_pb2_grpc


def build(settings: Settings, metrics: Metrics) -> Service:
    """Return accounting on its database, migrated, beside the registry of the settings."""
    database = Database.of(settings, "accounting", metrics.storage("accounting"))
    database.migrate(store.MIGRATIONS)
    to_registry = channel(settings.registry_address or settings.registry_listen)
    registry = Registry(to_registry)
    rules = Rules(methods=files.methods(), steam=files.steam_table())
    accounting = Accounting(database, registry, rules)
    periods = Periods(database, registry, rules)
    of_quality = _quality_rules(rules)
    key = settings.service_key.get_secret_value()
    figures = ZoneFigures(
        newest=_newest(database),
        zones=lambda: registry.zones(key=key),
        compute=partial(accounting.zone_inventory, view=View(key=key), with_lines=False),
        methods=[each.method_id for each in rules.methods.values() if each.is_of_zones],
    )
    metrics.limit(POINTS_LIMIT, MOST_POINTS)
    metrics.gauges(Collector(database, figures.held))
    metrics.gauges(EvidenceCollector(database, figures.held, of_quality.evidence))

    for limit, most in LIMITS.items():
        metrics.limit(limit, most)

    def close() -> None:
        to_registry.close()
        database.close()

    served = _served(accounting, periods, (database, registry), (rules, of_quality))
    kept = KeptZones(books=ZoneBooks(database), boundaries=Boundaries(registry))
    served |= _of_zones(database, registry, rules, kept)
    of_zones = [each for each in rules.methods.values() if each.is_of_zones]
    return Service(
        name="accounting",
        register=list(served.values()),
        protos=[f"zonecarbon.accounting.v1.{name}" for name in served],
        access=ACCESS,
        authenticate=registry_authenticator(
            principal_service_pb2_grpc.PrincipalServiceStub(to_registry)
        ),
        close=close,
        # Without a key of its own it may ask the registry nothing unless somebody calls.
        jobs=[
            lambda: Repeated("restatement", lambda: periods.follow(key), settings.follow_seconds),
            lambda: Repeated("zone-figures", figures.refresh, settings.follow_seconds),
            lambda: Repeated(
                "zone-books", lambda: kept.books.warm(of_zones), settings.follow_seconds
            ),
        ]
        if key
        else [],
    )


def _served(
    accounting: Accounting,
    periods: Periods,
    facts: tuple[Database, Registry],
    all_rules: tuple[Rules, QualityRules],
) -> dict[str, Callable[[grpc.Server], None]]:
    """Return what adds each service of the contract to a server, by its name."""
    (database, registry), (rules, of_quality) = facts, all_rules
    return {
        "AccountingService": partial(
            accounting_service_pb2_grpc.add_AccountingServiceServicer_to_server, accounting
        ),
        "BaseYearService": partial(
            base_year_service_pb2_grpc.add_BaseYearServiceServicer_to_server,
            BaseYears(database, registry, rules),
        ),
        "CurveService": partial(
            curve_service_pb2_grpc.add_CurveServiceServicer_to_server,
            Curves(database, registry, rules),
        ),
        "MeteringService": partial(
            metering_service_pb2_grpc.add_MeteringServiceServicer_to_server, _metering(rules)
        ),
        "ParkService": partial(
            park_service_pb2_grpc.add_ParkServiceServicer_to_server, Parks(files.park_rules())
        ),
        "PeriodService": partial(
            period_service_pb2_grpc.add_PeriodServiceServicer_to_server, periods
        ),
        "QualityService": partial(
            quality_service_pb2_grpc.add_QualityServiceServicer_to_server,
            Quality(database, registry, of_quality),
        ),
        "ReportFileService": partial(
            report_file_service_pb2_grpc.add_ReportFileServiceServicer_to_server,
            ReportFiles(database, registry, rules),
        ),
        "RollupService": partial(
            rollup_service_pb2_grpc.add_RollupServiceServicer_to_server,
            Rollups(database, registry, rules),
        ),
        "VerificationService": partial(
            verification_service_pb2_grpc.add_VerificationServiceServicer_to_server,
            Verifications(database, registry, rules),
        ),
    }


def _of_zones(
    database: Database, registry: Registry, rules: Rules, kept: KeptZones
) -> dict[str, Callable[[grpc.Server], None]]:
    """Return what adds the services that speak of zones to a server, by their names."""
    by = IndicatorRules(
        systems=files.indicator_systems(),
        catalogue=files.input_catalogue(),
        consistency=files.consistency(),
    )
    return {
        "StatisticService": partial(
            statistic_service_pb2_grpc.add_StatisticServiceServicer_to_server,
            Statistics(database, registry, rules, by),
        ),
        "IndicatorSystemService": partial(
            indicator_system_service_pb2_grpc.add_IndicatorSystemServiceServicer_to_server,
            IndicatorSystems(database, registry, rules, by),
        ),
        "EvaluationService": partial(
            evaluation_service_pb2_grpc.add_EvaluationServiceServicer_to_server,
            Evaluations(database, registry, rules, by, kept),
        ),
        "ZoneAnalysisService": partial(
            zone_analysis_service_pb2_grpc.add_ZoneAnalysisServiceServicer_to_server,
            ZoneAnalyses(database, registry, rules, files.zone_rules(), kept),
        ),
    }


def _metering(rules: Rules) -> Metering:
    return Metering(
        heat_rules=files.heat_rules(),
        steam_table=rules.steam,
        calibration_rules=files.calibration_rules(),
        equivalent_values=files.equivalent_values(),
    )


def _quality_rules(rules: Rules) -> QualityRules:
    return QualityRules(
        methods=rules.methods,
        outlier=files.outlier_rule(),
        evidence=files.evidence_rules(rules.methods),
    )


def _newest(database: Database) -> Callable[[], tuple[int, Sequence[int]]]:
    """Return what tells the newest revision and the years with reports."""

    def newest() -> tuple[int, Sequence[int]]:
        with database.read() as connection:
            return revision.newest(connection), store.inventories.years(connection)

    return newest
