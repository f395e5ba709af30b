from __future__ import annotations

import pytest

from services.console.template import Template

INVENTORY = "enterprises/chp/inventories/2024"
NAME = Template("/v1/{name=enterprises/*/inventories/*}")
FIGURE = Template("/v1/{name=**}:explain")
NESTED = Template("/v1/{enterprise.name=enterprises/*}")
PLAIN = Template("/v1/prices/{product}")


@pytest.mark.parametrize(
    ("template", "path", "variables"),
    [
        (
            NAME,
            "/v1/enterprises/chp/inventories/2024",
            {"name": "enterprises/chp/inventories/2024"},
        ),
        (NAME, "/v1/enterprises/chp/inventories/2024:compare", None),
        (NAME, "/v1/enterprises/chp/inventories/", None),
        (NAME, "/v1/enterprises/chp/inventories/2024/", None),
        (NAME, "/v1/enterprises//inventories/2024", None),
        (
            NAME,
            "/v1/enterprises/chp%2F/inventories/%E5%9B%AD",
            {"name": "enterprises/chp//inventories/园"},
        ),
        (FIGURE, "/v1/zones/z/lines/l:explain", {"name": "zones/z/lines/l"}),
        (
            FIGURE,
            "/v1/zones%2Fz%2Finventories%2F2024:explain",
            {"name": "zones/z/inventories/2024"},
        ),
        (FIGURE, "/v1/:explain", None),
        (NESTED, "/v1/enterprises/chp", {"enterprise.name": "enterprises/chp"}),
        (NESTED, "/v1/enterprises/chp%3Amerge", {"enterprise.name": "enterprises/chp:merge"}),
        (PLAIN, "/v1/prices/CEA24", {"product": "CEA24"}),
        (PLAIN, "/v1/prices/CEA24/x", None),
    ],
)
def test_a_path_is_matched_whole_and_its_variables_are_decoded(
    template: Template, path: str, variables: dict[str, str] | None
) -> None:
    assert template.match(path) == variables


@pytest.mark.parametrize(
    ("template", "spelt", "variable", "parameters"),
    [
        (
            NAME,
            "/v1/enterprises/{enterprise}/inventories/{inventory}",
            "name",
            ["enterprise", "inventory"],
        ),
        (FIGURE, "/v1/{name}:explain", "name", ["name"]),
        (NESTED, "/v1/enterprises/{enterprise}", "enterprise.name", ["enterprise"]),
        (PLAIN, "/v1/prices/{product}", "product", ["product"]),
    ],
)
def test_openapi_gets_a_parameter_for_each_segment(
    template: Template, spelt: str, variable: str, parameters: list[str]
) -> None:
    assert template.spelt == spelt
    assert template.parameters_of(variable) == parameters
