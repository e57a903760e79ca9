"""What the register keeps of requests."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.requests import Request


class RequestBook(Protocol):
    """Requests, from their receipt to their answer and its period."""

    def add_request(self, request: Request) -> None: ...
    def change_request(self, request: Request, at: datetime, kind: str, user: str = "") -> None:
        """Replace what may change of it; `kind` is what the ledger is told. One that is closed is Refused."""
        ...

    def close_request(self, request: Request, *, forget: bool) -> None:
        """The answer: its period begins. `forget`: number and words of the person go at once,

        and those of the answered requests of the same number."""
        ...

    def forget_requests(self, requests: Collection[str]) -> None:
        """Number and words of these requests go, answered or not; twice is once."""
        ...

    def request(self, request: str) -> Request: ...
    def requests(self, *, closed: bool = False) -> list[Request]:
        """Open ones, or all; those that are due first come first."""
        ...
