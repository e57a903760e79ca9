"""The page put together: a Flask application around the services that it is given."""

from __future__ import annotations

import io
from typing import IO

from flask import Flask, Request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr_web import api, context, errors, guard, headers, language
from asterisk_gdpr_web.pages import (
    account,
    agents,
    approvals,
    audio,
    clips,
    digest,
    disposal,
    documents,
    evaluations,
    health,
    holds,
    home,
    ledger,
    lines,
    look,
    marks,
    never,
    openid,
    people,
    prompts,
    public,
    recording,
    recordings,
    requests,
    review,
    second,
    sign_in,
    strip,
    system,
    today,
    tokens,
    vault,
)
from asterisk_gdpr_web.settings import EXTENSION, Services, Settings, Setup

_LONGEST_FORM = 64 * 1024
_PAGES = (
    account,
    agents,
    approvals,
    audio,
    clips,
    digest,
    disposal,
    documents,
    evaluations,
    health,
    holds,
    home,
    ledger,
    lines,
    language,
    look,
    marks,
    never,
    openid,
    people,
    prompts,
    public,
    recording,
    recordings,
    requests,
    review,
    second,
    sign_in,
    strip,
    system,
    today,
    tokens,
    vault,
)


class InMemory(Request):
    """A request whose files stay in memory, however large they may be."""

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return io.BytesIO()


def create_app(services: Services, settings: Settings) -> Flask:
    """Return the page as a WSGI application; raises Misuse for settings that would make it unsafe."""
    if len(settings.secret_key) < 32:
        raise Misuse("The page's secret key has at least 32 bytes.")
    app = Flask(__name__)
    app.request_class = InMemory
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-form" if settings.https else "form",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        MAX_CONTENT_LENGTH=_LONGEST_FORM,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open over lunch still works; the session's end ends it too
        WTF_CSRF_SSL_STRICT=False,  # it wants a Referer, which our own Referrer-Policy withholds
    )
    app.extensions[EXTENSION] = Setup(services, settings)
    app.before_request(language.choose)
    app.before_request(guard.admit)
    # After the guard: whoever may not come here is told so, whatever their form holds.
    CSRFProtect(app).exempt(api.page)
    app.after_request(headers.strict)
    for page in dict.fromkeys(module.page for module in (*_PAGES, api)):
        app.register_blueprint(page)
    app.jinja_env.filters.update(context.FILTERS)
    app.context_processor(context.common)
    errors.install(app)
    if settings.proxies:
        hops = settings.proxies
        # The one place where Flask wants its WSGI entry replaced.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
