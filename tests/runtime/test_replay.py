from __future__ import annotations

import contextlib

import pytest

from services.kernel.errors import RequestIdReused
from services.runtime import auth, replay, revision
from services.runtime.auth import Caller, Role
from services.runtime.database import Database
from tests.runtime.words import Regret, known, learn
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.trading.v1 import trading_service_pb2

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
WORKS = Caller(name="principals/works", role=Role.ENTERPRISE)
DESK = Caller(name="principals/desk", role=Role.DESK)

Request = pb.ReportActivityRequest
Answer = pb.ReportActivityResponse


def request(parent: str = "enterprises/works") -> Request:
    return Request(request_id=ID, parent=parent)


def found(database: Database, who: Caller, asked: replay.Request) -> Answer | None:
    with auth.acting(who), database.read() as connection:
        return replay.find(connection, asked, Answer)


@pytest.fixture
def answered(database: Database) -> Database:
    """A database in which the works' request was answered."""
    with auth.acting(WORKS), database.write() as connection:
        assert replay.find(connection, request(), Answer) is None
        taken = learn(connection, "effect")
        replay.keep(connection, request(), Answer(revision=taken.number), taken)
    return database


def test_the_same_request_gets_the_same_bytes(answered: Database) -> None:
    again = found(answered, WORKS, request())

    assert again is not None
    assert again.SerializeToString() == Answer(revision=1).SerializeToString()


def test_the_same_id_with_other_content_is_refused(answered: Database) -> None:
    with pytest.raises(RequestIdReused) as refused:
        found(answered, WORKS, request("enterprises/other"))

    assert refused.value.metadata() == {"request_id": ID}


def test_the_same_id_of_another_method_is_refused(answered: Database) -> None:
    other = trading_service_pb2.RecordHoldingsRequest(request_id=ID, parent="enterprises/works")

    with pytest.raises(RequestIdReused):
        found(answered, WORKS, other)


def test_the_same_id_of_another_principal_is_another_request(answered: Database) -> None:
    assert found(answered, DESK, request("enterprises/other")) is None


def test_an_answer_is_kept_in_the_transaction_of_its_effect_or_not_at_all(
    database: Database,
) -> None:
    with contextlib.suppress(Regret), auth.acting(WORKS), database.write() as connection:
        taken = learn(connection, "effect")
        replay.keep(connection, request(), Answer(), taken)
        raise Regret

    assert found(database, WORKS, request()) is None
    with database.read() as connection:
        assert (known(connection), revision.newest(connection)) == ([], 0)


def test_an_answer_is_found_by_its_principal_and_id_by_whoever_knows_them(
    answered: Database,
) -> None:
    with auth.acting(DESK), answered.read() as connection:
        kept = replay.kept(connection, WORKS.name, ID, Answer)

    assert kept == found(answered, WORKS, request())
