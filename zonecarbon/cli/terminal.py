"""What every command does with a terminal: ask the services, print what they answer."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from google.protobuf import timestamp_pb2
from google.protobuf.message import Message
from rich.console import Console

from zonecarbon import client
from zonecarbon.cli.plain import plain

console: Final = Console(highlight=False, markup=False)
errors: Final = Console(stderr=True, highlight=False, markup=False)
REFUSED: Final = 1
_CHINA = ZoneInfo("Asia/Shanghai")

AsOf = Annotated[
    str, typer.Option(help="what was known then: 2025-01-31T08:00, of China if no zone is said")
]


@contextmanager
def services() -> Iterator[client.Client]:
    """Give a client by ZONECARBON_CLI_KEY, _LANG, _REGISTRY, _ACCOUNTING and _TRADING."""
    given = {
        name: value
        for name in ("registry", "accounting", "trading")
        if (value := os.environ.get(f"ZONECARBON_CLI_{name.upper()}"))
    }
    key = os.environ.get("ZONECARBON_CLI_KEY", "")
    with client.Client.connect(client.Addresses(**given), key=key, language=language()) as to:
        yield to


def language() -> str:
    """Return the language that people read: "en" or "zh"."""
    return os.environ.get("ZONECARBON_CLI_LANG", "en")


def say(text: str) -> None:
    """Print a line, however long."""
    console.print(text, soft_wrap=True)


def lines(each: Iterable[str]) -> None:
    """Print lines."""
    for line in each:
        say(line)


def show(message: Message) -> None:
    """Print a message as JSON that people can read."""
    say(json.dumps(plain(message), ensure_ascii=False, indent=2))


def as_of_moment(text: str) -> timestamp_pb2.Timestamp | None:
    """Return the moment that `--as-of` says; None where it is left out."""
    return moment(text, "--as-of") if text else None


def moment(text: str, option: str) -> timestamp_pb2.Timestamp:
    """Return a moment, "2025-01-31T08:00" of China or with its own zone "+08:00".

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    stamp = timestamp_pb2.Timestamp()
    stamp.FromDatetime(found if found.tzinfo else found.replace(tzinfo=_CHINA))
    return stamp
