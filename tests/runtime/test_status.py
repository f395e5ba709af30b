from __future__ import annotations

import pytest
from google.rpc import code_pb2, error_details_pb2

from services.kernel import errors
from services.kernel.errors import AtField, DomainError, FieldInvalid, FieldRequired, NotFound
from services.runtime import status
from services.runtime.status import Relayed
from tests.kernel.test_errors import EXAMPLES
from tests.refusals import Refused, refused
from tests.runtime import toy
from zonecarbon.registry.v1 import unit_pb2

LONGEST = "密" * 256


def to_refused(error: DomainError) -> Refused:
    return Refused(status=status.to_status(error, "zh"))


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: error.reason)
def test_every_error_of_the_catalogue_becomes_a_status(error: DomainError) -> None:
    told = to_refused(error)
    info = told.only(error_details_pb2.ErrorInfo)

    assert told.code == error.code
    assert (info.reason, info.domain) == (error.reason, "zonecarbon")
    assert told.metadata == error.metadata()
    texts = {text.locale: text.message for text in told.all(error_details_pb2.LocalizedMessage)}
    assert texts == {"en": error.text("en"), "zh-CN": error.text("zh")}
    assert told.message == error.text("zh")
    assert told.fields == ([error.field] if isinstance(error, AtField) else [])


def test_the_message_is_in_the_callers_language() -> None:
    error = NotFound(name="zones/z")

    assert status.to_status(error, "en").message == error.text("en")
    assert status.to_status(error, "zh").message == error.text("zh")


def test_what_is_missing_is_named_as_a_resource() -> None:
    told = to_refused(NotFound(name="enterprises/x"))

    assert told.only(error_details_pb2.ResourceInfo).resource_name == "enterprises/x"


def test_a_field_is_told_with_its_reason_and_sentence() -> None:
    told = to_refused(FieldRequired(field="zone"))
    (violation,) = told.only(error_details_pb2.BadRequest).field_violations

    assert (violation.field, violation.reason) == ("zone", "FIELD_REQUIRED")
    assert violation.description == FieldRequired(field="zone").text("zh")


def test_several_errors_become_one_status_with_the_reason_of_the_first() -> None:
    broken = [FieldRequired(field="a"), FieldInvalid(field="b", given="1", allowed="2")]
    told = Refused(status=status.violations(broken, "en"))

    assert told.reason == "FIELD_REQUIRED"
    assert told.fields == ["a", "b"]


def test_a_status_of_a_neighbour_goes_on_as_it_came() -> None:
    theirs = status.to_status(NotFound(name="factorSets/x"), "zh")

    assert status.to_status(Relayed(status=theirs.SerializeToString()), "en") == theirs


def test_a_reason_that_the_contract_does_not_know_is_a_defect() -> None:
    class Strange(DomainError):
        code = "ABORTED"
        reason = "STRANGE"
        en = zh = "strange"

    with pytest.raises(ValueError, match="STRANGE"):
        status.to_status(Strange(), "en")


@pytest.mark.parametrize("count", [1, 60, 5000])
@pytest.mark.parametrize("given", ["x", LONGEST], ids=["short", "long"])
def test_a_status_always_arrives(running: toy.Toy, count: int, given: str) -> None:
    broken = [
        FieldInvalid(field=f"records[{n}].quantity.unit_code", given=given, allowed="kWh")
        for n in range(count)
    ]
    sent = status.violations(broken, "zh")

    def refuse(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        raise Relayed(status=sent.SerializeToString())

    running.answer = refuse
    with running.client() as client:
        for _ in range(5):
            told = refused(client.units.ListUnits, unit_pb2.ListUnitsRequest())
            assert told.status == sent
    assert told.fields == [error.field for error in broken[: len(told.fields)]]
    assert len(told.fields) >= min(count, 10 if given == "x" else 1)


def test_a_very_long_text_is_cut_between_two_characters() -> None:
    missing = tuple(f"第{number}项数据缺失" for number in range(1000))
    told = to_refused(errors.InventoryIncomplete(name="enterprises/e", missing=missing))

    assert told.message.endswith("…")
    assert told.status.ByteSize() < 8192
    assert code_pb2.Code.Name(told.status.code) == "FAILED_PRECONDITION"
