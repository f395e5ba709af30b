"""What came over HTTP, by the template of the route: there are as many paths as names."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from services.console.route import Route
from services.runtime.metrics import Metrics

_LABELS = ("route", "method")


class HttpMetrics:
    """Requests and how long they took."""

    def __init__(self, metrics: Metrics) -> None:
        self._requests = Counter(
            "zonecarbon_http_requests",
            'HTTP requests answered, by route and code; what has no route has the route "".',
            (*_LABELS, "code"),
            registry=metrics.registry,
        )
        self._seconds = Histogram(
            "zonecarbon_http_request_seconds",
            "Time an HTTP request took, streams to their end.",
            _LABELS,
            registry=metrics.registry,
        )

    def answered(self, route: Route | None, code: int, seconds: float) -> None:
        """Count a request."""
        labels = (route.template.text, route.verb) if route is not None else ("", "")
        self._requests.labels(*labels, str(code)).inc()
        self._seconds.labels(*labels).observe(seconds)
