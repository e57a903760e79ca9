"""The headers of every answer: nothing from elsewhere, nothing framed, nothing kept.

Scripts and styles run only if they bear the nonce of their own answer, which no injected text can know.
"""

from __future__ import annotations

import secrets

from flask import Response, g, request

from asterisk_gdpr_web.settings import settings

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'nonce-{nonce}'",
        "style-src 'self' 'nonce-{nonce}'",  # wavesurfer makes one style element
        "img-src 'self' data:",  # Pico draws its form marks as data: images
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=(), payment=()",
    "X-Robots-Tag": "noindex, nofollow",
}
_ONE_YEAR = 365 * 24 * 3600


def nonce() -> str:
    """Return what the scripts of this answer bear; another one for each answer."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    made: str = g.nonce
    return made


def strict(response: Response) -> Response:
    """Set them on one answer."""
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce())
    if request.endpoint == "static" and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=3600"
    else:
        response.headers["Cache-Control"] = "no-store"
    if settings().https:
        response.headers["Strict-Transport-Security"] = f"max-age={_ONE_YEAR}; includeSubDomains"
    return response
