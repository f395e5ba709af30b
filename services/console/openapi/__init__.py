"""The description of the calls over HTTP, OpenAPI 3.1, made from the contract and its comments."""

from __future__ import annotations

import json
from collections.abc import Sequence

from services.console.route import Route


def document(routes: Sequence[Route]) -> bytes:
    """Return the description of the routes as JSON."""
    return json.dumps(
        {"openapi": "3.1.0", "paths": {each.template.spelt: {} for each in routes}}
    ).encode()
