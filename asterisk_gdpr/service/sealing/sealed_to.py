"""The public key that a node seals to, followed from epoch to epoch.

Only a key that the installation vouches for is ever sealed to (`service.keys.strangers`). One that somebody
slipped into the register brings recording to a standstill, until a person has looked and taken it out.
"""

from __future__ import annotations

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import EpochBook
from asterisk_gdpr.seal.keys import VaultPublicKey
from asterisk_gdpr.seal.signing import VerifyKey
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.keys.vault_keys import STRANGE, current_public_key
from asterisk_gdpr.service.sealing.standstill import Standstill

DAMAGED = "vault-key-damaged"


class SealedTo:
    """`key` is the one of the epoch that has begun, as long as that is a good one; methods block."""

    def __init__(
        self, register: EpochBook, vouching: VerifyKey, standstill: Standstill, alarms: Alarms
    ) -> None:
        """`vouching` is the public half of the signing key. Raises as `current_public_key`: then no start."""
        self._register = register
        self._vouching = vouching
        self._standstill = standstill
        self._alarms = alarms
        try:
            self.key: VaultPublicKey = current_public_key(register, vouching)
        except Refused as refused:
            self._tell(refused)
            raise
        self._all_is_well()

    def follow(self) -> bool:
        """Take the key of an epoch that has begun since; whether there was one."""
        epoch = self._register.epoch()
        if epoch is None or (epoch[0] == self.key.id and not self._told):
            return False
        try:
            key = current_public_key(self._register, self._vouching)
        except Refused as refused:
            self._tell(refused)
            return False
        self._all_is_well()
        is_new, self.key = key.id != self.key.id, key
        return is_new

    def _tell(self, refused: Refused) -> None:
        self._told = True
        epoch = self._register.epoch()
        about = "" if epoch is None else epoch[0]
        if refused.id == STRANGE:
            self._standstill.begin(STRANGE, about, refused.message)
        else:
            self._alarms.raise_(DAMAGED, about, refused.message)

    def _all_is_well(self) -> None:
        self._told = False
        self._standstill.end(STRANGE)
        for about in self._alarms.about(DAMAGED):
            self._alarms.over(DAMAGED, about)
