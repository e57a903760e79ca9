"""An OpenID provider of its own: Glewlwyd from Debian's package, run from the cache, with people in it.

It is set up by the interface that its administrators use; people sign in at it as they would in a browser.
Its package is Debian 13's, the last release that has it.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.rig.debian import cache_folder
from asterisk_gdpr.rig.instance import free_port
from asterisk_gdpr.rig.tree import unpacked

CLIENT, SECRET = "page", "secret-of-the-page"
SCOPES = "openid email profile"
PASSWORD = "correct horse battery"  # noqa: S105  # of people who exist in tests alone
_ADMIN = {"username": "admin", "password": "password"}
_KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "application/javascript",
    ".json": "application/json",
}
_SECONDS = 10.0


class Glewlwyd:
    """`with Glewlwyd(back) as provider:`; `back` is the address that it may send browsers to.

    `people` are names of those who may sign in, with `PASSWORD`; the claim `login` of their ID tokens has the
    name, and `email` one that the provider does not call verified.
    """

    def __init__(self, back: str, people: tuple[str, ...] = ("quinn",)) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}/api/oidc"
        self._back = back
        self._people = people
        self._folder = Path(tempfile.mkdtemp(prefix="asterisk-gdpr-provider-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._cookie = ""

    def __enter__(self) -> Glewlwyd:
        tree = unpacked(cache_folder(), "provider", ["glewlwyd"], suite="trixie")
        self._write(tree / "root/usr")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(tree / "bin/glewlwyd"), "-c", str(self._folder / "conf")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait()
            self._set_up()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it, and forget everybody."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def pass_through(self, address: str, name: str) -> str:
        """Go where a browser was sent to, sign in there, and let our client know who one is.

        Returns where the provider sends the browser back to.
        """
        self._cookie = ""
        self._ask("POST", "/api/auth/", {"username": name, "password": PASSWORD})
        self._ask("PUT", f"/api/auth/grant/{CLIENT}", {"scope": SCOPES})
        parts = urlsplit(address)
        status, headers = self._request("GET", f"{parts.path}?{parts.query}&g_continue")
        if status != 302:
            raise Unreachable(f"The provider answers {status} to the browser.")
        return headers["Location"]

    def _write(self, files: Path) -> None:
        schema = gzip.decompress((files / "share/doc/glewlwyd/database/init.sqlite3.sql.gz").read_bytes())
        with contextlib.closing(sqlite3.connect(self._folder / "db")) as database:
            database.executescript(schema.decode())
        modules = files / "lib/glewlwyd"
        (self._folder / "none").mkdir()
        lines = {
            "port": self.port,
            "bind_address": "127.0.0.1",
            "external_url": f"http://127.0.0.1:{self.port}",
            "login_url": "login.html",
            "api_prefix": "api",
            "static_files_path": f"{files}/share/glewlwyd/webapp/",
            "log_mode": "console",
            "log_level": "WARNING",
            "cookie_domain": "127.0.0.1",
            "cookie_secure": 0,
            "session_expiration": 3600,
            "session_key": "provider",
            "admin_scope": "g_admin",
            "profile_scope": "g_profile",
            "user_module_path": f"{modules}/user",
            "user_middleware_module_path": f"{self._folder}/none",
            "client_module_path": f"{modules}/client",
            "user_auth_scheme_module_path": f"{modules}/scheme",
            "plugin_module_path": f"{modules}/plugin",
            "hash_algorithm": "SHA512",
        }
        text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
        kinds = ", ".join(f'{{ extension = "{end}"; mime_type = "{kind}"; }}' for end, kind in _KINDS.items())
        text += f"static_files_mime_types = ( {kinds} );\n"
        text += f'database = {{ type = "sqlite3"; path = "{self._folder}/db"; }};\n'
        (self._folder / "conf").write_text(text)

    def _wait(self) -> None:
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and self._process is not None and self._process.poll() is None:
            with contextlib.suppress(OSError):
                self._request("GET", "/config")
                return
            time.sleep(0.02)
        raise Unreachable(
            f"The provider does not start: {(self._folder / 'log').read_text(errors='replace')}"
        )

    def _set_up(self) -> None:
        self._ask("POST", "/api/auth/", _ADMIN)
        for scope in ("email", "profile"):
            self._ask(
                "POST", "/api/scope/", {"name": scope, "display_name": scope, "password_required": True}
            )
        private = _openssl("genrsa", "2048")
        plugin = {
            "iss": self.issuer,
            "jwt-type": "rsa",
            "jwt-key-size": "256",
            "key": private,
            "cert": _openssl("rsa", "-pubout", stdin=private),
            "access-token-duration": 3600,
            "refresh-token-duration": 3600,
            "code-duration": 60,
            "allow-non-oidc": False,
            "auth-type-code-enabled": True,
            "pkce-allowed": True,
            "pkce-required": True,
            "pkce-method-plain-allowed": False,
            "subject-type": "public",
            "email-claim": "mandatory",
            "name-claim": "no",
            "claims": [
                {
                    "name": "login",
                    "user-property": "username",
                    "type": "string",
                    "mandatory": True,
                    "scope": [],
                }
            ],
        }
        self._ask(
            "POST",
            "/api/mod/plugin/",
            {
                "module": "oidc",
                "name": "oidc",
                "display_name": "OpenID",
                "enabled": True,
                "parameters": plugin,
            },
        )
        for name in self._people:
            person = {"username": name, "name": name, "email": f"{name}@example.com", "password": PASSWORD}
            self._ask("POST", "/api/user/", {**person, "enabled": True, "scope": SCOPES.split()})
        client = {
            "client_id": CLIENT,
            "client_name": "The page",
            "confidential": True,
            "password": SECRET,
            "redirect_uri": [self._back],
            "authorization_type": ["code"],
            "token_endpoint_auth_method": ["client_secret_basic"],
            "enabled": True,
            "scope": [],
        }
        self._ask("POST", "/api/client/", client)

    def _ask(self, method: str, path: str, body: Mapping[str, object]) -> None:
        status, _ = self._request(method, path, body)
        if status != 200:
            raise Unreachable(f"The provider answers {status} to {method} {path}.")

    def _request(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> tuple[int, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
        headers = {"Content-Type": "application/json", "Cookie": self._cookie}
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            answer.read()
            if cookie := answer.headers["Set-Cookie"]:
                self._cookie = cookie.partition(";")[0]
            return answer.status, answer.headers


def _openssl(*arguments: str, stdin: str = "") -> str:
    done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, text=True, check=True)
    return done.stdout
