"""The ways over HTTP: each method of the contract with the path and verb that lead to it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from services.console.template import Template
from services.kernel.errors import RouteUnknown

_SERVICES = "_service_pb2"
_WHOLE = "*"
# The annotation's stub leaves the extended message open; it extends MethodOptions.
_HTTP: Any = annotations_pb2.http


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method with a path and an HTTP verb of its own."""

    method: MethodDescriptor
    verb: str
    """"GET", "POST" …"""
    template: Template
    body: str
    """The field that the body is; "*": the whole request; "": there is no body."""
    number: int = 1
    """Which of the method's ways this is."""

    @property
    def rpc(self) -> str:
        """The method as gRPC calls it, `/package.Service/Method`."""
        return f"/{self.method.containing_service.full_name}/{self.method.name}"

    @property
    def whole(self) -> bool:
        """Tell whether the body is the whole request, but for what the path says."""
        return self.body == _WHOLE


class Routes:
    """All ways, to be found by path and verb."""

    def __init__(self, services: Iterable[ServiceDescriptor]) -> None:
        self.all = [
            route for service in services for method in service.methods for route in _routes(method)
        ]

    def find(self, verb: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route and the variables of its path, which is still percent-encoded.

        Raises:
            RouteUnknown: no call has this path, or none with this verb.
        """
        found = [
            (route, variables)
            for route in self.all
            if (variables := route.template.match(path)) is not None
        ]
        for route, variables in found:
            if route.verb == verb:
                return route, variables
        allowed = tuple(sorted({route.verb for route, _ in found}))
        raise RouteUnknown(name=path, method=verb, allowed=allowed)


def services(package: str) -> list[ServiceDescriptor]:
    """Return every protobuf service of a package of the contract, "zonecarbon.registry.v1"."""
    folder = importlib.import_module(package).__path__
    modules = sorted(found.name for found in pkgutil.iter_modules(folder, f"{package}."))
    return [
        service
        for module in modules
        if module.endswith(_SERVICES)
        for service in importlib.import_module(module).DESCRIPTOR.services_by_name.values()
    ]


def _routes(method: MethodDescriptor) -> Iterator[Route]:
    rule: http_pb2.HttpRule = method.GetOptions().Extensions[_HTTP]
    for number, each in enumerate((rule, *rule.additional_bindings), start=1):
        verb = each.WhichOneof("pattern")
        if verb is not None:
            yield Route(
                method=method,
                verb=verb.upper(),
                template=Template(getattr(each, verb)),
                body=each.body,
                number=number,
            )
