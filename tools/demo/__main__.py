"""`python3 dev.py demo`: see `--help`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from datetime import date
from functools import partial
from pathlib import Path
from types import FrameType
from typing import cast

import grpc
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from samples.load import ZONE, Loader
from tools.demo import page
from tools.demo.processes import ALL, SERVICES, Keys, Ports, Processes, Stop
from tools.demo.results import gather
from tools.demo.words import Result
from zonecarbon.accounting.v1 import accounting_service_pb2
from zonecarbon.client import Client
from zonecarbon.client import status as client_status
from zonecarbon.trading.v1 import trading_service_pb2

# The demo's own date, so that its page never changes by itself: the last day of surrender for 2024.
TODAY = "2025-12-31"
_PATIENCE_SECONDS = 60.0
# Of a page that goes to a file or a pipe.
_FILE_WIDTH = 140


def main() -> int:
    """Run the demo; return the exit code."""
    arguments = _arguments()
    console = Console(highlight=False, markup=False, width=_width())
    data = Path(arguments.data)
    file = Path(arguments.json) if arguments.json else None
    count = arguments.processes
    try:
        if file:
            _check_writable(file)
        free = arguments.check or arguments.free_ports
        ports = Ports.free(count) if free else Ports.usual(count)
        keys = Keys(data / "keys.json")
        processes = Processes(ports, data, keys)
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            processes.wait_until_serving(ports.addresses)
            results = _run(console, ports, keys, arguments.today)
            page.show(console, results)
            if file:
                text = json.dumps(results, ensure_ascii=False, indent=2)
                file.write_text(text + "\n", encoding="utf-8")
            if not arguments.check:
                _serve(console, ports, processes, data)
        finally:
            processes.stop()
    except Stop as stop:
        console.print(f"demo: {stop}", style="red", soft_wrap=True)
        return 1
    except grpc.RpcError as error:
        console.print(f"demo: {_refused(error, data)}", style="red", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _run(console: Console, ports: Ports, keys: Keys, today: date) -> Result:
    """Load the sample zone and return what came of it."""
    clients: dict[str, Client] = {}

    def client(key: str) -> Client:
        if key not in clients:
            clients[key] = Client.connect(ports.addresses, key=key)
        return clients[key]

    administrator = client(keys.bootstrap)

    def desk() -> Client:
        return client(keys.of(administrator, "desk", "DESK", ZONE))

    def checker() -> Client:
        return client(keys.of(administrator, "desk-2", "DESK", ZONE))

    def client_of(enterprise: str) -> Client:
        id_ = enterprise.removeprefix("enterprises/")
        return client(keys.of(administrator, id_, "ENTERPRISE", enterprise))

    try:
        loader = Loader(
            administrator=administrator,
            second=client(keys.of(administrator, "administrator-2", "ADMINISTRATOR")),
            desk=desk(),
            checker=checker(),
            client_of=client_of,
        )
        _load(console, loader)
        _wait_for_followers(administrator)
        return gather(desk(), loader.loaded, today)
    finally:
        for each in clients.values():
            each.close()


def _load(console: Console, loader: Loader) -> None:
    steps = [
        ("zone", loader.zones),
        ("enterprises", loader.enterprises),
        *loader.steps(),
        *loader.late_steps(),
    ]
    columns = (TextColumn("{task.description:<44}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("", total=len(steps))
        for name, step in steps:
            progress.update(task, description=name)
            step()
            progress.advance(task)


def _wait_for_followers(administrator: Client) -> None:
    """Return once trading has followed all that accounting knows."""
    newest = administrator.accounting.ListChanges(
        accounting_service_pb2.ListChangesRequest(page_size=1)
    ).revision
    deadline = time.monotonic() + _PATIENCE_SECONDS
    state = partial(
        administrator.trading.GetFollowState, trading_service_pb2.GetFollowStateRequest()
    )
    while state().accounting_revision < newest:
        if time.monotonic() > deadline:
            raise Stop("trading does not follow accounting; see services.log")
        time.sleep(0.02)


def _serve(console: Console, ports: Ports, processes: Processes, data: Path) -> None:
    console.print("\nServing until Ctrl-C:", style="bold")
    for name in SERVICES:
        console.print(f"  gRPC {name:<11} 127.0.0.1:{ports.services[name]}  (health, reflection)")
    console.print(f"  JSON             {ports.console}  (its calls: /openapi.json)")
    for port in ports.metrics:
        console.print(f"  metrics          http://127.0.0.1:{port}/metrics")
        console.print(f"  health           http://127.0.0.1:{port}/healthz")
    console.print(f"  keys             {data / 'keys.json'}, to be sent as authorization: Bearer …")
    processes.wait()


def _width() -> int | None:
    """Return the columns of the page: the terminal's, or what COLUMNS says, or 140."""
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else _FILE_WIDTH


def _check_writable(file: Path) -> None:
    """Find out before all the work whether its results can be written.

    Raises:
        Stop: they cannot.
    """
    if file.is_dir():
        raise Stop(f"--json {file} is a folder: name a file in it")
    if not file.parent.is_dir():
        raise Stop(f"--json {file}: there is no folder {file.parent}; make it, or name another")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise Stop(f"--json {file} cannot be written: name another file")


def _refused(error: grpc.RpcError, data: Path) -> str:
    """Return what a service said, and the way out."""
    status = client_status(error)
    told = status.message if status is not None else cast("grpc.Call", error).details()
    return (
        f"{told}\nIf {data / 'keys.json'} does not belong to the databases beside it, put the "
        f"right one back, or remove the folder {data} to begin anew; {data / 'services.log'} "
        "says more."
    )


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py demo",
        description="Start the services on SQLite, load the sample zone through the public API, "
        "print one page of results, and keep serving.",
    )
    parser.add_argument("--check", action="store_true", help="exit after the page; free ports")
    parser.add_argument(
        "--free-ports", action="store_true", help="take ports that are free, not the usual ones"
    )
    parser.add_argument("--json", metavar="FILE", help="write the results to FILE")
    parser.add_argument(
        "--today",
        type=date.fromisoformat,
        default=date.fromisoformat(TODAY),
        metavar="DATE",
        help=f"the day of the valuation (default {TODAY})",
    )
    parser.add_argument(
        "--processes",
        type=int,
        choices=(1, len(ALL)),
        default=1,
        help="all services in one process, or each in its own",
    )
    parser.add_argument(
        "--data", default="var/demo", metavar="FOLDER", help="databases and keys (default var/demo)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
