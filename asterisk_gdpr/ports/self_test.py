"""The self-test's telephones: a caller and an agent on the real PBX who are nobody but this software."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol


class SyntheticCall(Protocol):
    """A call that is going on; sound is samples at 8 kHz, signed 16-bit little-endian."""

    @property
    def agent_endpoint(self) -> str:
        """The agent's endpoint, as the register of agents names it."""
        ...

    @property
    def channel(self) -> str:
        """The caller's channel, as Asterisk names it."""
        ...

    def caller_heard(self) -> bytes:
        """Everything that the caller has heard so far."""
        ...

    def agent_heard(self) -> bytes:
        """Everything that the agent has heard so far."""
        ...

    def speak(self, caller_hz: int, agent_hz: int) -> None:
        """Let both say a tone from now on; 0 is silence."""
        ...

    async def press(self, keys: str) -> None:
        """Let the caller press keys, as a telephone would."""
        ...

    async def hang_up(self) -> None:
        """Let the caller hang up; a call that is over already is no error."""
        ...


class SyntheticPhones(Protocol):
    """Places calls; `Unreachable` when Asterisk does not answer, `Refused` when it cannot place any."""

    @property
    def agent_endpoint(self) -> str:
        """The endpoint that the agent of the next call will have."""
        ...

    def call(self, line: str) -> AbstractAsyncContextManager[SyntheticCall]:
        """Place a call to a line, until the block ends."""
        ...
