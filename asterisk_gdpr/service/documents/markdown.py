"""Markdown as documents use it: to HTML for a screen, and to blocks for the press.

Raw HTML in a template means nothing and is shown as text, so a document can hold no script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_reader = MarkdownIt("commonmark", {"html": False}).enable("table")

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&])")
_LEADING = re.compile(r"^(\s*)([#+=-]|\d+(?=[.)]))")

Spans = list[dict[str, Any]]


class Trusted(str):
    """Markdown that we made ourselves: put into a document as it is."""

    __slots__ = ()


def escape(value: object) -> str:
    """A fact as Markdown that says exactly its text, on one line."""
    if isinstance(value, Trusted):
        return value
    text = " ".join(str(value).split())
    text = _SPECIAL.sub(r"\\\1", text)
    return _LEADING.sub(lambda found: f"{found[1]}{_literal(found[2])}", text)


def link(address: str) -> Trusted:
    """A web address as a link that shows itself."""
    return link_to(address, address)


def link_to(text: str, address: str) -> Trusted:
    """A text as a link."""
    target = address.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")
    return Trusted(f"[{escape(text)}](<{target}>)")


def html_of(markdown: str) -> str:
    """The body of a page."""
    html: str = _reader.render(markdown)
    return html.replace("<th>", '<th scope="col">').replace("<blockquote>", '<blockquote class="apart">')


def title_of(markdown: str) -> str:
    """The text of the first heading; empty when there is none."""
    for block in blocks_of(markdown):
        if block["kind"] == "heading":
            return "".join(span["text"] for span in block["spans"])
    return ""


def text_of(markdown: str) -> str:
    """The words of a text of one paragraph, without any marks."""
    return " ".join(
        "".join(span["text"] for span in block["spans"]) for block in blocks_of(markdown) if "spans" in block
    )


def blocks_of(markdown: str) -> list[dict[str, Any]]:
    """The document as plain values, for the press."""
    return list(_blocks(SyntaxTreeNode(_reader.parse(markdown)).children))


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        match node.type:
            case "heading":
                yield {"kind": "heading", "level": int(node.tag[1:]), "spans": _spans(node)}
            case "paragraph":
                yield {"kind": "paragraph", "spans": _spans(node)}
            case "bullet_list" | "ordered_list":
                kind = "bullets" if node.type == "bullet_list" else "numbers"
                yield {"kind": kind, "items": [list(_blocks(item.children)) for item in node.children]}
            case "blockquote":
                yield {"kind": "apart", "blocks": list(_blocks(node.children))}
            case "table":
                head, *body = node.children
                yield {
                    "kind": "table",
                    "head": _row(head.children[0]),
                    "rows": [_row(row) for part in body for row in part.children],
                }
            case "hr":
                yield {"kind": "rule"}
            case "code_block" | "fence":
                yield {"kind": "paragraph", "spans": [_span(node.content.rstrip("\n"), code=True)]}


def _row(row: SyntaxTreeNode) -> list[Spans]:
    return [_spans(cell) for cell in row.children]


def _spans(node: SyntaxTreeNode, **marks: Any) -> Spans:
    found: Spans = []
    for child in node.children:
        match child.type:
            case "inline":
                found += _spans(child, **marks)
            case "text":
                found.append(_span(child.content, **marks))
            case "softbreak" | "hardbreak":
                found.append(_span(" ", **marks))
            case "code_inline":
                found.append(_span(child.content, **{**marks, "code": True}))
            case "strong" | "em":
                found += _spans(child, **{**marks, child.type: True})
            case "link":
                found += _spans(child, **{**marks, "link": str(child.attrs["href"])})
    return [span for span in found if span["text"]]


def _span(
    text: str, *, strong: bool = False, em: bool = False, code: bool = False, link: str | None = None
) -> dict[str, Any]:
    return {"text": text, "strong": strong, "em": em, "code": code, "link": link}


def _literal(sign: str) -> str:
    """A sign that would begin a heading or a list, as itself; a number's dot is what makes it one."""
    return f"{sign}\\" if sign.isdigit() else f"\\{sign}"
