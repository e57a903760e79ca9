"""Parts of a page that follow by themselves: sent anew when they have changed, and else not at all.

What is replaced is read out anew by screen readers, and loses the focus; so a part bears a mark of what it
shows, the browser sends it along, and whoever shows the same already gets an empty answer.
"""

from __future__ import annotations

from hashlib import sha256

from flask import Response, make_response, render_template, request


def seen(shown: str) -> str:
    """Return the mark of what is shown."""
    return sha256(shown.encode()).hexdigest()[:16]


def part(template: str, **facts: object) -> Response:
    """Answer with a part of a page, or with nothing (204) where the browser shows it already."""
    html, mark = render_template(template, **facts), request.args.get("seen", "")
    if mark and f'seen={mark}"' in html:
        return make_response("", 204)
    return make_response(html)
