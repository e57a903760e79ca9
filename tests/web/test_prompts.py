"""What callers hear, at the page: read, heard, and replaced by a human voice."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, stream_encode_multipart

from asterisk_gdpr.config import load_wordings, shipped
from asterisk_gdpr.service.prompts.prompts import Prompts
from tests.fakes.speech import Hum
from tests.web.house import House, Visitor

PART = {"line": "sales", "language": "en", "part": "statement"}
SOUND = "/lines/prompts/sound?line=sales&language=en&part=statement"


@pytest.fixture
def spoken(house: House, tmp_path: Path) -> House:
    """A house whose notices a machine has spoken."""
    house.prompts = tmp_path / "prompts"
    _prompts(house).build(house.policy, Hum())
    return house


def _prompts(house: House) -> Prompts:
    return Prompts(house.prompts, load_wordings(shipped() / "notices"))


def voice(hertz: float = 400.0, seconds: float = 1.0) -> bytes:
    """What a person has read, as they hand it in."""
    file = io.BytesIO()
    time = np.arange(int(16_000 * seconds)) / 16_000
    soundfile.write(file, 0.2 * np.sin(2 * np.pi * hertz * time), 16_000, format="WAV")
    return file.getvalue()


def hand_in(visitor: Visitor, file: bytes, **part: str) -> TestResponse:
    """Upload a file as the form does."""
    return upload(visitor, "/lines/prompts", file, **{**PART, **part})


def upload(visitor: Visitor, path: str, file: bytes, **form: str) -> TestResponse:
    """A form with a file, encoded here in memory."""
    sent = FileStorage(io.BytesIO(file), filename="../../x.wav")
    stream, _, boundary = stream_encode_multipart(
        {"csrf_token": visitor.token(), **form, "file": sent}, use_tempfile=False
    )
    kind = f"multipart/form-data; boundary={boundary}"
    return visitor.client.post(path, data=stream.read(), content_type=kind)


def test_each_part_is_read_and_heard(spoken: House) -> None:
    """The page has each part's text, who says it, and its sound, which is the one that callers hear."""
    visitor = spoken.person("auditor")
    page = visitor.get("/lines/prompts?line=sales").text
    heard = _prompts(spoken).get("sales", "en", "statement")
    assert heard.text.split(".")[0] in page and "machine" in page
    assert 'action="/lines' not in page
    answer = visitor.get(SOUND)
    assert answer.content_type == "audio/wav"
    sound, rate = soundfile.read(io.BytesIO(answer.data), dtype="int16")
    assert rate == 16_000 and sound.astype("<i2").tobytes() == Path(heard.path + ".sln16").read_bytes()


def test_a_line_without_a_voice_is_told(house: House) -> None:
    """Where nobody says a part the page says what comes of it, and there is nothing to hear."""
    visitor = house.person("officer")
    page = visitor.get("/lines/prompts?line=sales").text
    assert "the line records nothing" in page and "<audio" not in page
    assert visitor.get(SOUND).status_code == 400


def test_a_human_voice_replaces_the_machines(spoken: House) -> None:
    """What was handed in is what callers hear from then on, and the ledger has who did it and which sound."""
    visitor = spoken.person("manager")
    before = _prompts(spoken).get(*PART.values())
    answer = hand_in(visitor, voice())
    assert answer.location == "/lines/prompts?line=sales#en-statement"
    after = _prompts(spoken).get(*PART.values())
    assert after.audio_sha256 != before.audio_sha256 and after.text == before.text
    assert "human voice" in visitor.get("/lines/prompts?line=sales").text
    sound, rate = soundfile.read(io.BytesIO(visitor.get(SOUND).data))
    assert abs(np.abs(np.fft.rfft(sound)).argmax() * rate / len(sound) - 400) < 3
    (told,) = spoken.told("prompt-taken")
    assert (told["user"], told["audio_sha256"]) == ("manager", after.audio_sha256)
    assert re.fullmatch(r"[0-9a-f]{16}\.sln(16)?|index\.json", min(f.name for f in spoken.prompts.iterdir()))


@pytest.mark.parametrize(
    ("file", "part", "says"),
    [
        (b"", {}, "Choose a file"),
        (b"no sound", {}, "sound file that can be read"),
        (b"PK\3\4" + b"\0" * 400_000, {}, "sound file that can be read"),
        (b"<script>alert(1)</script>", {}, "sound file that can be read"),
        (voice(seconds=0.5)[:44] + b"\0" * 9000, {}, "silent"),
        (voice(), {"part": "question-9"}, "no such part"),
        (voice(), {"line": "../../etc", "language": "xx"}, "no such part"),
    ],
)
def test_what_is_no_voice_changes_nothing(
    spoken: House, file: bytes, part: dict[str, str], says: str
) -> None:
    """One clear error beside the form, and callers go on to hear what they heard."""
    visitor = spoken.person("officer")
    before = {each.name: each.read_bytes() for each in spoken.prompts.iterdir()}
    answer = hand_in(visitor, file, **part)
    assert answer.status_code == 400 and says in answer.text
    assert {each.name: each.read_bytes() for each in spoken.prompts.iterdir()} == before
    assert spoken.told("prompt-taken") == []


def test_only_who_may_hand_in_a_file_is_listened_to_for_so_long(spoken: House) -> None:
    """A megabyte is read of those who may hand one in, and of nobody else; more is read of nobody."""
    big = b"x" * 900_000
    assert hand_in(spoken.person("officer"), big).status_code == 400
    assert hand_in(spoken.person("officer"), b"x" * 1_100_000).status_code == 413
    for role in ("auditor", "supervisor", "quality"):
        assert hand_in(spoken.person(role), big).status_code == 403
    stranger = spoken.visitor()
    assert hand_in(stranger, big).status_code == 303
    assert upload(stranger, "/privacy/receipt", big).status_code == 413


def test_a_file_never_lies_on_a_disk(spoken: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is uploaded stays in memory until it is taken as a prompt."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    assert hand_in(spoken.person("officer"), b"x" * 900_000).status_code == 400
