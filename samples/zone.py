"""Reads the committed sample zone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "zone.json"


def load() -> dict[str, Any]:
    """The content of `zone.json`: lists of request messages, as `README.md` lays out."""
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return content
