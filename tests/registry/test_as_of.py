"""What was known at a past revision or moment: each answer given then is given again now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import refused
from zonecarbon.client import Client
from zonecarbon.registry.v1 import custom_factor_service_pb2, enterprise_pb2, factor_pb2
from zonecarbon.registry.v1 import factor_service_pb2 as factor_pb
from zonecarbon.registry.v1 import registry_service_pb2 as pb

EAST, NORTH = "CN-region-east", "CN-region-north"
FIVE = [
    factor_pb2.REGION_LEVEL_ENTERPRISE,
    factor_pb2.REGION_LEVEL_PROVINCE,
    factor_pb2.REGION_LEVEL_GRID_REGION,
    factor_pb2.REGION_LEVEL_NATION,
    factor_pb2.REGION_LEVEL_GLOBAL,
]
FOUR = FIVE[1:]
YEAR = builders.period("2023-01-01", "2024-01-01")


def load(registry: RunningRegistry, **rows: Any) -> None:
    registry.administrator.factors.ImportFactors(factor_pb.ImportFactorsRequest(**rows))


class Question:
    """What grid factor a works of a province takes by a method that nobody else uses."""

    def __init__(self, registry: RunningRegistry, province: str) -> None:
        self.registry = registry
        self.province = province
        self.works = registry.enterprise()
        self.parent = f"factorSets/{builders.fresh('set')}"
        self.method = builders.fresh("method")

    def ask(self, as_of: int = 0, of: Client | None = None) -> factor_pb.ResolveFactorsResponse:
        """Ask as of a revision, as the administrator or as `of`."""
        query = builders.query(
            self.method, region_code=self.province, enterprise=self.works, period=YEAR
        )
        request = factor_pb.ResolveFactorsRequest(queries=[query], as_of_revision=as_of)
        return (of or self.registry.administrator).factors.ResolveFactors(request)

    def steps(self) -> list[Callable[[], object]]:
        """What is learnt one after another; each step changes the answer."""
        reg, parent = self.registry, self.parent

        def factor(region_code: str, value: str) -> factor_pb2.Factor:
            name = f"{parent}/factors/{region_code.lower()}"
            return builders.factor(name, value, region_code=region_code)

        def rule(levels: list[Any], **fields: Any) -> factor_pb2.ApplicabilityRule:
            return builders.rule(self.method, parent, region_levels=levels, **fields)

        def retire() -> None:
            own = custom_factor_service_pb2.RetireCustomFactorRequest(
                name=f"{self.works}/customFactors/own", etag='"2"', reason="measured again"
            )
            reg.administrator.custom_factors.RetireCustomFactor(own)

        return [
            lambda: load(reg, factors=[factor("CN", "0.5")], rules=[rule(FOUR)]),
            lambda: load(reg, regions=[builders.region(self.province, EAST)]),
            lambda: load(reg, factors=[factor("CN", "0.50")]),
            lambda: load(reg, factors=[factor(EAST, "0.6"), factor(NORTH, "0.7")]),
            lambda: load(reg, regions=[builders.region(self.province, NORTH)]),
            lambda: load(reg, rules=[rule(FOUR, source=builders.source(note="read again"))]),
            lambda: load(reg, rules=[rule(FIVE)]),
            lambda: reg.approved(self.works, custom_factor_id="own"),
            retire,
            lambda: load(reg, factors=[factor(self.province, "0.8")]),
        ]


def test_every_past_answer_is_given_again_at_its_revision(registry: RunningRegistry) -> None:
    question = Question(registry, "CN-QA")
    answers = [question.ask()]
    for step in question.steps():
        step()
        answers.append(question.ask())

    for before, after in pairwise(answers):
        assert before.resolutions != after.resolutions
    for answer in answers:
        assert question.ask(as_of=answer.revision) == answer


def test_what_was_known_then_is_shown_to_those_who_may_see_it_now(
    registry: RunningRegistry,
) -> None:
    question = Question(registry, "CN-QB")
    load(
        registry,
        factors=[builders.factor(f"{question.parent}/factors/cn")],
        rules=[builders.rule(question.method, question.parent, region_levels=FIVE)],
        regions=[builders.region(question.province, EAST)],
    )
    own = registry.approved(question.works)
    then = question.ask().revision
    owner, stranger = (
        registry.principal("ENTERPRISE", name) for name in (question.works, registry.enterprise())
    )

    assert question.ask(then, owner).resolutions[0].resolved.factor.name == own.name
    seen = question.ask(then, stranger).resolutions[0].resolved.factor.name
    assert seen.startswith("factorSets/")


def test_a_revision_that_is_not_there_yet_is_refused(registry: RunningRegistry) -> None:
    newest = Question(registry, "CN-QB").ask().revision

    def told(as_of: int) -> tuple[str, list[str], str]:
        request = factor_pb.ResolveFactorsRequest(queries=[builders.query()], as_of_revision=as_of)
        found = refused(registry.administrator.factors.ResolveFactors, request)
        return found.reason, found.fields, found.metadata["allowed"]

    reason, fields, allowed = told(newest + 1000)
    assert (reason, fields) == ("FIELD_INVALID", ["as_of_revision"])
    assert allowed == f"0 for now, or a revision up to {newest}, the newest"
    assert told(-1)[:2] == ("FIELD_INVALID", ["as_of_revision"])


def now() -> Timestamp:
    """This moment: whatever was answered before is known by now, what follows is not."""
    moment = Timestamp()
    moment.FromDatetime(datetime.now(UTC))
    return moment


class Neighbourhood:
    """A zone with a seller and a buyer, who come to be known to it one after the other."""

    def __init__(self, registry: RunningRegistry) -> None:
        self.stub = registry.administrator.registry
        self.zone = registry.zone()
        self.seller, self.buyer = (f"enterprises/{builders.fresh(each)}" for each in "sb")
        self.code = builders.credit_code()

    def answers(
        self, as_of: Timestamp | None = None, of: Client | None = None
    ) -> tuple[Any, Any, Any]:
        """The members of the zone, the seller, and to whom it sells."""
        stub = of.registry if of else self.stub
        listing = pb.ListEnterprisesRequest(zone=self.zone, as_of_time=as_of)
        members = list(stub.ListEnterprises(listing).enterprises)
        asked = pb.GetEnterpriseRequest(name=self.seller, as_of_time=as_of)
        sales = pb.ListCounterpartiesRequest(parent=self.seller, as_of_time=as_of)
        return (
            members,
            stub.GetEnterprise(asked),
            list(stub.ListCounterparties(sales).counterparties),
        )

    def create(self, name: str, **fields: Any) -> None:
        """Create an enterprise."""
        id_ = name.removeprefix("enterprises/")
        self.stub.CreateEnterprise(builders.enterprise(id_, **fields))

    def update(self, name: str, **fields: Any) -> None:
        """Give an enterprise other values."""
        self.stub.UpdateEnterprise(
            pb.UpdateEnterpriseRequest(
                enterprise=enterprise_pb2.Enterprise(name=name, **fields),
                update_mask=FieldMask(paths=list(fields)),
            )
        )

    def steps(self) -> list[Callable[[], object]]:
        """What is learnt one after another; each step changes an answer."""
        member = builders.membership(self.zone)
        left = builders.membership(self.zone, leave="2022-01-01")
        code = pb.ChangeCreditCodeRequest(
            name=self.buyer,
            credit_code=self.code,
            start_date=builders.day("2024-01-01"),
            change_reason="relocated",
        )
        party = builders.counterparty(self.seller, credit_code=self.code)
        return [
            lambda: self.create(self.buyer, zone=self.zone),
            lambda: self.update(self.seller, memberships=[member]),
            lambda: self.update(self.seller, region_code="CN-ZJ"),
            lambda: self.stub.CreateCounterparty(party),
            lambda: self.stub.ChangeCreditCode(code),
            lambda: self.stub.CreateCounterparty(builders.counterparty(self.seller)),
            lambda: self.update(self.seller, memberships=[left]),
            lambda: self.update(self.seller, memberships=[]),
        ]


def partners(here: Neighbourhood, as_of: Timestamp | None = None) -> list[str]:
    """The counterparties of all members of the zone."""
    request = pb.ListCounterpartiesRequest(parent="enterprises/-", zone=here.zone, as_of_time=as_of)
    return [each.name for each in here.stub.ListCounterparties(request).counterparties]


def test_every_past_answer_is_given_again_as_of_its_moment(registry: RunningRegistry) -> None:
    here = Neighbourhood(registry)
    here.create(here.seller)
    told = [(now(), here.answers())]
    for step in here.steps():
        step()
        told.append((now(), here.answers()))

    for (_, before), (_, after) in pairwise(told):
        assert before != after
    for moment, answers in told:
        assert here.answers(moment) == answers


def test_a_moment_to_come_is_now(registry: RunningRegistry) -> None:
    here = Neighbourhood(registry)
    here.create(here.seller, zone=here.zone)
    later = Timestamp()
    later.FromDatetime(datetime.now(UTC) + timedelta(days=400))

    assert here.answers(later) == here.answers()


def test_what_was_not_known_yet_is_not_there(registry: RunningRegistry) -> None:
    here, before = Neighbourhood(registry), now()
    here.create(here.seller, zone=here.zone)
    here.stub.CreateCounterparty(builders.counterparty(here.seller))
    first = now()
    here.update(here.seller, region_code="CN-ZJ")

    def asked(**fields: Any) -> pb.GetEnterpriseRequest:
        return pb.GetEnterpriseRequest(name=here.seller, **fields)

    for fields, version in (
        ({"as_of_time": first}, 1),
        ({"as_of_time": first, "resource_version": 1}, 1),
        ({"as_of_time": now()}, 2),
    ):
        assert here.stub.GetEnterprise(asked(**fields)).resource_version == version
    for fields in (
        {"as_of_time": before},
        {"as_of_time": Timestamp()},
        {"as_of_time": first, "resource_version": 2},
    ):
        told = refused(here.stub.GetEnterprise, asked(**fields))
        assert (told.reason, told.metadata) == ("NOT_FOUND", {"name": here.seller})
    listing = pb.ListEnterprisesRequest(zone=here.zone, as_of_time=before)
    assert list(here.stub.ListEnterprises(listing).enterprises) == []
    sales = pb.ListCounterpartiesRequest(parent=here.seller, as_of_time=before)
    assert list(here.stub.ListCounterparties(sales).counterparties) == []


def test_the_partners_of_a_zone_are_those_of_whom_it_knew_as_members(
    registry: RunningRegistry,
) -> None:
    here = Neighbourhood(registry)
    for name in (here.seller, here.buyer):
        here.create(name)
        here.stub.CreateCounterparty(builders.counterparty(name, "grid"))
    told: list[tuple[Timestamp, list[str]]] = [(now(), [])]
    for name, memberships in (
        (here.seller, [builders.membership(here.zone)]),
        (here.buyer, [builders.membership(here.zone)]),
        (here.seller, []),
    ):
        here.update(name, memberships=memberships)
        told.append((now(), partners(here)))

    assert [len(each) for _, each in told] == [0, 1, 2, 1]
    for moment, answer in told:
        assert partners(here, moment) == answer


def test_a_desk_sees_the_past_of_whom_it_sees_now_and_of_nobody_else(
    registry: RunningRegistry,
) -> None:
    here = Neighbourhood(registry)
    here.create(here.seller)
    here.create(here.buyer, zone=here.zone)
    then = now()
    desk = registry.principal("DESK", here.zone)
    here.update(here.seller, memberships=[builders.membership(here.zone)])
    here.update(here.buyer, memberships=[])

    members, seller, _ = here.answers(then, desk)
    assert seller.resource_version == 1
    assert not seller.memberships
    assert members == []
    gone = pb.GetEnterpriseRequest(name=here.buyer, as_of_time=then)
    assert refused(desk.registry.GetEnterprise, gone).reason == "NOT_FOUND"


@pytest.mark.parametrize(("seconds", "nanos"), [(1 << 60, 0), (0, -1)])
def test_a_moment_that_is_none_is_refused(
    registry: RunningRegistry, seconds: int, nanos: int
) -> None:
    here = Neighbourhood(registry)
    when: dict[str, Any] = {"as_of_time": Timestamp(seconds=seconds, nanos=nanos)}
    calls: list[tuple[Any, Any]] = [
        (here.stub.GetEnterprise, pb.GetEnterpriseRequest(name=here.seller, **when)),
        (here.stub.ListEnterprises, pb.ListEnterprisesRequest(**when)),
        (here.stub.ListCounterparties, pb.ListCounterpartiesRequest(parent=here.seller, **when)),
    ]
    for call, request in calls:
        told = refused(call, request)
        assert (told.reason, told.fields) == ("FIELD_INVALID", ["as_of_time"])


def test_a_page_of_one_moment_is_not_continued_at_another(registry: RunningRegistry) -> None:
    here = Neighbourhood(registry)
    for name in (here.seller, here.buyer):
        here.create(name, zone=here.zone)
    for _ in range(2):
        here.stub.CreateCounterparty(builders.counterparty(here.seller))
    then = now()

    listing = pb.ListEnterprisesRequest(zone=here.zone, page_size=1)
    sales = pb.ListCounterpartiesRequest(parent=here.seller, page_size=1)
    calls: list[tuple[Any, Any]] = [
        (here.stub.ListEnterprises, listing),
        (here.stub.ListCounterparties, sales),
    ]
    for call, request in calls:
        request.as_of_time.CopyFrom(then)
        request.page_token = call(request).next_page_token
        assert call(request).next_page_token == ""
        request.ClearField("as_of_time")
        assert refused(call, request).reason == "PAGE_TOKEN_INVALID"
