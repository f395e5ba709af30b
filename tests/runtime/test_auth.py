from __future__ import annotations

import pytest
import sqlalchemy as sa

from services.kernel.errors import NotFound, PermissionDenied, Unauthenticated
from services.runtime import auth
from services.runtime.auth import EVERYONE, Caller, Remembering, Role, Tenant

DESK = Caller(name="principals/d", role=Role.DESK, key="zc-secret")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Basic abc"},
        {"authorization": "Bearer"},
        {"authorization": "Bearer   "},
        {"authorization": "zc-secret"},
    ],
)
def test_a_call_without_a_key_is_nobodys(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated):
        auth.secret(headers)


def test_the_secret_stands_after_the_word_bearer() -> None:
    assert auth.secret({"authorization": "Bearer zc-secret"}) == "zc-secret"


def test_a_method_is_open_to_the_roles_of_its_row_and_to_nobody_without_one() -> None:
    access = {"/p.S/Create": auth.OFFICE}

    auth.permit(access, "/p.S/Create", DESK)
    with pytest.raises(PermissionDenied) as refused:
        auth.permit(access, "/p.S/Get", DESK)
    assert refused.value.metadata() == {"method": "Get", "role": "DESK"}


def test_a_secret_is_never_printed() -> None:
    assert "zc-secret" not in repr(DESK)


def test_the_caller_is_known_inside_a_call_only() -> None:
    with auth.acting(DESK, "zh"):
        assert auth.caller() is DESK
        assert auth.language() == "zh"

    assert auth.language() == "en"
    with pytest.raises(AssertionError, match="outside a call"):
        auth.caller()


def test_a_tenant_sees_the_rows_of_its_enterprises() -> None:
    parts = [sa.select(sa.literal(each).label("enterprise")) for each in "abc"]
    rows = sa.union_all(*parts).subquery()

    def seen(tenant: Tenant) -> list[str]:
        with sa.create_engine("sqlite://", poolclass=sa.NullPool).connect() as connection:
            query = sa.select(rows.c.enterprise).where(tenant.clause(rows.c.enterprise))
            return list(connection.scalars(query))

    assert seen(EVERYONE) == ["a", "b", "c"]
    assert seen(Tenant(frozenset({"a", "c"}))) == ["a", "c"]
    assert seen(Tenant(frozenset())) == []


def test_a_foreign_row_is_not_found_under_the_name_that_was_asked_for() -> None:
    tenant = Tenant(frozenset({"a"}))

    tenant.require("a", "enterprises/a/meters/m")
    with pytest.raises(NotFound) as refused:
        tenant.require("b", "enterprises/b/meters/m")
    assert refused.value.name == "enterprises/b/meters/m"
    assert EVERYONE.covers("b")


class Counted:
    """An authenticator that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, given: str) -> Caller:
        """Return a desk, but for the key "bad"."""
        self.asked.append(given)
        if given == "bad":
            raise Unauthenticated
        return Caller(name=f"principals/{given}", role=Role.DESK)


def test_a_known_key_is_asked_for_once() -> None:
    ask = Counted()
    remembering = Remembering(ask)

    assert remembering("a") is remembering("a")
    assert remembering("b").name == "principals/b"
    assert ask.asked == ["a", "b"]


def test_what_was_remembered_expires() -> None:
    ask = Counted()
    remembering = Remembering(ask, seconds=0)

    remembering("a")
    remembering("a")
    assert ask.asked == ["a", "a"]


def test_a_refusal_is_not_remembered() -> None:
    ask = Counted()
    remembering = Remembering(ask)

    for _ in range(2):
        with pytest.raises(Unauthenticated):
            remembering("bad")
    assert ask.asked == ["bad", "bad"]


def test_the_memory_does_not_grow_without_end() -> None:
    ask = Counted()
    remembering = Remembering(ask, largest=2)

    for secret in "abca":
        remembering(secret)
    assert ask.asked == ["a", "b", "c", "a"]
