"""The topics and payloads as `docs/mqtt.md` lists them, from `service.announcing.messages` itself.

`python -m tests.mqtt.reference` writes the document's reference anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from asterisk_gdpr.service.announcing.messages import MESSAGES

DOCUMENT = Path(__file__).parents[2] / "docs/mqtt.md"
BEGIN = "## Every topic and payload\n"


def reference() -> str:
    """The part of the document that begins with `BEGIN`."""
    parts = [BEGIN]
    for topic, (use, payload) in MESSAGES.items():
        schema = msgspec.json.schema(payload)
        body = schema["$defs"].pop(payload.__name__)
        others = {"$defs": schema["$defs"]} if schema["$defs"] else {}
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **body, **others}
        parts.append(f"### `{topic.replace('{', '<').replace('}', '>')}`\n")
        parts.append(f"{use[0].upper()}{use[1:]}.\n")
        parts.append(f"```json\n{json.dumps(whole, indent=2, ensure_ascii=False)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    prose = DOCUMENT.read_text("utf-8").partition(BEGIN)[0]
    DOCUMENT.write_text(prose + reference(), "utf-8")
