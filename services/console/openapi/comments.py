"""The comments of the contract at run time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

_FILE = "comments.json"


def described(name: str) -> dict[str, Any]:
    """Return the member `description` for what has this full name; none where nobody wrote one."""
    comment = _all().get(name, "")
    return {"description": comment} if comment else {}


def summary(name: str) -> str:
    """Return the first sentence of a comment."""
    return _all().get(name, "").partition(". ")[0].removesuffix(".")


@cache
def _all() -> Mapping[str, str]:
    found: dict[str, str] = json.loads(
        resources.files("zonecarbon").joinpath(_FILE).read_text(encoding="utf-8")
    )
    return found
