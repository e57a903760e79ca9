"""The self-test's caller and agent: two telephones on loopback, a call by ARI, keys by AMI.

The call goes through the dialplan's own context `asterisk-gdpr-self-test`, and so through everything that a
caller's call goes through. Keys are given by AMI's PlayDTMF as if the channel had received them.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.ari.rest import AriRest
from asterisk_gdpr.adapters.refusals import AmiError, AriError
from asterisk_gdpr.adapters.rtp_phone import RtpPhone, rtp_phone
from asterisk_gdpr.config import read_secret
from asterisk_gdpr.config.installation import Asterisk
from asterisk_gdpr.errors import Refused, Unreachable

CONTEXT = "asterisk-gdpr-self-test"
KEY_MS = 120
BETWEEN_KEYS = 0.3
_PATIENCE = 5.0


class RtpCall:
    """Plays `ports.self_test.SyntheticCall`."""

    def __init__(
        self, channel: str, name: str, caller: RtpPhone, agent: RtpPhone, ami: AmiClient, ari: AriRest
    ) -> None:
        self._channel, self._name = channel, name
        self._caller, self._agent = caller, agent
        self._ami, self._ari = ami, ari

    @property
    def channel(self) -> str:
        """The caller's channel, by its unique id."""
        return self._channel

    @property
    def agent_endpoint(self) -> str:
        """The agent, as the register of agents names them."""
        return endpoint(self._agent)

    def caller_heard(self) -> bytes:
        """What the caller has heard."""
        return self._caller.heard()

    def agent_heard(self) -> bytes:
        """What the agent has heard."""
        return self._agent.heard()

    def speak(self, caller_hz: int, agent_hz: int) -> None:
        """Both say a tone."""
        self._caller.say(caller_hz)
        self._agent.say(agent_hz)

    async def press(self, keys: str) -> None:
        """One key after the other, as if the caller's telephone had sent them."""
        for key in keys:
            try:
                await self._ami.action(
                    "PlayDTMF", Channel=self._name, Digit=key, Duration=KEY_MS, Receive="true"
                )
            except AmiError as error:
                raise Refused(
                    f"A key cannot be given to the test call: {error.message}", id="no-test-call"
                ) from None
            await asyncio.sleep(BETWEEN_KEYS)

    async def hang_up(self) -> None:
        """The caller hangs up."""
        with suppress(AriError):
            await self._ari.channels.hangup(self._channel)


class RtpPhones:
    """Plays `ports.self_test.SyntheticPhones`; an async context manager, which holds both connections."""

    def __init__(self, asterisk: Asterisk) -> None:
        self._asterisk = asterisk
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> RtpPhones:
        """Connect; raises Unreachable."""
        ari, ami = self._asterisk.ari, self._asterisk.ami
        self._ari = await self._stack.enter_async_context(
            AriRest(ari.url, ari.user, read_secret(ari.password_file))
        )
        self._ami = await self._stack.enter_async_context(
            _ami(
                AmiClient(
                    ami.host,
                    ami.port,
                    ami.user,
                    read_secret(ami.secret_file),
                    on_event=_nothing,
                    on_connected=_nothing,
                    on_lost=_nothing,
                    events="off",
                )
            )
        )
        self._agent = await self._stack.enter_async_context(rtp_phone())
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Disconnect."""
        await self._stack.aclose()

    @property
    def agent_endpoint(self) -> str:
        """The agent's telephone stays the same for all calls."""
        return endpoint(self._agent)

    @asynccontextmanager
    async def call(self, line: str) -> AsyncIterator[RtpCall]:
        """A call to a line; it is over when the block is."""
        channel = f"agst-{secrets.token_hex(8)}"
        async with rtp_phone() as caller:
            try:
                made = await self._ari.channels.originate_with_id(
                    channel,
                    endpoint=f"{endpoint(caller)}/c(ulaw)",
                    context=CONTEXT,
                    extension="s",
                    priority=1,
                    timeout_seconds=10,
                    variables={
                        "GDPR_SELF_TEST": line,
                        "GDPR_SELF_TEST_PORT": str(self._agent.port),
                    },
                )
            except AriError as error:
                raise Refused(
                    f"Asterisk places no test call: {error.message}",
                    hint="It needs the module chan_rtp.so, and the dialplan as this release ships it.",
                    id="no-test-call",
                ) from None
            call = RtpCall(made.id, made.name, caller, self._agent, self._ami, self._ari)
            try:
                yield call
            finally:
                self._agent.say(0)
                await call.hang_up()


def endpoint(phone: RtpPhone) -> str:
    """A telephone as Asterisk calls it."""
    return f"UnicastRTP/127.0.0.1:{phone.port}"


@asynccontextmanager
async def _ami(client: AmiClient) -> AsyncIterator[AmiClient]:
    running = asyncio.create_task(client.run(), name="the self-test's AMI")
    try:
        async with asyncio.timeout(_PATIENCE):
            await client.wait_connected()
        yield client
    except TimeoutError:
        raise client.problem or Unreachable("AMI does not answer.") from None
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def _nothing(*_told: object) -> None:
    """What this connection is told is not needed: it only asks."""
