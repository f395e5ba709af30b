"""Evaluations ⇄ their messages."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from google.protobuf.json_format import MessageToJson
from google.type import decimal_pb2

from services.accounting.domain.indicator.conclusion import GroupResult
from services.accounting.domain.indicator.figure import Figure, Need
from services.accounting.domain.indicator.kept import Kept
from services.accounting.domain.indicator.question import Answer, Question, parameters
from services.accounting.domain.indicator.result import Result
from services.accounting.wire.indicator_system import from_case, from_indicator, from_open_point
from services.accounting.wire.zone_energy import from_declared, to_declared
from services.kernel.errors import within
from services.kernel.quantity import Quantity
from services.runtime import wire
from zonecarbon.accounting.v1 import evaluation_pb2 as pb
from zonecarbon.type.v1 import quantity_pb2


def to_question(zone: str, message: pb.Evaluation) -> Question:
    """Return what is asked of a zone; paths begin at the message of the evaluation.

    Raises:
        QuantityInvalid, UnitUnknown, UnitAmbiguous: a quantity cannot be read.
    """
    energy = None
    if message.HasField("energy"):
        with within("energy."):
            energy = to_declared(message.energy)
    return Question(
        zone=zone,
        accounting_year=message.accounting_year,
        answers=tuple(
            _to_answer(each, f"answers[{index}].") for index, each in enumerate(message.answers)
        ),
        chosen=tuple(message.chosen_indicator_ids),
        parameters=tuple(
            (each.parameter_id, _to_quantity(each.quantity, f"parameters[{index}].quantity."))
            for index, each in enumerate(message.parameters)
        ),
        energy=energy,
    )


def from_kept(kept: Kept) -> pb.Evaluation:
    """Return the message of an evaluation, with the derivation of every indicator."""
    made, knowledge, question = kept.evaluation, kept.knowledge, kept.evaluation.question
    consequence = made.system.consequences.get(made.conclusion)
    moment = kept.create_time
    return pb.Evaluation(
        name=kept.name,
        indicator_system=kept.system_name,
        accounting_year=question.accounting_year,
        answers=[_from_answer(each) for each in question.answers],
        chosen_indicator_ids=question.chosen,
        parameters=[_from_parameter(*each) for each in question.parameters],
        state=pb.EvaluationState.Value(f"EVALUATION_STATE_{made.conclusion}"),
        consequence=consequence.text.en if consequence else "",
        consequence_zh=consequence.text.zh if consequence else "",
        consequence_source=wire.from_source(consequence.clause) if consequence else None,
        score=from_score(made.scores.total),
        score_lacks=[words.en for words in made.scores.lacking],
        score_lacks_zh=[words.zh for words in made.scores.lacking],
        results=[_from_result(each) for each in made.results],
        groups=[_from_group(each) for each in made.groups],
        needs=_from_needs(made.needs),
        taken_parameters=[
            _from_parameter(*each) for each in parameters(question, made.system).items()
        ],
        status=wire.from_status(made.status),
        title=made.system.title.en,
        title_zh=made.system.title.zh,
        method_id=made.system.method_id if knowledge.method_version else "",
        method_version=knowledge.method_version,
        members=knowledge.members,
        knowledge_time=wire.from_instant(knowledge.time),
        knowledge_revision=knowledge.revision,
        registry_revision=knowledge.registry_revision,
        digest=kept.digest,
        creator=kept.creator,
        create_time=wire.from_instant(moment) if moment else None,
        revision=kept.revision,
        open_points=[from_open_point(each) for each in made.system.open_points],
        energy=from_declared(question.energy) if question.energy else None,
    )


def to_json(kept: Kept) -> bytes:
    """Return an evaluation as JSON, its fields by their names in the contract."""
    text = MessageToJson(from_kept(kept), preserving_proto_field_name=True, ensure_ascii=False)
    return f"{text}\n".encode()


def from_score(score: Fraction | None) -> decimal_pb2.Decimal | None:
    """Return the message of a score; None stays unset."""
    return None if score is None else wire.from_decimal(wire.shown(score))


def from_optional(value: Fraction | None, unit: str) -> quantity_pb2.Quantity | None:
    """Return the message of an exact value; None stays unset."""
    return None if value is None else wire.from_exact(value, unit)


def _to_answer(message: pb.IndicatorAnswer, path: str) -> Answer:
    value = None
    if message.WhichOneof("answer") == "value":
        value = _to_quantity(message.value, f"{path}value.")
    return Answer(
        indicator_id=message.indicator_id,
        value=value,
        evidence=message.evidence,
        reason=message.not_applicable_reason,
    )


def _from_answer(answer: Answer) -> pb.IndicatorAnswer:
    if answer.value is None:
        return pb.IndicatorAnswer(
            indicator_id=answer.indicator_id,
            not_applicable_reason=answer.reason,
            evidence=answer.evidence,
        )
    return pb.IndicatorAnswer(
        indicator_id=answer.indicator_id,
        value=wire.from_quantity(answer.value),
        evidence=answer.evidence,
    )


def _from_parameter(parameter_id: str, quantity: Quantity) -> pb.DeclaredParameter:
    return pb.DeclaredParameter(parameter_id=parameter_id, quantity=wire.from_quantity(quantity))


def _from_result(result: Result) -> pb.IndicatorResult:
    undefined = result.undefined
    return pb.IndicatorResult(
        indicator=from_indicator(result.indicator),
        value=from_optional(result.value, result.indicator.unit),
        verdict=pb.IndicatorVerdict.Value(f"INDICATOR_VERDICT_{result.verdict}"),
        applied_case=from_case(result.case) if result.case else None,
        score=from_score(result.score),
        figures=[_from_figure(each) for each in result.figures],
        needs=_from_needs(result.needs),
        answer=_from_answer(result.answer) if result.answer else None,
        undefined_reason=undefined.en if undefined else "",
        undefined_reason_zh=undefined.zh if undefined else "",
        status=wire.from_status(result.status),
    )


def _from_figure(figure: Figure) -> pb.IndicatorFigure:
    return pb.IndicatorFigure(
        input_id=figure.ask.input_id,
        year=figure.year,
        quantity=from_optional(figure.amount, figure.unit),
        price_base_year=figure.price_base_year,
        shares=[
            pb.IndicatorShare(
                name=share.name,
                resource_version=share.version,
                owner=share.owner,
                quantity=wire.from_exact(share.amount, figure.unit),
            )
            for share in figure.shares
        ],
        remarks=[words.en for words in figure.remarks],
        remarks_zh=[words.zh for words in figure.remarks],
    )


def _from_needs(needs: Iterable[Need]) -> list[pb.IndicatorNeed]:
    return [
        pb.IndicatorNeed(
            input_id=each.input_id,
            year=each.year,
            owners=each.owners,
            text=each.text.en,
            text_zh=each.text.zh,
        )
        for each in needs
    ]


def _from_group(result: GroupResult) -> pb.IndicatorGroupResult:
    return pb.IndicatorGroupResult(
        group_id=result.group.group_id,
        display_name=result.group.name.en,
        display_name_zh=result.group.name.zh,
        least_count=result.group.least_count,
        met_count=result.met_count,
        not_met_count=result.not_met_count,
        open_count=result.open_count,
        not_applicable_count=result.left_out_count,
    )


def _to_quantity(message: quantity_pb2.Quantity, path: str) -> Quantity:
    with within(path):
        return wire.to_quantity(message)
