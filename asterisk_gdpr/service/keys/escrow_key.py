"""A new escrow key: under a token or another passphrase, or in the place of one that is lost.

    its file, in the hands of whoever asked for it; its public key beside the earlier one's
    → every living epoch sealed to it, in files beside
    → its public key in the register → the copies for escrow take the place of the old ones

As with the page's key (`service.keys.page_key`) it is a new pair, and from the second step on either the
earlier escrow key or this one opens everything, wherever it is killed; running it again makes another, and
ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from asterisk_gdpr.core.epoch import Recipient, Role
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, HardwareToken
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey, VaultPublicKey
from asterisk_gdpr.seal.passphrase import unlock
from asterisk_gdpr.seal.token_file import is_token_file, open_token_file, read_token_file
from asterisk_gdpr.service.keys.epoch_files import EpochFiles
from asterisk_gdpr.service.keys.epochs import write_for
from asterisk_gdpr.service.keys.key_files import (
    NEXT,
    PUBLIC_MODE,
    KeyFolder,
    Kind,
    coming,
    epoch_file_name,
    key_text,
)
from asterisk_gdpr.service.keys.page_key import Book, none_missing
from asterisk_gdpr.service.new_files import remove_file, replace_file


def take(
    register: Book,
    keys: KeyFolder,
    files: EpochFiles,
    clock: Clock,
    public: VaultPublicKey,
    opened: Mapping[str, VaultPrivateKey],
) -> Sequence[str]:
    """Let this key open the copies for escrow from now on; returns the living epochs that it opens.

    Its private half lies in a person's file already. `opened` are the private keys at hand; Refused
    (`epoch-key-missing`, `no-escrow`) when one of a living epoch is not, or no folder can be written.
    """
    living = none_missing(register, opened)
    recipient = Recipient(Role.ESCROW, Role.ESCROW, ALGORITHM, public.id, public.to_bytes(), clock.now())
    text, beside = key_text(Kind.RECIPIENT, public.to_bytes()), keys.recipient_public(coming(Role.ESCROW))
    replace_file(beside, text, PUBLIC_MODE)
    for id in living:
        write_for(opened[id], replace(recipient, name=NEXT), files, register, clock)
    register.add_recipient(recipient)
    replace_file(keys.recipient_public(Role.ESCROW), text, PUBLIC_MODE)
    for id in living:
        write_for(opened[id], recipient, files, register, clock)
    for folder in files.folders(Role.ESCROW):
        for id in living:
            path = folder / epoch_file_name(id, NEXT)
            if path.exists():
                remove_file(path)
    remove_file(beside)
    return living


def unlocked_by(document: bytes, secret: str, token: HardwareToken | None) -> VaultPrivateKey:
    """The escrow key itself, by its passphrase, or by the PIN of the token that it lies under.

    Raises WrongPassphrase, WrongPin, Refused (`no-token`), Damaged, and what the token raises.
    """
    if not is_token_file(document):
        return unlock(document, secret)
    file = read_token_file(document)
    if token is None:
        raise Refused(
            f"The escrow key lies under the token {file.token!r}.",
            hint="Plug it in, and name its PKCS#11 module: --token-module.",
            id="no-token",
        )
    return open_token_file(file, token.unwrap(secret, file.wrapped))
