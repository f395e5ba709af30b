from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest
import sqlalchemy as sa
from google.rpc import error_details_pb2

from services.kernel.errors import NotFound
from services.runtime import auth
from tests.refusals import refused
from tests.runtime import toy
from zonecarbon.client import Client
from zonecarbon.registry.v1 import unit_pb2

REQUEST = unit_pb2.ListUnitsRequest()


@pytest.fixture(params=toy.KINDS)
def running(request: pytest.FixtureRequest) -> Iterator[toy.Toy]:
    """A server that answers in each way."""
    served = toy.KINDS[request.param]()
    yield served
    served.stop()


@pytest.fixture
def client(running: toy.Toy) -> Iterator[Client]:
    with running.client() as connected:
        yield connected


def test_a_call_with_a_good_key_is_answered(running: toy.Toy, client: Client) -> None:
    def answer(request: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        name = f"{auth.caller().name} {auth.language()} {request.dimension}"
        return unit_pb2.ListUnitsResponse(units=[unit_pb2.Unit(display_name=name)])

    running.answer = answer

    found = client.units.ListUnits(unit_pb2.ListUnitsRequest(dimension="mass"))
    assert found.units[0].display_name == "principals/tester en mass"


@pytest.mark.parametrize("key", ["", "unknown", "good-key-2"])
def test_a_call_with_no_key_or_a_bad_one_is_refused(running: toy.Toy, key: str) -> None:
    with running.client(key) as client:
        told = refused(client.units.ListUnits, REQUEST)

    assert (told.code, told.reason, told.metadata) == ("UNAUTHENTICATED", "UNAUTHENTICATED", {})


def test_a_call_without_any_header_is_refused(running: toy.Toy) -> None:
    with grpc.insecure_channel(running.server.address) as channel:
        bare = channel.unary_unary(
            f"/{toy.NAME}/ListUnits",
            request_serializer=unit_pb2.ListUnitsRequest.SerializeToString,
            response_deserializer=unit_pb2.ListUnitsResponse.FromString,
        )
        assert refused(bare, REQUEST).reason == "UNAUTHENTICATED"


def test_a_role_that_may_not_call_is_told_so(running: toy.Toy) -> None:
    with running.client(toy.ENTERPRISE_KEY) as client:
        told = refused(client.units.ListUnits, REQUEST)

    assert (told.code, told.reason) == ("PERMISSION_DENIED", "PERMISSION_DENIED")
    assert told.metadata == {"method": "ListUnits", "role": "ENTERPRISE"}


def test_a_method_that_no_row_opens_is_closed_to_all(client: Client) -> None:
    told = refused(client.units.ConvertQuantity, unit_pb2.ConvertQuantityRequest())

    assert told.metadata == {"method": "ConvertQuantity", "role": "ADMINISTRATOR"}


def test_who_calls_is_settled_before_what_he_says(running: toy.Toy) -> None:
    broken = unit_pb2.ListUnitsRequest(dimension="x" * 101)

    with running.client("unknown") as client:
        assert refused(client.units.ListUnits, broken).reason == "UNAUTHENTICATED"
    with running.client(toy.ENTERPRISE_KEY) as client:
        assert refused(client.units.ListUnits, broken).reason == "PERMISSION_DENIED"


def test_a_request_that_breaks_the_contract_does_not_reach_the_method(
    running: toy.Toy, client: Client
) -> None:
    reached = []

    def answer(request: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        reached.append(request)
        return unit_pb2.ListUnitsResponse()

    running.answer = answer
    told = refused(client.units.ListUnits, unit_pb2.ListUnitsRequest(dimension="x" * 101))
    assert (told.code, told.reason, told.fields) == (
        "INVALID_ARGUMENT",
        "FIELD_INVALID",
        ["dimension"],
    )
    assert reached == []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("ZH-cn,en;q=0.5", "zh"),
        ("en", "en"),
        ("de", "en"),
        ("", "en"),
    ],
)
def test_a_refusal_speaks_the_callers_language(
    running: toy.Toy, header: str, language: str
) -> None:
    def refuse(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        assert auth.language() == language
        raise NotFound(name="zones/z")

    running.answer = refuse
    with running.client(language=header) as client:
        told = refused(client.units.ListUnits, REQUEST)

    assert told.message == NotFound(name="zones/z").text("zh" if language == "zh" else "en")
    assert {text.locale for text in told.all(error_details_pb2.LocalizedMessage)} == {"en", "zh-CN"}


def failing_query(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
    with sa.create_engine("sqlite://", poolclass=sa.NullPool).connect() as connection:
        connection.exec_driver_sql("SELECT secret FROM nowhere")
    raise AssertionError


def failing_reason(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
    class Unheard(NotFound):
        reason = "UNHEARD"

    raise Unheard(name="secret")


@pytest.mark.parametrize("answer", [failing_query, failing_reason])
def test_a_defect_shows_an_id_and_nothing_of_its_text(
    running: toy.Toy, client: Client, answer: toy.Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    running.answer = answer

    told = refused(client.units.ListUnits, REQUEST)

    assert (told.code, told.reason) == ("INTERNAL", "INTERNAL")
    error_id = told.metadata["error_id"]
    assert error_id in told.message
    assert "secret" not in str(told.status)
    logged = capsys.readouterr().out
    assert error_id in logged
    assert "Traceback" in logged


def test_the_log_of_a_defect_shows_no_key(
    running: toy.Toy, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    running.answer = failing_query

    refused(client.units.ListUnits, REQUEST)

    logged = capsys.readouterr().out
    assert "nowhere" in logged
    assert toy.KEY not in logged


def test_after_a_defect_the_next_call_is_answered(running: toy.Toy, client: Client) -> None:
    running.answer = failing_query
    refused(client.units.ListUnits, REQUEST)

    running.answer = toy.nothing
    assert client.units.ListUnits(REQUEST) == unit_pb2.ListUnitsResponse()


@pytest.mark.parametrize("method", ["Nothing", "", "../ListUnits"])
def test_an_unknown_method_is_unimplemented(running: toy.Toy, method: str) -> None:
    with grpc.insecure_channel(running.server.address) as channel:
        unknown: toy.Raw = channel.unary_unary(f"/{toy.NAME}/{method}")
        with pytest.raises(grpc.RpcError) as caught:
            unknown(b"")

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_call_leaves_nothing_behind_for_the_next_on_its_thread(
    running: toy.Toy, client: Client
) -> None:
    client.units.ListUnits(REQUEST)

    with running.client("unknown", language="zh") as stranger:
        refused(stranger.units.ListUnits, REQUEST)
    told = refused(client.units.ListUnits, unit_pb2.ListUnitsRequest(dimension="x" * 101))
    assert told.message.startswith("dimension is")


def test_what_is_no_message_is_refused_without_what_went_wrong_inside(running: toy.Toy) -> None:
    with grpc.insecure_channel(running.server.address) as channel:
        bare: toy.Raw = channel.unary_unary(f"/{toy.NAME}/ListUnits")
        with pytest.raises(grpc.RpcError) as caught:
            bare(b"\xff\xff\xff", timeout=10)

    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert caught.value.details() == "Exception deserializing request!"
