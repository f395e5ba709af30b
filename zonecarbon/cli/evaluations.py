"""Evaluations of zones: made, shown, repeated, compared, ranked, written to files."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from zonecarbon.accounting.v1 import evaluation_pb2, indicator_system_pb2
from zonecarbon.accounting.v1 import evaluation_service_pb2 as pb
from zonecarbon.cli import declared
from zonecarbon.cli.terminal import REFUSED, AsOf, as_of_moment, language, lines, say, services
from zonecarbon.type.v1 import quantity_pb2, source_pb2

app = typer.Typer(
    no_args_is_help=True,
    help="A zone's year by an indicator system: NAME is zones/{zone}/evaluations/{evaluation}.",
)


class Format(StrEnum):
    """What file an evaluation is written to."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


class Weighting(StrEnum):
    """Where weights come from."""

    ENTROPY = "entropy"
    CRITIC = "critic"


class Order(StrEnum):
    """What zones are ranked by."""

    WEIGHTED_SUM = "weighted-sum"
    TOPSIS_VECTOR = "topsis-vector"
    TOPSIS_MIN_MAX = "topsis-min-max"


@app.command()
def create(
    zone: str,
    evaluation: str,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    *,
    as_of: AsOf = "",
) -> None:
    """Evaluate ZONE as FILE asks (system, year, answers), and keep it under the id EVALUATION."""
    try:
        asked = declared.message(declared.read(file), evaluation_pb2.Evaluation())
    except declared.FileWrong as error:
        raise typer.BadParameter(str(error)) from None
    request = pb.CreateEvaluationRequest(
        parent=zone, evaluation_id=evaluation, evaluation=asked, as_of_time=as_of_moment(as_of)
    )
    with services() as to:
        lines(told(to.evaluations.CreateEvaluation(request), language()))


@app.command("show")
def show_(name: str) -> None:
    """Show the evaluation NAME."""
    with services() as to:
        found = to.evaluations.GetEvaluation(pb.GetEvaluationRequest(name=name))
    lines(told(found, language()))


@app.command("list")
def list_(zone: str) -> None:
    """Show the evaluations of ZONE, a line each."""
    request = pb.ListEvaluationsRequest(parent=zone)
    with services() as to:
        while True:
            page = to.evaluations.ListEvaluations(request)
            for each in page.evaluations:
                say(f"{each.name} {each.accounting_year} {each.indicator_system} {_state(each)}")
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


@app.command()
def repeat(name: str) -> None:
    """Make the evaluation NAME again from what was known then, and tell whether it is the same."""
    with services() as to:
        answer = to.evaluations.RepeatEvaluation(pb.RepeatEvaluationRequest(name=name))
    if not answer.same:
        say(f"DIFFERENT: {', '.join(answer.different_indicator_ids)}")
        raise SystemExit(REFUSED)
    say(f"the same to the last digit, sha256 {answer.kept_digest}")


@app.command()
def compare(name: str, other: str) -> None:
    """Tell what became of each indicator from the evaluation NAME to OTHER, and why."""
    request = pb.CompareEvaluationsRequest(name=name, to_evaluation=other)
    with services() as to:
        answer = to.evaluations.CompareEvaluations(request)
    lines(_compared(answer))


@app.command()
def export(
    name: str,
    form: Annotated[Format, typer.Argument()],
    folder: Annotated[Path, typer.Option(exists=True, file_okay=False)] = Path(),
) -> None:
    """Write the evaluation NAME to a file in FOLDER."""
    value = pb.EvaluationFormat.Value(f"EVALUATION_FORMAT_{form.name}")
    request = pb.ExportEvaluationRequest(name=name, format=value)
    with services() as to:
        answer = to.evaluations.ExportEvaluation(request)
    path = folder / answer.file_name
    path.write_bytes(answer.content)
    say(f"{path}: {len(answer.content)} bytes, {answer.media_type}")


