"""For programs: how the vault and its keys stand, and how it is locked.

No program unlocks: a passphrase that a program has lies on a disk. None changes the key pairs either, which
the page does by itself while it is unlocked, and `asterisk-gdpr keys` by hand.
"""

from __future__ import annotations

from flask import Response, jsonify

from asterisk_gdpr.core.times import to_text
from asterisk_gdpr_web.api.door import guarded, page
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.pages.vault import epochs
from asterisk_gdpr_web.settings import services


@page.get("/keys")
@guarded
def keys() -> Response:
    """Tell of every key pair, the newest first, and whether the escrow key was ever tried."""
    copies = services().office.escrow.copies()
    return jsonify(
        {
            "unlocked": services().keeper.unlocked,
            "epochs": [
                {
                    "epoch": epoch.id,
                    "algorithm": epoch.algorithm,
                    "began_at": to_text(epoch.began_at),
                    "ended_at": to_text(epoch.ended_at) if epoch.ended_at else None,
                    "destroyed_at": to_text(epoch.destroyed_at) if epoch.destroyed_at else None,
                    "sealed": sealed,
                    "escrow_copy": epoch.id in copies.whole,
                }
                for epoch, sealed in epochs()
            ],
            "escrow_tried_at": to_text(copies.tried_at) if copies.tried_at else None,
            "rooms": dict(services().rooms()),
        }
    )


@page.post("/keys/lock")
@guarded
def lock() -> Response:
    """Forget the private key."""
    services().keeper.lock(by=person().name)
    return jsonify({"unlocked": services().keeper.unlocked})
