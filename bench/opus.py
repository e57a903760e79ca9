"""Opus instead of lossless sound: bytes of a minute in the vault, and a core's time for it in a call."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from asterisk_gdpr.core.policy import Audio
from asterisk_gdpr.rig.debian import programs
from asterisk_gdpr.rig.sound import RATE, Samples
from bench.figure import Line, Run, Target, alternating, median, ratio
from bench.machine import folder_in_memory
from bench.sealer import SEGMENT_BYTES, Sealer, sealer_in
from bench.voices import dialogue

TITLE = "Opus, bytes of a minute of a call, and the time of a core for it"
RIVAL = "the same call sealed without loss"


def measure(run: Run) -> Iterable[Line]:
    """The same dialogue, sealed segment by segment as it grows, both ways in turn, all in memory."""
    minutes = run.pick(5, 1)
    left, right = (np.resize(side, minutes * 60 * RATE) for side in dialogue(programs()))
    size: dict[Audio, list[float]] = {audio: [] for audio in Audio}
    used: dict[Audio, list[float]] = {audio: [] for audio in Audio}
    with folder_in_memory() as folder, folder_in_memory() as spool, sealer_in(folder, spool) as sealer:
        for audio in alternating(run.pick(4, 2), *Audio):
            bytes_of, seconds = _sealed(sealer, audio, left, right)
            size[audio].append(bytes_of / minutes)
            used[audio].append(seconds / (minutes * 60))
    small, large = median(size[Audio.OPUS]), median(size[Audio.LOSSLESS])
    yield Line(
        "Opus, bytes of a minute",
        f"{small / 1e6:.2f} MB",
        f"lossless {large / 1e6:.2f} MB",
        ratio(small, large),
        Target(0.35),
    )
    slow, fast = median(used[Audio.OPUS]), median(used[Audio.LOSSLESS])
    yield Line(
        "Opus, a core's time for each call",
        f"{100 * slow:.2f} %",
        f"lossless {100 * fast:.2f} %",
        100 * slow,
        Target(3, unit="%"),
    )


def _sealed(sealer: Sealer, audio: Audio, left: Samples, right: Samples) -> tuple[int, float]:
    """The container's length, and the CPU time from the first segment to the signed end."""
    policy = sealer.policy
    quality = replace(policy.purposes["quality"], audio=audio)
    sealer.policy = replace(policy, purposes={**policy.purposes, "quality": quality})
    growing = sealer.begin(sealer.take_call())
    sealer.policy = policy
    sides, used = (left.tobytes(), right.tobytes()), 0.0
    for start in range(0, len(sides[0]), SEGMENT_BYTES):
        growing.grow(*(side[start : start + SEGMENT_BYTES] for side in sides))
        began = time.process_time()
        for _, error in sealer.sealing.tick():
            raise error
        used += time.process_time() - began
    began = time.process_time()
    sealer.sealing.close(growing.recording, sealer.clock.now())
    used += time.process_time() - began
    size = sealer.vault.size(growing.recording)
    assert size is not None
    sealer.vault.delete(growing.recording)
    return size, used
