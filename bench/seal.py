"""Sealing, per core: seconds of audio that one second of CPU time makes into a sealed recording."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import soundfile

from asterisk_gdpr.rig.debian import programs
from asterisk_gdpr.rig.sound import RATE, Samples
from bench.figure import Line, Run, Target, alternating, median, ratio
from bench.machine import folder_in_memory, program
from bench.sealer import Sealer, sealer_in
from bench.voices import dialogue

TITLE = "sealing, seconds of audio per second of CPU"
RIVAL = "`flac | openssl enc -aes-256-ctr` of the same audio"


def measure(run: Run) -> Iterable[Line]:
    """The same dialogue, several recordings of it, sealed by ours and by the rival in turn, all in memory."""
    recordings, minutes = run.pick((10, 3), (4, 1))
    left, right = (_repeated(side, minutes * 60) for side in dialogue(programs()))
    seconds = recordings * minutes * 60
    ours: list[float] = []
    rival: list[float] = []
    with folder_in_memory() as folder, folder_in_memory() as spool, sealer_in(folder, spool) as sealer:
        wav = folder / "dialogue.wav"
        soundfile.write(wav, np.column_stack((left, right)), RATE, subtype="PCM_16")
        words = program("flac", "flac"), program("openssl", "openssl")
        run.say(f"flac: {words[0][-1]}, openssl: {words[1][-1]}")
        _sealed(sealer, 1, left, right)
        for who in alternating(run.pick(5, 2), "ours", "rival"):
            if who == "ours":
                ours.append(seconds / _sealed(sealer, recordings, left, right))
            else:
                rival.append(seconds / _compressed(*words, recordings, wav))
    yield Line(
        TITLE,
        f"{median(ours):.0f} s",
        f"flac + openssl {median(rival):.0f} s",
        ratio(median(ours), median(rival)),
        Target(0.9, at_least=True),
    )


def _repeated(sound: Samples, seconds: int) -> Samples:
    return np.resize(sound, seconds * RATE)


def _sealed(sealer: Sealer, count: int, left: Samples, right: Samples) -> float:
    """CPU time from the first key to the last manifest; what Asterisk writes is there beforehand."""
    calls = [sealer.take_call() for _ in range(count)]
    began = time.process_time()
    growing = [sealer.begin(call) for call in calls]
    used = time.process_time() - began
    for each in growing:
        each.grow(left.tobytes(), right.tobytes())
    began = time.process_time()
    sealer.finish(growing)
    used += time.process_time() - began
    for each in growing:
        sealer.vault.delete(each.recording)
    return used


def _compressed(flac: Sequence[str], openssl: Sequence[str], count: int, wav: Path) -> float:
    """CPU time of both programs, at their defaults; a key is given, so that none has to be derived."""
    key = ["-K", "00" * 32, "-iv", "00" * 16]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for number in range(count):
        sealed = wav.with_name(f"{number}.flac.enc")
        first = subprocess.Popen([*flac, "--totally-silent", "--stdout", str(wav)], stdout=subprocess.PIPE)
        second = [*openssl, "enc", "-aes-256-ctr", *key, "-out", str(sealed)]
        subprocess.run(second, stdin=first.stdout, check=True)
        assert first.stdout is not None
        first.stdout.close()
        if first.wait():
            raise subprocess.CalledProcessError(first.returncode, flac)
        sealed.unlink()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
