from __future__ import annotations

import contextlib
import re
import string
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from datetime import date
from typing import get_args

import pytest

from services.kernel import errors
from services.kernel.errors import DomainError, Language, Words

CODES = {
    "INVALID_ARGUMENT",
    "FAILED_PRECONDITION",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "ABORTED",
    "UNAUTHENTICATED",
    "PERMISSION_DENIED",
    "UNAVAILABLE",
    "DEADLINE_EXCEEDED",
    "RESOURCE_EXHAUSTED",
    "INTERNAL",
}
TRANSFER = "accounts/chp/transfers/t-1"
WORDS = Words(en="thermal energy", zh="热量")

EXAMPLES: tuple[DomainError, ...] = (
    errors.FieldRequired(field="enterprise.credit_code"),
    errors.FieldInvalid(field="page_size", given="-1", allowed=Words(en="0 to 9", zh="0 至 9")),
    errors.NameInvalid(given="Enterprise/1", pattern="enterprises/{enterprise}"),
    errors.UnitUnknown(given="kwh", choices=("kWh",)),
    errors.UnitAmbiguous(given="ton", choices=("t", "ton(US)")),
    errors.UnitDimension(
        given="kWh", given_dimension=WORDS, wanted_dimension=WORDS, choices=("t", "kg")
    ),
    errors.QuantityInvalid(given="NaN", problem=errors.QuantityProblem.NOT_FINITE),
    errors.PeriodInvalid(given="[b, a)", problem=errors.PeriodProblem.ENDS_BEFORE_START),
    errors.PeriodOverlap(given="[a, b)", other="enterprises/chp/activityRecords/r-1"),
    errors.DuplicateRow(field="records[5]", first="records[2]"),
    errors.FactorMissing(field="subject", wanted=WORDS, year=2023),
    errors.FactorConflict(field="subject", wanted="grid", candidates=("a-1", "a-2")),
    errors.FactorNotApplicable(field="factor", factor="f-1", year=2019, applicable=(2023, 2024)),
    errors.FactorImplausible(field="value", given="558.6", band="0 - 1.5 tCO2/MWh"),
    errors.CreditCodeInvalid(given="91X", problem=errors.CreditCodeProblem.LENGTH),
    errors.PageTokenInvalid(),
    errors.RequestIdReused(request_id="0f8fad5b"),
    errors.NotFound(name="enterprises/x"),
    errors.AlreadyExists(name="enterprises/x"),
    errors.EtagMismatch(name="enterprises/x"),
    errors.Unauthenticated(),
    errors.PermissionDenied(method="CreateZone", role="ENTERPRISE"),
    errors.RulebookMissing(sector="POWER", year=2030, available=()),
    errors.PriceMissing(product="CEA24", date=date(2020, 1, 1)),
    errors.InventoryIncomplete(name="enterprises/s", missing=("process emissions",)),
    errors.NeighbourUnavailable(service="registry"),
    errors.Internal(error_id="3f2c9a"),
    errors.FactorPeriodSplit(field="period", wanted=WORDS, days=("2024-03-11",)),
    errors.FourEyes(name="enterprises/x/customFactors/a", proposer="principals/lab"),
    errors.StateWrong(name="enterprises/x/customFactors/a", state="RETIRED", allowed="PROPOSED"),
    errors.FuelCountedTwice(field="records[1].quantity.unit_code", given="t", other="records[0]"),
    errors.CertificateRetired(field="records[0].certificate", given="GEC-2024-000123"),
    errors.GwpSetMismatch(field="gwp_set", given="gwp100-ar5", wanted="gwp100-ar6"),
    errors.SteamStateOutside(field="steam", given="0.5 MPa, 900 °C", allowed="up to 600 °C"),
    errors.BalanceNegative(field="activities", item="calcination", given="-12.5 tCO2"),
    errors.ParameterUndeclared(field="parameters", parameter="electricity_equal_value"),
    errors.Busy(),
    errors.PeriodClosed(field="period", name="enterprises/chp/periods/2023", state="LOCKED"),
    errors.LimitExceeded(limit="streams", given=17, allowed=16),
    errors.StorageUnavailable(service="accounting", problem=errors.StorageProblem.FULL),
    errors.FileInvalid(
        given="a.pdf", problem=Words(en="send a CSV or an XLSX", zh="请发送 CSV 或 XLSX 文件")
    ),
    errors.TemplateOutdated(
        field="A1", given="0", current=1, added=("certificate",), removed=("cert_no",)
    ),
    errors.SourceFed(field="source_id", given="intake", other="enterprises/chp/curves/main"),
    errors.RegisterImplausible(field="values", given="120 → 80 at point 7", allowed="0 to 500"),
    errors.FieldUnknown(field="records[0].unit", choices=("quantity", "period")),
    errors.BodyMalformed(given="line 3, column 12", problem=errors.BodyProblem.NOT_JSON),
    errors.RouteUnknown(name="/v1/units", method="DELETE", allowed=("GET",)),
    errors.DeadlineExceeded(service="accounting", seconds=30.0),
    errors.InstrumentUnknown(field="transfer.instrument", given="instruments/cea-2031"),
    errors.TransferKindUnfit(field="transfer.kind", given="DEPOSIT", instrument=WORDS),
    errors.SettlementBeforeTrade(
        field="transfer.settlement_date", given=date(2025, 10, 30), trade_date=date(2025, 10, 31)
    ),
    errors.TimeoutPast(field="transfer.timeout_time", given="2025-01-01T00:00:00+00:00"),
    errors.TransferIdReused(field="transfer", name=TRANSFER),
    errors.TransferMissing(field="transfer.target", name=TRANSFER),
    errors.TransferNotPending(field="transfer.target", name=TRANSFER, phase="POSTED"),
    errors.TransferSettled(
        field="transfer.target",
        name=TRANSFER,
        by="accounts/chp/transfers/t-2",
        phase="VOID_PENDING",
    ),
    errors.TransferTimedOut(
        field="transfer.target", name=TRANSFER, timeout_time="2025-01-01T00:00:00+00:00"
    ),
    errors.UnitsAbovePending(field="transfer.unit_count", name=TRANSFER, given=11, reserved=10),
    errors.TransferIrreversible(field="transfer.target", name=TRANSFER, phase="PENDING"),
    errors.TransferReversed(
        field="transfer.target", name=TRANSFER, by="accounts/chp/transfers/t-2"
    ),
    errors.BalanceInsufficient(
        field="transfer.unit_count",
        account="accounts/chp",
        purpose="HELD",
        instrument="cea-2024",
        given=101,
        available=100,
    ),
    errors.BalanceOverflow(
        field="transfer.unit_count",
        account="accounts/chp",
        purpose="HELD",
        instrument="cny",
        given=10**15,
    ),
    errors.BlockOverlap(name="accounts/chp/unitBlocks/b-1"),
    errors.BlockEnded(name="accounts/chp/unitBlocks/b-1"),
    errors.BlockPartsUnequal(field="parts", given=99, allowed=100),
    errors.BlocksApart(field="unit_blocks[1]", first="b-1", second="b-3"),
    errors.StatementLineReused(
        field="A3", account="accounts/chp", line="Z-1", statement="statements/october"
    ),
    errors.BreakUncorrectable(name="b-1", kind=WORDS, problem=WORDS),
    errors.InstructionRequired(principal="principals/desk-1"),
    errors.MandateExceeded(
        field="transfer.unit_count", principal="principals/feed", given=1001, allowed=1000
    ),
    errors.SamePerson(
        name="accounts/chp/instructions/buy-1", principal="principals/admin-2", person="staff-17"
    ),
    errors.InstructionExpired(
        name="accounts/chp/instructions/buy-1", expire_time="2026-07-21T07:00:00+00:00"
    ),
    errors.CheckFailed(
        field="trade",
        number=1205,
        name="order_size",
        rule=Words(en="100000 t is not < 100000 t.", zh="数量 100000 吨不符合 < 100000 吨的要求。"),
        source="announcement of 2021-06-22, secondary",
    ),
)

