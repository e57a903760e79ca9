"""The same rights for programs: REST under /api/v1, with bearer tokens, described by OpenAPI 3.1.

A cookie opens nothing here, so no other site can use a person's session; a token opens what its scopes
name and its person may. Numbers are in no answer and in no address. What is done is done by the services
that the pages use; here is only how it is asked for and told.
"""

from asterisk_gdpr_web.api import (
    agents,
    calls,
    documents,
    holds,
    house,
    keys,
    ledger,
    lines,
    never,
    people,
    recordings,
    requests,
    reviews,
)
from asterisk_gdpr_web.api.door import page

__all__ = [
    "agents",
    "calls",
    "documents",
    "holds",
    "house",
    "keys",
    "ledger",
    "lines",
    "never",
    "page",
    "people",
    "recordings",
    "requests",
    "reviews",
]
