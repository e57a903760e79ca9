"""The fields of both files as `docs/policy.md` lists them, from the schemas themselves.

`python -m tests.policy.reference` prints the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from asterisk_gdpr.config.load import INSTALLATION, POLICY

SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "policy.yaml": POLICY.json,
    "config.yaml": INSTALLATION.json,
}


def rows(schema: Mapping[str, Any]) -> Iterator[str]:
    """One line of a table for each field: its place, its meaning, its default."""
    for path, field, required in _fields(schema, schema, ""):
        default = "needed" if required else _default(field)
        meaning = " ".join(str(field["description"]).split()).replace("|", "\\|")
        yield f"| `{path}` | {meaning} | {default} |"


def _fields(
    schema: Mapping[str, Any], part: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    for name, field in part.get("properties", {}).items():
        path = f"{prefix}{name}"
        inner = _resolved(schema, field)
        if "properties" in inner:
            yield from _fields(schema, inner, f"{path}.")
            continue
        yield path, field, name in part.get("required", ())
        entries = _resolved(schema, inner.get("additionalProperties") or {})
        if "properties" in entries:
            yield from _fields(schema, entries, f"{path}.NAME.")
        items = _resolved(schema, inner.get("items") or {})
        if "properties" in items:
            yield from _fields(schema, items, f"{path}[].")


def _resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    for choice in part.get("anyOf", ()):
        if choice.get("type") != "null":
            part = choice
    reference = part.get("$ref")
    return schema["$defs"][reference.rpartition("/")[2]] if reference else part


def _default(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    if isinstance(default, list):
        return ", ".join(f"`{item}`" for item in default) or "none"
    if isinstance(default, bool):
        return f"`{default}`".lower()
    return "none" if default is None or default == {} else f"`{default}`"


if __name__ == "__main__":
    for file, found in SCHEMAS.items():
        print(f"## {file}\n\n| field | meaning | default |\n|---|---|---|")
        print("\n".join(rows(found)), "\n")