@app.command()
def rank(
    evaluations: list[str],
    *,
    weighting: Weighting = Weighting.ENTROPY,
    order: Order = Order.WEIGHTED_SUM,
) -> None:
    """Rank zones by EVALUATIONS of one system."""
    by = order.name
    request = pb.RankEvaluationsRequest(
        evaluations=evaluations,
        weighting=evaluation_pb2.RankingWeighting.Value(f"RANKING_WEIGHTING_{weighting.name}"),
        order=evaluation_pb2.RankingOrder.Value(f"RANKING_ORDER_{by}"),
    )
    with services() as to:
        answer = to.evaluations.RankEvaluations(request)
    for each in answer.evaluations:
        say(f"{each.rank_number:>3} {each.score_ratio:.4f} {each.evaluation}")
    for one in answer.indicators:
        say(f"    {one.indicator_id}: weight {one.weight_ratio:.4f}")


def told(evaluation: evaluation_pb2.Evaluation, language: str) -> Iterator[str]:
    """Yield an evaluation line by line in English or, where `language` is "zh", in Chinese."""
    zh = language.startswith("zh")
    status = _tail(source_pb2.SourceStatus.Name(evaluation.status), "SOURCE_STATUS_").lower()
    yield f"{evaluation.name}, {evaluation.accounting_year}"
    yield f"{evaluation.title_zh if zh else evaluation.title} ({status})"
    yield f"{_state(evaluation)} {evaluation.consequence_zh if zh else evaluation.consequence}"
    if evaluation.HasField("score"):
        yield f"score {evaluation.score.value}"
    for each in evaluation.results:
        yield from _result(each, zh=zh)
    for need in evaluation.needs:
        yield f"- {need.text_zh if zh else need.text}"
    yield f"sha256 {evaluation.digest}"


def _result(result: evaluation_pb2.IndicatorResult, *, zh: bool) -> Iterator[str]:
    indicator, case = result.indicator, result.applied_case
    verdict = evaluation_pb2.IndicatorVerdict.Name(result.verdict)
    status = _tail(source_pb2.SourceStatus.Name(result.status), "SOURCE_STATUS_").lower()
    value = _text(result.value) if result.HasField("value") else "-"
    limit = ""
    if case.HasField("limit"):
        is_most = case.comparison == indicator_system_pb2.INDICATOR_COMPARISON_AT_MOST
        limit = f" {'≤' if is_most else '≥'} {_text(case.limit)}"
    name = indicator.display_name_zh if zh else indicator.display_name
    told_verdict = _tail(verdict, "INDICATOR_VERDICT_").replace("_", " ")
    yield f"  {name}: {value}{limit} {told_verdict} ({status})"


def _compared(comparison: evaluation_pb2.EvaluationComparison) -> Iterator[str]:
    for sign, members in (("+", comparison.joined_members), ("−", comparison.left_members)):
        yield from (f"{sign} {member}" for member in members)
    if not comparison.changes:
        yield "nothing is another"
    for change in comparison.changes:
        before = _text(change.from_value) if change.HasField("from_value") else "-"
        after = _text(change.to_value) if change.HasField("to_value") else "-"
        yield f"{change.indicator_id}: {before} → {after}"
        for effect in change.effects:
            cause = _tail(evaluation_pb2.EvaluationCause.Name(effect.cause), "EVALUATION_CAUSE_")
            moved = _text(effect.effect) if effect.HasField("effect") else "-"
            yield f"    {cause} {effect.input_id or 'formula'}: {moved}"


def _state(evaluation: evaluation_pb2.Evaluation) -> str:
    return _tail(evaluation_pb2.EvaluationState.Name(evaluation.state), "EVALUATION_STATE_")


def _tail(name: str, prefix: str) -> str:
    return name.removeprefix(prefix)


def _text(quantity: quantity_pb2.Quantity) -> str:
    unit = "" if quantity.unit_code == "1" else f" {quantity.unit_code}"
    return f"{quantity.value.value}{unit}"
