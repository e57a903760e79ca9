"""The system check: what `asterisk-gdpr check` says, with what to do."""

from __future__ import annotations

from flask import Blueprint, render_template

from asterisk_gdpr.service.checks.finding import Severity
from asterisk_gdpr_web.settings import services

page = Blueprint("system", __name__)


@page.get("/system")
def show() -> str:
    """Examine everything now, and show what was found, the worst first."""
    order = list(Severity)
    found = sorted(services().office.check(), key=lambda finding: order.index(finding.severity))
    return render_template("system.html", findings=found, severities=order)
