"""Path templates of `google.api.http`: what matches, and what its variables hold.

    "/v1/{parent=enterprises/*}/activityRecords:report"

A `*` is one segment, a `**` any number of them. A colon begins a verb and ends what a variable may
hold; an id that has one comes percent-encoded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

ONE = "*"
"""The form of a variable that is one segment."""

_VARIABLE = re.compile(r"\{([a-z0-9_.]+)(?:=([^}]+))?\}")
_WILD = re.compile(r"\*\*|\*")


class Template:
    """One path template.

    >>> template = Template("/v1/{parent=enterprises/*}/activityRecords:report")
    >>> template.match("/v1/enterprises/chp/activityRecords:report")
    {'parent': 'enterprises/chp'}
    >>> template.match("/v1/enterprises/chp/activityRecords") is None
    True
    >>> template.spelt
    '/v1/enterprises/{enterprise}/activityRecords:report'
    """

    def __init__(self, text: str) -> None:
        self.text = text
        parts = _VARIABLE.split(text)
        # split() gives literal, name, form, literal, name, form, …, literal.
        self.variables: Mapping[str, str] = {
            name: form or ONE for name, form in zip(parts[1::3], parts[2::3], strict=True)
        }
        self._regex = re.compile(
            "".join(
                re.escape(literal) + (f"({_regex(form or ONE)})" if name else "")
                for literal, name, form in zip(
                    parts[::3], [*parts[1::3], ""], [*parts[2::3], ""], strict=True
                )
            )
        )

    def match(self, path: str) -> dict[str, str] | None:
        """Return the variables of `path`, still percent-encoded there; None where it differs."""
        found = self._regex.fullmatch(path)
        if found is None:
            return None
        return dict(zip(self.variables, map(unquote, found.groups()), strict=True))

    @property
    def spelt(self) -> str:
        """The path with a parameter for each single segment, as OpenAPI has it."""
        return _VARIABLE.sub(lambda found: _spelt(found[1], found[2] or ONE), self.text)

    def parameters_of(self, variable: str) -> list[str]:
        """Return the parameters that a variable has in `spelt`."""
        return re.findall(r"\{(\w+)\}", _spelt(variable, self.variables[variable]))


def _regex(form: str) -> str:
    parts = [re.escape(literal) for literal in _WILD.split(form)]
    wild = [r"[^:]+" if each == "**" else r"[^/:]+" for each in _WILD.findall(form)]
    return "".join(part + each for part, each in zip(parts, [*wild, ""], strict=True))


def _spelt(name: str, form: str) -> str:
    """Return a variable, each of its segments named after the collection before it."""
    spelt: list[str] = []
    for segment in form.split("/"):
        if segment == "**" or (segment == ONE and not spelt):
            spelt.append(f"{{{name.rpartition('.')[2]}}}")
        elif segment == ONE:
            spelt.append(f"{{{_singular(spelt[-1])}}}")
        else:
            spelt.append(segment)
    return "/".join(spelt)


def _singular(collection: str) -> str:
    """Return the word for one of a collection.

    >>> _singular("facilities"), _singular("activityRecords")
    ('facility', 'activity_record')
    """
    one = re.sub(r"ies$", "y", collection) if collection.endswith("ies") else collection[:-1]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one).lower()
