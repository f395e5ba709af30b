"""Puts the console together; `python -m services console` runs it alone."""

from __future__ import annotations

from services.console import app
from services.console.door import Door
from services.console.neighbour import Neighbour
from services.console.route import services
from services.console.server import HttpServer
from services.runtime.config import Settings
from services.runtime.metrics import Metrics
from zonecarbon.client import channel

NEIGHBOURS = ("registry", "accounting", "trading")


def build(settings: Settings, metrics: Metrics) -> HttpServer:
    """Return the console before the services where the settings say they are."""
    door = Door(
        [
            Neighbour(
                name=name,
                channel=channel(
                    getattr(settings, f"{name}_address") or getattr(settings, f"{name}_listen")
                ),
                services=services(f"zonecarbon.{name}.v1"),
            )
            for name in NEIGHBOURS
        ],
        metrics,
        threads=settings.worker_threads,
        streams=settings.stream_threads,
        body_bytes=settings.console_body_bytes,
    )
    return HttpServer(app.build(door), settings.console_listen, door.close)
