"""The self-test, put together: by hand, where the vault's key may be at hand, and by the daemon at night."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from asterisk_gdpr.adapters.self_test_phones import RtpPhones
from asterisk_gdpr.config import Config
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.core.recording import Reason
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import Clock, Register, Vault
from asterisk_gdpr.ports.self_test import SyntheticPhones
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey
from asterisk_gdpr.service.erasing.erasure import Item
from asterisk_gdpr.service.keys.keeper import Keeper
from asterisk_gdpr.service.prompts.prompts import Prompts
from asterisk_gdpr.service.proof.certificates import read_certificate
from asterisk_gdpr.service.proof.recordings import verify_recording
from asterisk_gdpr.service.self_test.opening import opener
from asterisk_gdpr.service.self_test.report import Report
from asterisk_gdpr.service.self_test.self_test import SelfTest, began_at
from asterisk_gdpr.service.self_test.steps import Tools

Erase = Callable[[str, Reason], Item]


class Parts(Protocol):
    """What a self-test is put together from; `bootstrap.installation` has them."""

    config: Config
    clock: Clock

    def policy(self) -> Policy: ...  # noqa: D102  # each says what it makes
    def register(self) -> Register: ...  # noqa: D102
    def vault(self) -> Vault: ...  # noqa: D102
    def prompts(self) -> Prompts: ...  # noqa: D102
    def signing_key(self) -> SigningKey: ...  # noqa: D102
    def verify_keys(self) -> list[VerifyKey]: ...  # noqa: D102


def run_self_test(
    parts: Parts, erase: Erase, *, line: str = "", keeper: Keeper | None = None, by: str = ""
) -> tuple[Report, bytes]:
    """Test the node that this is, now; takes half a minute and more. Blocks, in a loop of its own.

    Raises Refused (`no-line-to-test`, `no-such-line`, `switched-off`) or Unreachable before any call is made.
    """
    return asyncio.run(_run(parts, erase, line, keeper, by))


async def _run(parts: Parts, erase: Erase, line: str, keeper: Keeper | None, by: str) -> tuple[Report, bytes]:
    register, clock, config = parts.register(), parts.clock, parts.config
    async with RtpPhones(config.asterisk) as phones:
        test = SelfTest(
            partial(_tools, parts, phones, erase, keeper, by),
            register,
            parts.policy(),
            parts.signing_key(),
            clock,
            config.node,
            reports(config),
        )
        rules = await asyncio.to_thread(test.rules, line or config.self_test.line or "")
        return await test.run(rules)


def _tools(parts: Parts, phones: SyntheticPhones, erase: Erase, keeper: Keeper | None, by: str) -> Tools:
    register, vault, keys = parts.register(), parts.vault(), parts.verify_keys()
    return Tools(
        phones=phones,
        register=register,
        vault=vault,
        prompt=parts.prompts().get,
        verify=partial(verify_recording, register, vault, keys),
        opened=opener(register, vault, keeper, parts.clock, by),
        erase=erase,
        certified=partial(_certified, keys),
        clock=parts.clock,
    )


def _certified(keys: Iterable[VerifyKey], certificate: bytes) -> bool:
    try:
        read_certificate(certificate, keys)
    except GdprError:
        return False
    return True


def reports(config: Config) -> Path:
    """Where the reports of self-tests are kept."""
    return config.paths.state / "self-tests"


def is_time(config: Config, now: datetime) -> bool:
    """Whether the nightly self-test is to begin: it is its hour, and none has begun in this hour."""
    zone = ZoneInfo(config.time_zone)
    local = now.astimezone(zone)
    if not config.self_test.nightly or local.hour != config.self_test.hour:
        return False
    begun = (began_at(report).astimezone(zone) for report in reports(config).glob("*.json"))
    return all((at.date(), at.hour) != (local.date(), local.hour) for at in begun)
