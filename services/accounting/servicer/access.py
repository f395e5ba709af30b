"""Who may call which method."""

from __future__ import annotations

from services.runtime import auth

_ACCOUNTING = "/zonecarbon.accounting.v1.AccountingService/"
_METERING = "/zonecarbon.accounting.v1.MeteringService/"
ZONE_INVENTORY = _ACCOUNTING + "GetZoneInventory"

ACCESS: auth.Access = {
    _ACCOUNTING + "ReportActivity": auth.REPORTERS,
    _ACCOUNTING + "GetActivityRecord": auth.ANYONE,
    _ACCOUNTING + "ListActivityRecords": auth.ANYONE,
    _ACCOUNTING + "ComputeEmissions": auth.ANYONE,
    _ACCOUNTING + "GetEnterpriseInventory": auth.ANYONE,
    ZONE_INVENTORY: auth.OFFICE_READERS,
    # Of a zone: whoever may read its inventory.
    _ACCOUNTING + "ExplainFigure": auth.ANYONE,
    _ACCOUNTING + "ReconcileInventories": auth.ANYONE,
    _ACCOUNTING + "ListMethods": auth.ANYONE,
    _ACCOUNTING + "ListChanges": auth.FOLLOWERS,
    # Stores nothing and reads nothing but the request.
    "/zonecarbon.accounting.v1.ParkService/EvaluatePark": auth.ANYONE,
    _METERING + "ComputeHeat": auth.ANYONE,
    _METERING + "CorrectReading": auth.ANYONE,
    _METERING + "ConvertCoalEquivalent": auth.ANYONE,
}
