"""docs/mqtt.md and the code say the same."""

from __future__ import annotations

from tests.mqtt.reference import BEGIN, DOCUMENT, reference


def test_every_topic_and_payload_is_documented() -> None:
    """The document holds each topic with the JSON Schema of its payload, made from the code."""
    assert DOCUMENT.read_text("utf-8").partition(BEGIN)[1:] == (
        BEGIN,
        reference().removeprefix(BEGIN),
    )
