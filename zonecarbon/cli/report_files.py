"""Reports as files: the template, the report itself, and the files that were stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from zonecarbon import report_files
from zonecarbon.accounting.v1 import report_file_pb2
from zonecarbon.accounting.v1 import report_file_service_pb2 as pb
from zonecarbon.cli.terminal import REFUSED, console, errors, language, say, services

WRONG = 3
"""Exit code where cells are wrong, whether the good rows were stored or not."""

_FORMATS = {
    ".csv": report_file_pb2.REPORT_FILE_FORMAT_CSV,
    ".xlsx": report_file_pb2.REPORT_FILE_FORMAT_XLSX,
}

app = typer.Typer(no_args_is_help=True, help="Files by which activity was reported.")

Enterprise = Annotated[str, typer.Option("--enterprise", help="enterprises/{enterprise}")]
Out = Annotated[Path, typer.Option(dir_okay=False, help="the file to write")]


def template(enterprise: Enterprise, *, out: Out) -> None:
    """Write the empty form of an enterprise, .xlsx with what can be chosen, or .csv."""
    format_ = _FORMATS.get(out.suffix.lower())
    if format_ is None:
        raise typer.BadParameter(f"{out} ends in none of {', '.join(_FORMATS)}", param_hint="--out")
    with services() as to:
        found = to.report_files.GetReportTemplate(
            pb.GetReportTemplateRequest(parent=enterprise, format=format_)
        )
    out.write_bytes(found.content)
    say(f"{out}: version {found.template_version} of the template, {len(found.content)} bytes")


def report(  # noqa: PLR0913 (an option each)
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    *,
    enterprise: Enterprise,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="judge it, store nothing")] = False,
    accept_good_rows: Annotated[
        bool, typer.Option("--accept-good-rows", help="store these although others are wrong")
    ] = False,
    annotated: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="write the workbook with the wrong cells marked, .xlsx"),
    ] = None,
    request_id: Annotated[
        str, typer.Option(help="a UUID, to send the same report again; a new one if none")
    ] = "",
) -> None:
    """Report the activity in FILE, CSV or XLSX; exit code 3 where cells are wrong.

    Nothing is stored while a row is wrong. A file that was stored has no effect when sent again.
    """
    wanted = report_files.Wanted(
        validate_only=dry_run,
        accept_good_rows=accept_good_rows,
        annotate=annotated is not None,
        **({"request_id": request_id} if request_id else {}),
    )
    read = report_files.File.of(file)
    with services() as to, _progress(len(read.content)) as progress:
        done = report_files.send(
            to,
            read,
            parent=enterprise,
            wanted=wanted,
            progress=progress,
        )
    _show(done.result, dry_run=dry_run)
    if annotated is not None and done.annotated:
        annotated.write_bytes(done.annotated)
        say(f"{annotated}: the rows with the wrong cells marked; correct them there and send it")
    if done.result.cell_error_count:
        raise typer.Exit(WRONG)


@app.command("list")
def list_files(enterprise: str) -> None:
    """List the files of ENTERPRISE, enterprises/{enterprise}, in the order they were stored."""
    request = pb.ListReportFilesRequest(parent=enterprise)
    with services() as to:
        while True:
            page = to.report_files.ListReportFiles(request)
            for each in page.report_files:
                say(
                    f"{each.name}  {each.create_time.ToJsonString()}  {each.file_name}  "
                    f"{each.accepted_count} of {each.row_count} rows  {each.reporter}  "
                    f"SHA-256 {each.sha256}"
                )
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


@app.command("get")
def get_file(name: str, *, out: Out) -> None:
    """Fetch the original of NAME, enterprises/{enterprise}/reportFiles/{report_file}."""
    with services() as to:
        try:
            content = report_files.fetch(to, name)
        except report_files.FileBroken as error:
            errors.print(str(error), soft_wrap=True)
            raise typer.Exit(REFUSED) from None
    out.write_bytes(content)
    say(f"{out}: {len(content)} bytes, as they were reported")


@contextmanager
def _progress(size: int) -> Iterator[Callable[[pb.UploadProgress], None]]:
    """Give what shows how far the upload of so many bytes is, on a terminal alone."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=errors, transient=True, disable=not errors.is_terminal
    ) as shown:
        task = shown.add_task("sending bytes", total=size)

        def progress(message: pb.UploadProgress) -> None:
            if not message.row_count:
                shown.update(task, completed=message.received_size)
                return
            judged = message.judged_count == message.row_count
            shown.update(
                task,
                description="storing rows" if judged else "judging rows",
                total=message.row_count,
                completed=message.judged_count,
            )

        yield progress


def _show(result: pb.UploadResult, *, dry_run: bool) -> None:
    if result.cell_errors:
        console.print(_table(result))
    if more := result.cell_error_count - len(result.cell_errors):
        say(f"and {more} more cells; correct these first")
    for note in result.notes:
        cells = ", ".join(note.cells) + (" …" if note.cell_count > len(note.cells) else "")
        say(f"{note.message_zh if language() == 'zh' else note.message} {cells}")
    encoding = report_file_pb2.TextEncoding.Name(result.text_encoding)
    read_as = result.sheet or encoding.removeprefix("TEXT_ENCODING_").replace("_", "-")
    say(
        f"read as {read_as}: {result.row_count} rows, {result.accepted_count} good, "
        f"{result.refused_count} wrong"
    )
    say(_outcome(result, dry_run=dry_run))


def _table(result: pb.UploadResult) -> Table:
    table = Table("cell", "reason", "what is wrong", show_lines=True)
    for each in result.cell_errors:
        message = each.message_zh if language() == "zh" else each.message
        table.add_row(each.cell or f"row {each.row_number}", each.reason, message)
    return table


def _outcome(result: pb.UploadResult, *, dry_run: bool) -> str:
    stored = result.report_file
    if stored.name:
        return (
            f"stored as {stored.name} at {stored.create_time.ToJsonString()} by {stored.reporter}: "
            f"{stored.accepted_count} rows, {result.line_count} lines of the books"
        )
    if dry_run:
        return "nothing was stored: a dry run"
    return "nothing was stored: correct the cells, or store the good rows with --accept-good-rows"
