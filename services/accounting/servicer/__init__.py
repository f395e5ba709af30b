"""Accounting's servicer, one module a noun, and who may call which method."""

from __future__ import annotations

from services.accounting.servicer.access import ACCESS
from services.accounting.servicer.base import Rules
from services.accounting.servicer.base_year import BaseYears
from services.accounting.servicer.boundary import Boundaries
from services.accounting.servicer.bundle import Bundles
from services.accounting.servicer.change import Changes
from services.accounting.servicer.comparison import Comparisons
from services.accounting.servicer.computation import Computations
from services.accounting.servicer.curves import Curves
from services.accounting.servicer.evaluation import Evaluations
from services.accounting.servicer.explanation import Explanations
from services.accounting.servicer.indicator_rules import IndicatorRules
from services.accounting.servicer.indicator_system import IndicatorSystems
from services.accounting.servicer.metering import Metering
from services.accounting.servicer.park import Parks
from services.accounting.servicer.period import Periods
from services.accounting.servicer.quality import Quality, QualityRules
from services.accounting.servicer.reconciliation import Reconciliations
from services.accounting.servicer.report import Reports
from services.accounting.servicer.report_file import LIMITS, ReportFiles
from services.accounting.servicer.rollup import Rollups
from services.accounting.servicer.statistic import Statistics
from services.accounting.servicer.verification import Verifications
from services.accounting.servicer.zone_analysis import ZoneAnalyses
from services.accounting.servicer.zone_books import KeptZones, ZoneBooks
from zonecarbon.accounting.v1 import accounting_service_pb2_grpc


class Accounting(
    Reports,
    Computations,
    Explanations,
    Comparisons,
    Bundles,
    Reconciliations,
    Changes,
    accounting_service_pb2_grpc.AccountingServiceServicer,
):
    """AccountingService: each noun in a module of its own."""


__all__ = [
    "ACCESS",
    "LIMITS",
    "Accounting",
    "BaseYears",
    "Boundaries",
    "Curves",
    "Evaluations",
    "IndicatorRules",
    "IndicatorSystems",
    "KeptZones",
    "Metering",
    "Parks",
    "Periods",
    "Quality",
    "QualityRules",
    "ReportFiles",
    "Rollups",
    "Rules",
    "Statistics",
    "Verifications",
    "ZoneAnalyses",
    "ZoneBooks",
]
