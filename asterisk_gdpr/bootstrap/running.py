"""The daemon's process: one for each installation, with enough threads to wait for the disk in."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from asterisk_gdpr.bootstrap.daemon import Daemon
from asterisk_gdpr.bootstrap.only_one import only_one
from asterisk_gdpr.bootstrap.parts import Parts

WORKERS = 32
"""Threads that write: they wait for the disk, and those who wait at the same time share a commit."""


def run(parts: Parts) -> None:
    """Run the daemon until it is told to stop."""
    with only_one(parts.config.paths.state) as owner:
        asyncio.run(_run(parts, owner))


async def _run(parts: Parts, owner: str) -> None:
    workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="worker")
    asyncio.get_running_loop().set_default_executor(workers)
    await Daemon(parts, owner).run()