WAYS_OUT = {
    "en": re.compile(
        r"\b(fill|correct|write|say|needed here is|leave|report|remove|give|name|choose|check|copy"
        r"|repeat|read it again|send|use|have)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"请|可选|应为"),
}


def test_every_error_has_an_example_here_in_the_order_of_the_catalogue() -> None:
    assert tuple(type(example) for example in EXAMPLES) == errors.CATALOGUE


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.reason)
def test_a_message_names_what_was_given_and_the_way_out_in_both_languages(
    example: DomainError,
) -> None:
    for language in get_args(Language):
        told = example.text(language)

        assert WAYS_OUT[language].search(told), told
        assert "{" not in told.replace("{enterprise}", "")
        for value in vars(example).values():
            if isinstance(value, str | int | date):
                assert str(value) in told
            if isinstance(value, tuple):
                assert all(str(part) in told for part in value)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.reason)
def test_the_templates_use_every_field_and_end_like_sentences(example: DomainError) -> None:
    for template, end in ((example.en, (".", "}")), (example.zh, ("。", "}"))):
        used = {name for _, name, _, _ in string.Formatter().parse(template) if name}

        assert used == set(vars(example))
        assert template.endswith(end)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.reason)
def test_metadata_are_strings_under_the_names_of_the_fields(example: DomainError) -> None:
    metadata = example.metadata()

    assert all(isinstance(value, str) for value in metadata.values())
    assert set(metadata) == set(vars(example))
    assert example.code in CODES


