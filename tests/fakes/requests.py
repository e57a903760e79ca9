"""The fake register's part that plays `ports.RequestBook`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from asterisk_gdpr.core.ledger import told_by
from asterisk_gdpr.core.requests import Request, Status
from asterisk_gdpr.errors import Refused


class MemoryRequests:
    """Requests in a dict; `_tables` is the register's own."""

    if TYPE_CHECKING:
        _tables: Any

        def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Any: ...
        def begin(self, kind: str, of: str, at: datetime, policy: str = "") -> None: ...

    def add_request(self, request: Request) -> None:
        self._tables.requests[request.id] = request
        entry = {"request": request.id, "right": str(request.right)}
        self.record("request-opened", entry, request.opened_at)

    def change_request(self, request: Request, at: datetime, kind: str, user: str = "") -> None:
        self._be_open(request.id)
        self._tables.requests[request.id] = request
        self.record(kind, {"request": request.id, **told_by(user)}, at)

    def close_request(self, request: Request, *, forget: bool) -> None:
        self._be_open(request.id)
        assert request.closed_at is not None
        kept = replace(request, subject=None, contact="", asked="", extension="") if forget else request
        self._tables.requests[request.id] = kept
        for id, each in list(self._tables.requests.items()):
            if forget and each.subject and each.subject == request.subject and each.status is not Status.OPEN:
                self._tables.requests[id] = replace(each, subject=None, contact="", asked="", extension="")
        self.begin("requests", request.id, request.closed_at)
        entry = {"request": request.id, "letter_sha256": request.letter_sha256}
        self.record(f"request-{request.status}", entry, request.closed_at)

    def forget_requests(self, requests: Collection[str]) -> None:
        for id in requests:
            known = self._tables.requests[id]
            forgotten = replace(known, subject=None, contact="", asked="", extension="")
            self._tables.requests[id] = forgotten

    def _be_open(self, request: str) -> None:
        if self.request(request).status is not Status.OPEN:
            raise Refused("It has its answer.", id="request-closed")

    def request(self, request: str) -> Request:
        if request not in self._tables.requests:
            raise Refused(f"There is no request {request}.", id="unknown-request")
        found: Request = self._tables.requests[request]
        return found

    def requests(self, *, closed: bool = False) -> list[Request]:
        wanted = [each for each in self._tables.requests.values() if closed or each.status is Status.OPEN]
        return sorted(wanted, key=lambda each: (each.answer_by, each.id))
