from __future__ import annotations

import pytest
from stdnum.cn import uscc

from services.kernel.errors import CreditCodeInvalid, CreditCodeProblem
from services.registry.domain import credit_code
from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import refused
from zonecarbon.registry.v1 import enterprise_pb2
from zonecarbon.registry.v1 import registry_service_pb2 as pb

GOOD = "91110000600037341L"
WRONG = [
    pytest.param("9111000060003734", "LENGTH", id="too short"),
    pytest.param("91110000600037341L0", "LENGTH", id="too long"),
    pytest.param("9111000060003734IL", "CHARACTERS", id="letter I"),
    pytest.param("9111000060003734SL", "CHARACTERS", id="letter S"),
    pytest.param("9111000060003734园L", "CHARACTERS", id="Chinese"),
    pytest.param("91000000600037341L", "REGION", id="no province"),
    pytest.param("911A0000600037341L", "REGION", id="letter in the region"),
    pytest.param("91110000600037342L", "CHECK_DIGIT", id="mistyped"),
    pytest.param("91110000600037314L", "CHECK_DIGIT", id="digits swapped"),
]


@pytest.mark.parametrize("given", [GOOD, " 91110000600037341L ", "91110000600037341l"])
def test_a_code_is_brought_to_its_plain_form(given: str) -> None:
    assert credit_code.check(given, "credit_code") == GOOD


def test_an_office_that_writes_a_letter_is_known_too() -> None:
    body = "N2320509MF0000001"
    given = body + str(uscc.calc_check_digit(body))

    assert credit_code.check(given, "credit_code") == given


@pytest.mark.parametrize(("given", "problem"), WRONG)
def test_a_wrong_code_is_told_what_is_wrong(given: str, problem: str) -> None:
    with pytest.raises(CreditCodeInvalid) as found:
        credit_code.check(given, "credit_code")

    assert found.value.problem is CreditCodeProblem[problem]


def test_any_one_character_mistyped_is_found() -> None:
    for place, right in enumerate(GOOD):
        for wrong in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            if wrong != right:
                with pytest.raises(CreditCodeInvalid):
                    credit_code.check(GOOD[:place] + wrong + GOOD[place + 1 :], "credit_code")


def create(registry: RunningRegistry, code: str = "") -> enterprise_pb2.Enterprise:
    request = builders.enterprise(credit_code=code or builders.credit_code())
    return registry.administrator.registry.CreateEnterprise(request)


def change(
    name: str, code: str, day: str = "2023-05-01", etag: str = ""
) -> pb.ChangeCreditCodeRequest:
    return pb.ChangeCreditCodeRequest(
        name=name,
        credit_code=code,
        start_date=builders.day(day),
        change_reason="relocated to another district",
        etag=etag,
    )


@pytest.mark.parametrize(("given", "problem"), WRONG)
def test_a_wrong_code_is_refused_wherever_it_is_given(
    registry: RunningRegistry, given: str, problem: str
) -> None:
    stub, name = registry.administrator.registry, registry.enterprise()
    found = [
        refused(stub.CreateEnterprise, builders.enterprise(credit_code=given)),
        refused(stub.ChangeCreditCode, change(name, given)),
        refused(stub.CreateCounterparty, builders.counterparty(name, credit_code=given)),
    ]

    assert {told.reason for told in found} == {"CREDIT_CODE_INVALID"}
    assert {told.metadata["problem"] for told in found} == {problem}
    assert [told.fields for told in found] == [
        ["enterprise.credit_code"],
        ["credit_code"],
        ["counterparty.credit_code"],
    ]


def test_a_changed_code_keeps_the_ones_before(registry: RunningRegistry) -> None:
    first, codes = create(registry), [builders.credit_code() for _ in range(2)]
    stub = registry.administrator.registry
    stub.ChangeCreditCode(change(first.name, codes[0], "2022-01-01", first.etag))

    last = stub.ChangeCreditCode(change(first.name, codes[1], "2023-05-01"))
    assert last.credit_code == codes[1]
    assert [span.credit_code for span in last.credit_codes] == [first.credit_code, *codes]
    assert not last.credit_codes[0].HasField("start_date")
    assert last.credit_codes[2].start_date == builders.day("2023-05-01")
    assert last.credit_codes[2].change_reason == "relocated to another district"
    old = pb.GetEnterpriseRequest(name=first.name, resource_version=1)
    assert stub.GetEnterprise(old) == first


@pytest.mark.parametrize("day", ["2022-01-01", "2021-12-31"])
def test_a_code_begins_after_the_one_before(registry: RunningRegistry, day: str) -> None:
    name, stub = create(registry).name, registry.administrator.registry
    stub.ChangeCreditCode(change(name, builders.credit_code(), "2022-01-01"))

    told = refused(stub.ChangeCreditCode, change(name, builders.credit_code(), day))
    assert (told.reason, told.fields) == ("FIELD_INVALID", ["start_date"])
    assert "2022-01-01" in told.metadata["allowed"]


def test_the_code_in_force_is_no_change(registry: RunningRegistry) -> None:
    first = create(registry)

    told = refused(
        registry.administrator.registry.ChangeCreditCode, change(first.name, first.credit_code)
    )
    assert (told.reason, told.fields) == ("FIELD_INVALID", ["credit_code"])


def test_a_code_that_another_has_or_ever_had_is_taken(registry: RunningRegistry) -> None:
    first, other = create(registry), create(registry)
    stub, new = registry.administrator.registry, builders.credit_code()
    stub.ChangeCreditCode(change(first.name, new))

    for taken in (first.credit_code, new):
        for told in (
            refused(stub.CreateEnterprise, builders.enterprise(credit_code=taken)),
            refused(stub.ChangeCreditCode, change(other.name, taken)),
        ):
            assert (told.reason, told.metadata) == ("ALREADY_EXISTS", {"name": taken})


def test_an_enterprise_may_take_up_a_code_of_its_own_again(registry: RunningRegistry) -> None:
    first, stub = create(registry), registry.administrator.registry
    stub.ChangeCreditCode(change(first.name, builders.credit_code(), "2022-01-01"))

    back = stub.ChangeCreditCode(change(first.name, first.credit_code, "2023-01-01"))
    assert back.credit_code == first.credit_code
    assert len(back.credit_codes) == 3


def test_a_change_of_code_that_cannot_be_is_refused(registry: RunningRegistry) -> None:
    name, stub = create(registry).name, registry.administrator.registry
    code = builders.credit_code()

    def told(request: pb.ChangeCreditCodeRequest) -> tuple[str, list[str]]:
        found = refused(stub.ChangeCreditCode, request)
        return found.reason, found.fields

    assert told(change("works", code)) == ("NAME_INVALID", ["name"])
    assert told(change("enterprises/none", code)) == ("NOT_FOUND", [])
    assert told(change(name, code, etag='"7"')) == ("ETAG_MISMATCH", [])
    assert told(change(name, code, "2023-02-29")) == ("FIELD_INVALID", ["start_date"])
    groundless = change(name, code)
    groundless.change_reason = ""
    assert told(groundless) == ("FIELD_REQUIRED", ["change_reason"])
