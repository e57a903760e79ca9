"""The interface for programs, held against its own description by schemathesis."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.openapi import description
from tests.web.house import House

pytestmark = pytest.mark.thorough

OPERATIONS = [
    (method.upper(), path, mode)
    for path, methods in description()["paths"].items()
    for method in methods
    for mode in GenerationMode
    # What takes nothing cannot be asked wrongly.
    if method != "parameters"
    and (
        mode is GenerationMode.POSITIVE
        or "{" in path
        or methods[method].get("parameters")
        or "requestBody" in methods[method]
    )
]


@pytest.mark.parametrize(("method", "path", "mode"), OPERATIONS)
def test_every_answer_is_one_that_is_described(
    house: House, method: str, path: str, mode: GenerationMode
) -> None:
    """Whatever is asked, rightly or wrongly, the answer is one that is described, and no fault of ours."""
    tokens = house.app.extensions["asterisk-gdpr"].services.tokens
    secret, _ = tokens.make("officer", "schemathesis", list(Scope), 90)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", house.app)
    asked = 0

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        nonlocal asked
        header = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
        # The one header that is described is the token's, which stands in for a wrong one below.
        assume(header is None or header.mode is GenerationMode.POSITIVE)
        asked += 1
        answer = case.call_and_validate(
            headers={"Authorization": f"Bearer {secret}"}, excluded_checks=[positive_data_acceptance]
        )
        if mode is GenerationMode.POSITIVE and answer.status_code == 400:
            # What is no number, no day to come or nobody's id is refused, as no schema can say it.
            told = answer.json()
            fits = told["error"] not in ("not-as-described", "unknown-parameter")
            assert fits or "a character in it is none" in told["message"], told

    ask()
    assert asked
