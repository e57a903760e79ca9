"""The page as `web` serves it, with one more route: a WAV file, plain, behind the same rights.

    python -m bench.page_with_wav CONFIG WAV

By this the seek in a sealed recording is compared with that in a file, through one server and one guard.
"""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask, Response, send_file

from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.cli import page
from asterisk_gdpr_web import Services, Settings, create_app, guard

PATH = "/plain.wav"


def main(config: Path, wav: Path) -> None:
    """Serve until told to end."""

    def create_app_with_wav(services: Services, settings: Settings) -> Flask:
        app = create_app(services, settings)
        app.add_url_rule(PATH, "plain", lambda: _send(wav))
        guard.RIGHTS["plain"] = guard.Right.LISTEN
        return app

    vars(page)["create_app"] = create_app_with_wav
    page.serve_page(Installation.load(config), None)


def _send(wav: Path) -> Response:
    return send_file(wav, mimetype="audio/wav", conditional=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
