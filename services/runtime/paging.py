"""Pages of a list, by the key of the last row seen."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Protocol

from services.kernel.errors import PageTokenInvalid

DEFAULT_SIZE = 100
LARGEST_SIZE = 1000


class Sized(Protocol):
    """A request that says how much it wants at once."""

    page_size: int


class Request(Sized, Protocol):
    """A list request of the contract."""

    page_token: str


def size(request: Sized) -> int:
    """Return how many rows the page may have."""
    return min(request.page_size or DEFAULT_SIZE, LARGEST_SIZE)


def start(request: Request, *scope: str) -> str:
    """Return the key after which the page begins; "" for the first page.

    `scope` are the request's other arguments: a token works only with those it was made for.

    Raises:
        PageTokenInvalid: the token is broken or belongs to another request.
    """
    if not request.page_token:
        return ""
    try:
        key, digest = json.loads(base64.urlsafe_b64decode(request.page_token.encode()))
    except (binascii.Error, ValueError, TypeError) as broken:
        raise PageTokenInvalid(field="page_token") from broken
    # Keys are ids; what is not printable is forged.
    if not isinstance(key, str) or not key.isprintable() or digest != _digest(scope):
        raise PageTokenInvalid(field="page_token")
    return key


def token(last: str, *scope: str) -> str:
    """Return the token of the page after the row with the key `last`."""
    return base64.urlsafe_b64encode(json.dumps([last, _digest(scope)]).encode()).decode()


def _digest(scope: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(scope).encode()).hexdigest()[:16]


def next_token(keys: Sequence[str], size: int, *scope: str) -> str:
    """Return the token after a page of `size` rows; "" where `keys`, one more read, end there."""
    return token(keys[size - 1], *scope) if len(keys) > size else ""
