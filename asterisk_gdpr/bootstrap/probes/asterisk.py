"""Looking at an Asterisk, with no more rights than the daemon has, changing nothing.

AMI's GetConfig (right `system`) shows Asterisk's files as Asterisk reads them, includes and all, without our
having to be allowed to open them; Getvar evaluates DIALPLAN_EXISTS() without a channel (Asterisk 22).
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.ami_wire import Message, NotAmi, Reader, action
from asterisk_gdpr.adapters.ari.rest import AriRest
from asterisk_gdpr.adapters.refusals import AmiError, AriError
from asterisk_gdpr.config import read_secret
from asterisk_gdpr.config.installation import Ami, Ari, Asterisk
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.service.checks.asterisk import LISTING, MODULES, RIGHTS, SELF_TEST_MODULES, AsteriskFacts
from asterisk_gdpr.service.checks.asterisk_files import AsteriskFiles, Section, is_loopback

NEIGHBOUR = "127.0.0.2"
"""This machine too, and not the address that our AMI user comes from."""

ENTRY = ("asterisk-gdpr", "notice")
SELF_TEST_ENTRY = ("asterisk-gdpr-self-test", "s")
_NOBODY = "asterisk-gdpr/no-such-channel"
_PATIENCE = 5.0
_DENIED = "permission denied"


async def look(
    asterisk: Asterisk, extensions: Iterable[tuple[str, str]]
) -> tuple[AsteriskFacts, AsteriskFiles | None]:
    """Facts of a running Asterisk, and of its files where AMI answers; `extensions` are looked up."""
    facts = await _by_ari(asterisk.ari, AsteriskFacts())
    try:
        async with _session(asterisk.ami) as ami:
            facts = replace(
                facts,
                missing_modules=await _missing(ami, MODULES),
                self_test_lacks=await _missing(ami, SELF_TEST_MODULES),
                self_test_entry=await _exists(ami, *SELF_TEST_ENTRY),
                refused=frozenset([name for name in (*RIGHTS, LISTING) if await _denied(ami, name)]),
                entry=await _exists(ami, *ENTRY),
                extensions=frozenset([e for e in extensions if await _exists(ami, *e)]),
            )
            files = await _files(ami, asterisk)
    except Unreachable as problem:
        return replace(facts, ami=problem), None
    return facts, replace(files, open_to_neighbours=await _neighbour_may(asterisk.ami))


# --- ARI --------------------------------------------------------------------------------------


async def _by_ari(ari: Ari, facts: AsteriskFacts) -> AsteriskFacts:
    try:
        async with AriRest(ari.url, ari.user, read_secret(ari.password_file)) as rest:
            ping = await rest.asterisk.ping()
            return replace(facts, skew=_skew(ping.timestamp), app_taken=await _taken(rest, ari.app))
    except Unreachable as problem:
        return replace(facts, ari=problem)
    except AriError as error:
        return replace(facts, ari=Unreachable(f"What answers at ARI's address is not ARI: {error.message}"))


async def _taken(rest: AriRest, app: str) -> bool:
    try:
        await rest.applications.get(app)
    except AriError as error:
        if error.status == 404:
            return False
        raise
    return True


def _skew(timestamp: str) -> float:
    """Seconds that a time of ARI (`2026-11-23T14:05:00.000+0100`) is ahead of ours."""
    with suppress(ValueError):
        return (datetime.fromisoformat(timestamp) - datetime.now(UTC)).total_seconds()
    return 0.0


# --- AMI --------------------------------------------------------------------------------------


@asynccontextmanager
async def _session(ami: Ami) -> AsyncIterator[AmiClient]:
    """A session of its own, tried once; raises Unreachable as the client tells it."""
    settled: asyncio.Future[Unreachable | None] = asyncio.get_running_loop().create_future()

    def settle(problem: Unreachable | None) -> None:
        if not settled.done():
            settled.set_result(problem)

    client = AmiClient(
        ami.host,
        ami.port,
        ami.user,
        read_secret(ami.secret_file),
        on_event=lambda _: None,
        on_connected=lambda: settle(None),
        on_lost=settle,
        events="off",
    )
    running = asyncio.create_task(client.run(), name="AMI probe")
    try:
        problem = await settled
        if problem is not None:
            raise problem
        yield client
    finally:
        running.cancel()
        await asyncio.wait([running])


async def _missing(ami: AmiClient, modules: Iterable[str]) -> frozenset[str]:
    missing = set()
    for name in modules:
        try:
            await ami.action("ModuleCheck", Module=name)
        except AmiError as error:
            if _DENIED in error.message.lower():
                return frozenset()  # `rights` tells that we lack `system`
            missing.add(name)
    return frozenset(missing)


async def _denied(ami: AmiClient, name: str) -> bool:
    """Whether AMI denies us an action; asked with a channel that cannot exist, so that nothing happens."""
    try:
        await ami.action(name, Channel=_NOBODY, Direction="both", State="1")
    except AmiError as error:
        return _DENIED in error.message.lower()
    return False


async def _exists(ami: AmiClient, context: str, extension: str) -> bool:
    try:
        answer = await ami.action("Getvar", Variable=f"DIALPLAN_EXISTS({context},{extension},1)")
    except AmiError:
        return False
    return answer.get("value") == "1"


async def _files(ami: AmiClient, asterisk: Asterisk) -> AsteriskFiles:
    unread: set[str] = set()

    async def section(file: str, name: str) -> Section:
        return (await sections(file, name)).get(name, ())

    async def sections(file: str, name: str = "") -> Mapping[str, Section]:
        only = {"Category": name} if name else {}
        try:
            return sections_of(await ami.action("GetConfig", Filename=file, **only))
        except AmiError as error:
            if "not found" not in error.message.lower():  # neither the file nor the category
                unread.add(file)
            return {}

    user = await section("manager.conf", asterisk.ami.user)
    named = {acl.strip() for name, value in user if name.lower() == "acl" for acl in value.split(",")}
    features = await sections("features.conf")
    return AsteriskFiles(
        manager=await section("manager.conf", "general"),
        manager_user=user,
        acls={name: await section("acl.conf", name) for name in sorted(named)},
        http=await section("http.conf", "general"),
        ari_user=await section("ari.conf", asterisk.ari.user),
        options=await section("asterisk.conf", "options"),
        features=None if "features.conf" in unread else features,
        unread=frozenset(unread),
    )


def sections_of(answer: Message) -> dict[str, list[tuple[str, str]]]:
    """The sections in an answer to GetConfig: `category-000001`, and `line-000001-000000: name=value`."""
    names: dict[str, str] = {}
    lines: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, value in answer.items():
        if match := re.fullmatch(r"category-(\d+)", key):
            names[match[1]] = value
            lines.setdefault(value, [])
        elif match := re.fullmatch(r"line-(\d+)-\d+", key):
            name, _, text = value.partition("=")
            lines[names[match[1]]].append((name.strip(), text.strip()))
    return lines


async def _neighbour_may(ami: Ami) -> bool | None:
    """Whether our user may log in from another address of this machine; None when that cannot be tried."""
    if not is_loopback(ami.host) or ":" in ami.host:
        return None
    try:
        async with asyncio.timeout(_PATIENCE):
            stream, writer = await asyncio.open_connection(ami.host, ami.port, local_addr=(NEIGHBOUR, 0))
            try:
                return await _logs_in(stream, writer, ami)
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError, NotAmi, EOFError):
        return None


async def _logs_in(stream: asyncio.StreamReader, writer: asyncio.StreamWriter, ami: Ami) -> bool:
    reader = Reader()
    writer.write(action("Challenge", {"AuthType": "MD5"}, "1"))
    challenge = (await _answer(stream, reader)).get("challenge", "")
    proof = hashlib.md5(f"{challenge}{read_secret(ami.secret_file)}".encode(), usedforsecurity=False)
    login = {"AuthType": "MD5", "Username": ami.user, "Key": proof.hexdigest(), "Events": "off"}
    writer.write(action("Login", login, "2"))
    return (await _answer(stream, reader)).get("response", "").lower() == "success"


async def _answer(stream: asyncio.StreamReader, reader: Reader) -> Message:
    while data := await stream.read(4096):
        for message in reader.feed(data):
            if not message.event:
                return message
    raise EOFError
