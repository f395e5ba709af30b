"""Accounting's servicer, one module a noun, and who may call which method."""

from __future__ import annotations

from services.accounting.servicer.access import ACCESS
from services.accounting.servicer.base import Rules
from services.accounting.servicer.change import Changes
from services.accounting.servicer.computation import Computations
from services.accounting.servicer.explanation import Explanations
from services.accounting.servicer.metering import Metering
from services.accounting.servicer.park import Parks
from services.accounting.servicer.reconciliation import Reconciliations
from services.accounting.servicer.report import Reports


class Accounting(Reports, Computations, Explanations, Reconciliations, Changes):
    """AccountingService: each noun in a module of its own."""


__all__ = ["ACCESS", "Accounting", "Metering", "Parks", "Rules"]
