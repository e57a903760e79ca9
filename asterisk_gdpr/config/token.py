"""A token that holds the key which the page's private key lies under."""

from __future__ import annotations

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from asterisk_gdpr.config.kinds import File, Text

_STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class TokenAt:
    """A PKCS#11 token; its PIN is asked for wherever the vault's passphrase would be."""

    module: File
    """The vendor's shared library, as `/usr/lib/softhsm/libsofthsm2.so`."""
    label: Text
    """The token's label."""
    key: Text = "asterisk-gdpr"
    """The label of the AES key in it; `keys to-token` makes it."""
