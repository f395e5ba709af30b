from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from services.console.route import Routes
from services.kernel.errors import RouteUnknown
from tests.console.doors import routes, stream_service
from tools import protos


def test_every_method_of_the_contract_has_a_way(tmp_path: Path) -> None:
    protos.image(tmp_path / "image.binpb")
    image = descriptor_pb2.FileDescriptorSet.FromString((tmp_path / "image.binpb").read_bytes())

    assert {route.method.full_name for route in routes().all} == {
        f"{file.package}.{service.name}.{method.name}"
        for file in image.file
        if file.package.startswith("zonecarbon.")
        for service in file.service
        for method in service.method
    }


def test_every_way_lies_where_the_door_looks() -> None:
    assert [route.rpc for route in routes().all if not route.template.text.startswith("/v1/")] == []


def test_no_path_leads_to_two_methods() -> None:
    for route in routes().all:
        path = route.template.text
        for variable, form in route.template.variables.items():
            bound = f"{{{variable}={form}}}" if f"={form}" in path else f"{{{variable}}}"
            path = path.replace(bound, form.replace("**", "zones/z").replace("*", "x"))
        found, _ = routes().find(route.verb, path)
        assert found.rpc == route.rpc, path


def test_another_verb_is_refused_with_those_there_are() -> None:
    with pytest.raises(RouteUnknown) as refused:
        routes().find("DELETE", "/v1/enterprises/chp")

    assert refused.value.allowed == ("GET", "PATCH")


def test_an_unknown_path_is_refused() -> None:
    with pytest.raises(RouteUnknown) as refused:
        Routes([stream_service()]).find("GET", "/v1/units")

    assert refused.value.allowed == ()
