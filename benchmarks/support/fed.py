"""Services that are fed with the curves of meters: a year of each enterprise in one message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from google.type import decimal_pb2
from pydantic import SecretStr

from benchmarks.support import deployed, enterprises
from samples import meter
from services.kernel.period import Period
from services.runtime import wire
from services.runtime.config import Settings
from services.runtime.database import Database
from zonecarbon import curves, rows
from zonecarbon.accounting.v1 import activity_pb2, curve_pb2, rollup_service_pb2
from zonecarbon.accounting.v1 import curve_service_pb2 as pb
from zonecarbon.cli import library
from zonecarbon.client import Client
from zonecarbon.registry.v1 import registry_service_pb2, zone_pb2
from zonecarbon.type.v1 import label_pb2, quantity_pb2

YEAR = 2023
SCALE = curves.Scale(
    unit_code="kWh",
    decimal_count=meter.KWH_DECIMALS,
    step=curve_pb2.CURVE_STEP_FIFTEEN_MINUTES,
)
_KEY = "zc-benchmark"
_LOOPBACK = "127.0.0.1:0"
_DATA = Path(__file__).parents[2] / "services" / "registry" / "data"
ZONE = "zones/benchmark"


@dataclass(slots=True, kw_only=True)
class Fed:
    """Services, and enterprises with meters whose curves have not come yet."""

    client: Client
    database: Database
    """Accounting's, opened beside it."""
    meters: int
    """Of each enterprise."""
    _made: int = field(default=0, init=False)

    def messages(self, count: int) -> list[pb.ReportCurveDaysRequest]:
        """Return the years of so many new enterprises, a message each."""
        return [self._year(self._enterprise()) for _ in range(count)]

    def send(self, messages: Sequence[pb.ReportCurveDaysRequest]) -> None:
        """Stream the messages until all are durable and booked."""
        for answer in curves.send(self.client.curves, messages):
            assert not answer.refused_day_count, answer.results

    def mill(self) -> str:
        """Create an enterprise that has sent nothing; return its name."""
        self._made += 1
        return enterprises.create(self.client, self._made, zones=[ZONE])

    def report(self, parent: str, records: Sequence[activity_pb2.ActivityRecord]) -> None:
        """Stream rows until all are durable and booked."""
        for answer in rows.send(self.client.accounting, rows.reports(parent, records)):
            assert not answer.refused_count, answer.results

    def look(self) -> None:
        """Read what a zone's desk looks at: its months."""
        self.client.rollups.GetMonthlyEmissions(
            rollup_service_pb2.GetMonthlyEmissionsRequest(name=f"{ZONE}/monthlyEmissions/{YEAR}")
        )

    def _enterprise(self) -> list[str]:
        """Create an enterprise with its curves; return their names."""
        parent = self.mill()
        return [
            self.client.curves.CreateCurve(
                pb.CreateCurveRequest(
                    parent=parent,
                    curve_id=f"meter-{number}",
                    curve=curve_pb2.Curve(
                        source_id=f"meter-{number}",
                        kind=activity_pb2.ACTIVITY_KIND_ELECTRICITY_PURCHASED,
                        counterparty=f"{parent}/counterparties/{enterprises.GRID}",
                        unit_code=SCALE.unit_code,
                        decimal_count=SCALE.decimal_count,
                        step=SCALE.step,
                    ),
                )
            ).name
            for number in range(self.meters)
        ]

    def _year(self, names: Sequence[str]) -> pb.ReportCurveDaysRequest:
        days = curves.Days(
            parent=names[0].partition("/curves/")[0],
            curves=names,
            first=date(YEAR, 1, 1),
            counts=year(self.meters),
            scale=SCALE,
        )
        (message,) = curves.messages(days, points=days.counts.size)
        return message


def year(meters: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """Return the real meter's year, replicated over meters; (meter, day, point)."""
    one = np.array([day.counts for day in meter.replayed(YEAR)], np.int32)
    # Other meters read other things: equal rows would flatter whoever compares them.
    factors = np.arange(1, meters + 1, dtype=np.int32)[:, np.newaxis, np.newaxis]
    return one[np.newaxis] * factors


def readings(parent: str, count: int, period: Period) -> list[activity_pb2.ActivityRecord]:
    """Return a reading of each of so many meters."""
    return [
        activity_pb2.ActivityRecord(
            source_id=f"meter-{number}",
            kind=activity_pb2.ACTIVITY_KIND_ELECTRICITY_PURCHASED,
            quantity=quantity_pb2.Quantity(
                value=decimal_pb2.Decimal(value=f"{number + 1}.25"), unit_code=SCALE.unit_code
            ),
            period=wire.from_period(period),
            counterparty=f"{parent}/counterparties/{enterprises.GRID}",
        )
        for number in range(count)
    ]


@contextmanager
def services(folder: Path, url: str, meters: int) -> Iterator[Fed]:
    """Give services on SQLite, or on the PostgreSQL at `url`."""
    settings = Settings(
        registry_listen=_LOOPBACK,
        accounting_listen=_LOOPBACK,
        metrics_listen=_LOOPBACK,
        data_folder=str(folder),
        database_url=SecretStr(url),
        bootstrap_key=SecretStr(_KEY),
    )
    with ExitStack() as stack:
        addresses = stack.enter_context(deployed.serving(settings, ["registry", "accounting"]))
        database = stack.enter_context(closing(Database.of(settings, "accounting")))
        client = stack.enter_context(Client.connect(addresses, key=_KEY))
        furnish(client)
        yield Fed(client=client, database=database, meters=meters)


def furnish(client: Client) -> None:
    """Load the factor library, and create the zone."""
    for request in library.requests(_DATA):
        client.factors.ImportFactors(request)
    client.registry.CreateZone(
        registry_service_pb2.CreateZoneRequest(
            zone_id="benchmark",
            zone=zone_pb2.Zone(
                display_name="Benchmark",
                region_code="CN-JS",
                label=label_pb2.DATA_LABEL_SYNTHETIC,
            ),
        )
    )
