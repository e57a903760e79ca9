"""The private keys of epochs as files: one for each recipient, and for escrow one in each of its folders.

The page's lie beside its own key; those for escrow lie in folders that the configuration names, best on
another machine's disk. Nothing else holds an epoch's private key, so that it can be destroyed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from asterisk_gdpr.core.epoch import Recipient, Role
from asterisk_gdpr.errors import GdprError, Refused, Unreachable
from asterisk_gdpr.seal.epochs import read_epoch_file
from asterisk_gdpr.service.keys.key_files import SECRET_MODE, KeyFolder, epoch_file_name, read_private
from asterisk_gdpr.service.new_files import remove_file, replace_file


class EpochFiles:
    """`keys` is the page's folder, `escrow` those of the escrow copies."""

    def __init__(self, keys: KeyFolder, escrow: Sequence[Path]) -> None:
        self._keys = keys
        self._escrow = escrow

    def folders(self, role: Role) -> Sequence[Path]:
        """Where the files for a recipient lie."""
        return [self._keys.path] if role is Role.PAGE else self._escrow

    def strangers(self, recipients: Iterable[Recipient]) -> list[Recipient]:
        """Those whose public key is not among the files here: the register alone is not believed."""
        return [each for each in recipients if not self._keys.knows(each)]

    def write(self, epoch: str, recipient: Recipient, document: bytes) -> list[Path]:
        """Write an epoch's key for a recipient; returns the folders that could not be had.

        Raises Refused or Unreachable when there is none in which it lies now.
        """
        away: list[Path] = []
        problem: GdprError = Refused(
            f"There is no folder for the copies of {recipient.name}.",
            hint="Name one: epochs.escrow in the configuration.",
            id="no-escrow",
        )
        for folder in self.folders(recipient.role):
            try:
                replace_file(folder / epoch_file_name(epoch, recipient.name), document, SECRET_MODE)
            except GdprError as error:
                away.append(folder)
                problem = error
        if len(away) == len(self.folders(recipient.role)):
            raise problem
        return away

    def whole(self, epoch: str, recipient: Recipient) -> bool:
        """Whether a file is there that is whole, and sealed to that recipient."""
        for folder in self.folders(recipient.role):
            try:
                file = read_epoch_file(read_private(folder / epoch_file_name(epoch, recipient.name)))
            except GdprError:
                continue
            if (file.epoch, file.recipient) == (epoch, recipient.key_id):
                return True
        return False

    def is_of_here(self, epoch: str, recipients: Iterable[Recipient]) -> bool:
        """Whether an epoch's private key lies here, sealed to one of ours: whoever made it had these folders.

        Or under the passphrase itself, from before there were recipients.
        """
        ours = [each for each in recipients if self._keys.knows(each)]
        before = any(self._keys.path.glob(f"vault-{epoch}*.json"))
        return before or any(self.whole(epoch, each) for each in ours)

    def here(self, epoch: str) -> list[Path]:
        """Every file of an epoch's private key; Unreachable (`key-place-away`) when a folder is away."""
        found: list[Path] = []
        for folder in {self._keys.path, *self._escrow}:
            if not folder.is_dir():
                raise Unreachable(
                    f"{folder} is not there, and may hold the private key of an epoch.",
                    hint="Bring it back, or take it out of epochs.escrow if it is gone for good.",
                    id="key-place-away",
                )
            found += folder.glob(epoch_file_name(epoch, "*"))
            found += folder.glob(f"vault-{epoch}*.json")  # from before there were recipients
            found += folder.glob(f".{epoch_file_name(epoch, '*')}.*")  # what a kill left of writing one
        return sorted(found)

    def destroy(self, epoch: str) -> list[str]:
        """Remove every one of them, make that durable, look again; returns their names.

        Raises Unreachable when one is left or cannot be looked for: then nothing is proven.
        """
        paths = self.here(epoch)
        for path in paths:
            remove_file(path)
        if self.here(epoch):
            raise Unreachable(f"A private key of the epoch {epoch} is still there.", id="key-still-there")
        return [path.name for path in paths]

    def escrow_copies(self) -> list[Path]:
        """Every escrow copy that can be reached."""
        return sorted(path for folder in self._escrow for path in folder.glob("epoch-*.json"))