def test_reasons_are_distinct_and_named_after_their_class() -> None:
    for kind in errors.CATALOGUE:
        assert kind.reason == re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).upper()


@pytest.mark.parametrize(
    "problems", [errors.QuantityProblem, errors.PeriodProblem, errors.CreditCodeProblem]
)
def test_every_problem_is_said_in_both_languages(
    problems: type[errors.QuantityProblem | errors.PeriodProblem | errors.CreditCodeProblem],
) -> None:
    for problem in problems:
        assert problem.value.en.isprintable()
        assert re.search(r"[\u4e00-\u9fff]", problem.value.zh)


def test_a_long_value_is_cut_in_text_and_metadata() -> None:
    error = errors.QuantityInvalid(given="9" * 1000, problem=errors.QuantityProblem.TOO_MANY_DIGITS)

    assert error.metadata()["given"] == "9" * 32 + "… (1000 digits)"
    assert "9" * 32 + "… (1000 digits)" in error.text("en")
    assert "9" * 32 + "…（共 1000 位数字）" in error.text("zh")
    assert len(error.text("zh")) < 200


def test_a_long_text_is_cut_by_its_characters_and_an_ordinary_name_is_not() -> None:
    name = "enterprises/" + "e" * 63 + "/activityRecords/" + "r" * 63

    assert errors.NotFound(name=name).metadata() == {"name": name}
    assert errors.NotFound(name="x" * 5000).metadata() == {"name": "x" * 32 + "… (5000 characters)"}


def test_words_in_a_list_are_told_in_the_language_of_the_text() -> None:
    error = errors.InventoryIncomplete(name="enterprises/s", missing=(WORDS, "heat"))

    assert "thermal energy, heat" in error.text("en")
    assert "热量、heat" in error.text("zh")
    assert error.metadata()["missing"] == "thermal energy, heat"


def test_what_cannot_be_printed_is_shown_as_an_escape() -> None:
    error = errors.UnitUnknown(given="k\nWh\u202e{field}", choices=("kWh",))

    assert '"k\\nWh\\u202e{field}"' in str(error)


def test_a_path_is_prefixed_and_everything_else_kept() -> None:
    error = errors.UnitUnknown(given="kwh", choices=("kWh",))

    moved = error.within("quantity.").within("records[3].")

    assert moved.field == "records[3].quantity.unit_code"
    assert moved == errors.UnitUnknown(field=moved.field, given="kwh", choices=("kWh",))
    assert error.field == "unit_code"


def test_an_error_raised_inside_a_part_is_reported_at_the_part() -> None:
    with pytest.raises(errors.FactorConflict) as caught, errors.within("rows[1]."):
        raise errors.FactorConflict(field="subject", wanted="grid", candidates=("a", "b"))

    assert caught.value.field == "rows[1].subject"


def test_an_error_without_a_path_passes_a_part_unchanged() -> None:
    with pytest.raises(errors.NotFound), errors.within("rows[1]."):
        raise errors.NotFound(name="enterprises/x")


def test_an_error_can_be_raised_through_a_context_manager_and_takes_notes() -> None:
    @contextlib.contextmanager
    def room() -> Iterator[None]:
        yield

    with pytest.raises(errors.NotFound) as caught, room():
        raise errors.NotFound(name="enterprises/x")

    caught.value.add_note("seen")
    assert caught.value.__traceback__ is not None


def test_an_error_is_a_frozen_value() -> None:
    error = errors.NotFound(name="enterprises/x")

    assert error == errors.NotFound(name="enterprises/x")
    assert hash(error) == hash(errors.NotFound(name="enterprises/x"))
    assert error != errors.NotFound(name="enterprises/y")
    with pytest.raises(FrozenInstanceError):
        setattr(error, "name", "enterprises/y")  # noqa: B010  the type checker refuses the plain one
    with pytest.raises(FrozenInstanceError):
        del error.name
