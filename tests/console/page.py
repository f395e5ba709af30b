"""The commands of a page, carried out as curl would, and what the page shows of their answers."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fixtures.http import Answer, Http

PAGE = Path(__file__).parents[2] / "docs" / "json.md"
_MORE = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A command, and the answer that stands below it."""

    command: str
    shown: str


def exchanges(text: str) -> list[Exchange]:
    """Return what a page shows, in its order."""
    found = []
    for block in re.findall(r"(?ms)^```console\n(.*?)^```$", text):
        command = re.match(r"\$ ((?:\\\n|'[^']*'|[^\n'\\])*)\n", block)
        assert command is not None, block
        found.append(Exchange(command=command[1], shown=block[command.end() :]))
    return found


def carried_out(command: str, http: Http) -> Answer:
    """Do what `curl` would.

    Raises:
        AssertionError: the command is none that this knows.
    """
    door = f"http://{http.address}"
    line = command.replace("$DOOR", door).replace("$AUTH", f"Authorization: Bearer {http.key}")
    program, *words = shlex.split(line.replace("\\\n", " "))
    assert program == "curl", program
    url, body, headers = "", None, {}
    while words:
        word = words.pop(0)
        if word == "-s":
            continue
        if word == "-w":
            assert words.pop(0) == r"\n%{http_code}\n", "nothing else is known"
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "--json":
            body = words.pop(0)
        else:
            assert word.startswith(door) and not url, word  # noqa: PT018 (one thing)
            url = word
    verb = "GET" if body is None else "POST"
    plain = Http(address=http.address)
    return plain.ask(verb, url.removeprefix(door), body, headers=headers)


def as_shown(command: str, answer: Answer) -> str:
    """Return the answer as a page shows it."""
    text = json.dumps(answer.json, ensure_ascii=False, indent=2)
    return f"{text}\n{answer.code}\n" if "-w" in command else f"{text}\n"


def differs(shown: str, command: str, answer: Answer) -> str:
    """Return where an answer is not what a page shows, or ""; "…" stands for anything."""
    text, code = shown, ""
    if "-w" in command:
        text, code = shown.rstrip().rsplit("\n", 1)
        if code != str(answer.code):
            return f"the code is {answer.code}"
    return _differs(json.loads(text), answer.json, "")


def _differs(shown: Any, got: Any, path: str) -> str:
    if shown == _MORE:
        return ""
    if isinstance(shown, dict) and isinstance(got, Mapping):
        if _MORE not in shown and set(got) != set(shown):
            return f"{path} has {sorted(got)}"
        pairs = [(f"{path}.{n}", v, got.get(n)) for n, v in shown.items() if n != _MORE]
    elif isinstance(shown, list) and isinstance(got, list):
        more = shown[-1:] == [_MORE]
        wanted = shown[:-1] if more else shown
        if len(got) < len(wanted) or (len(got) > len(wanted) and not more):
            return f"{path} has {len(got)} parts"
        pairs = [(f"{path}[{i}]", v, got[i]) for i, v in enumerate(wanted)]
    else:
        return "" if shown == got else f"{path} is {got!r}"
    return next(filter(None, (_differs(v, g, p) for p, v, g in pairs)), "")
