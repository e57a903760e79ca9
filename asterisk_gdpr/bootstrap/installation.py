"""An installation with its parts, each opened when it is first asked for.

    installation = Installation.load(Path("/etc/asterisk-gdpr/config.yaml"))
    with closing(installation):
        installation.register().calls()

Secret files are refused when other users may read them.
"""

from __future__ import annotations

import grp
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache, cached_property, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from asterisk_gdpr.adapters.hook import CommandHook
from asterisk_gdpr.adapters.press import TypstPress
from asterisk_gdpr.adapters.register import open_register, upgrade
from asterisk_gdpr.adapters.speech import Espeak
from asterisk_gdpr.adapters.spool import FileSpool
from asterisk_gdpr.adapters.token import Pkcs11Token
from asterisk_gdpr.bootstrap.clock import SystemClock, SystemUptime
from asterisk_gdpr.bootstrap.earlier_policies import EarlierPolicies
from asterisk_gdpr.bootstrap.policy_in_force import PolicyInForce
from asterisk_gdpr.bootstrap.stores import heads_bucket_of, layers_of, settling_of
from asterisk_gdpr.config import (
    Config,
    load_config,
    load_letters,
    load_policy,
    load_rules,
    load_wordings_for,
    shipped,
)
from asterisk_gdpr.core.caller import normalise
from asterisk_gdpr.core.letters import LetterTexts
from asterisk_gdpr.core.notice import Wording
from asterisk_gdpr.core.pack import Pack
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, LayeredVault, Register, Uptime
from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.fields import FieldKey
from asterisk_gdpr.seal.keys import VaultPublicKey
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey
from asterisk_gdpr.service.documents.documents import Documents
from asterisk_gdpr.service.documents.publishing import Publishing
from asterisk_gdpr.service.documents.templates import Templates
from asterisk_gdpr.service.erasing.clock_watch import ClockWatch
from asterisk_gdpr.service.erasing.data_shortening import DataShortening
from asterisk_gdpr.service.erasing.destruction import Destruction, HandOver
from asterisk_gdpr.service.erasing.erasure import Erasure
from asterisk_gdpr.service.erasing.holds import Holds
from asterisk_gdpr.service.erasing.journal import ErasureJournal, Journal
from asterisk_gdpr.service.erasing.periods import Periods
from asterisk_gdpr.service.erasing.put_back import heed
from asterisk_gdpr.service.exclusive import exclusive
from asterisk_gdpr.service.keys.epoch_files import EpochFiles
from asterisk_gdpr.service.keys.epochs import Epochs
from asterisk_gdpr.service.keys.keeper import Keeper
from asterisk_gdpr.service.keys.key_files import KeyFolder, read_private
from asterisk_gdpr.service.keys.strangers import strangers
from asterisk_gdpr.service.keys.vault_keys import current_public_key
from asterisk_gdpr.service.listening.exports import Exports
from asterisk_gdpr.service.listening.library import Library
from asterisk_gdpr.service.listening.playback import Listening
from asterisk_gdpr.service.people.accounts import Accounts
from asterisk_gdpr.service.people.agents import Agents
from asterisk_gdpr.service.prompts.prompts import Prompts
from asterisk_gdpr.service.proof.anchors import Anchors, Hook
from asterisk_gdpr.service.rights.naming import Naming
from asterisk_gdpr.service.rights.never import Never, sealing_for
from asterisk_gdpr.service.rights.packages import Packages, Template
from asterisk_gdpr.service.rights.receipts import Receipts
from asterisk_gdpr.service.rights.references import References
from asterisk_gdpr.service.rights.requests import Requests
from asterisk_gdpr.service.rights.rights import Rights
from asterisk_gdpr.service.sealing.deriving import Deriving
from asterisk_gdpr.service.sealing.settling import Settling


class Installation:
    """One installation; `path` is its `config.yaml`."""

    def __init__(self, path: Path, config: Config, clock: Clock, uptime: Uptime) -> None:
        self.path = path
        self.config = config
        self.clock = clock
        self.uptime = uptime
        self._opened: Register | None = None
        self._journal: Journal | None = None
        self._vault: LayeredVault | None = None

    @classmethod
    def load(cls, path: Path, clock: Clock | None = None, uptime: Uptime | None = None) -> Installation:
        """Read the configuration, all of it or `ConfigFaults`; nothing else is opened yet."""
        return cls(path.absolute(), load_config(path), clock or SystemClock(), uptime or SystemUptime())

    def close(self) -> None:
        """Close the register, if it was opened."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    # --- what people decided ------------------------------------------------------------------

    @property
    def zone(self) -> ZoneInfo:
        """Whose days periods are reckoned in, and whose local time people read."""
        return ZoneInfo(self.config.time_zone)

    def policy(self) -> Policy:
        """The policy as the file stands now; `ConfigFaults`."""
        at = self.config.policy
        return load_policy(at.path, at.packs, at.notices)

    def pack(self) -> Pack:
        """The rules that the policy must keep: its pack with its overlays."""
        policy = self.policy()
        return load_rules(policy.pack, policy.overlays, self.config.policy.packs)

    def policy_in_force(self) -> PolicyInForce:
        """The policy for a process that stays."""
        return PolicyInForce(self.policy)

    def wordings(self) -> Mapping[str, Wording]:
        """The wordings of the notice, by language."""
        return load_wordings_for(self.config)

    def documents(self) -> Documents:
        """The documents that the controller owes, from the policy as it stands."""
        folder = self.config.policy.documents or shipped() / "documents"
        return Documents(Templates(folder), self.wordings(), self.press(), self.policy, self.pack)

    def press(self) -> TypstPress:
        """Sets documents as PDF."""
        return TypstPress((self.config.policy.documents or shipped() / "documents") / "document.typ")

    def publishing(self) -> Publishing:
        """Publishes notices, and tells whether what is published is what is configured."""
        return Publishing(
            self.register(), self.documents(), lambda: self.policy().version, self.clock, self.zone
        )

    # --- where things are ---------------------------------------------------------------------

    def migrate(self) -> None:
        """Make the register, or bring its schema up to date; for `init` and the daemon alone."""
        upgrade(self.config.register.url)

    def register(self) -> Register:
        """The register, opened once; its schema must be current."""
        if self._opened is None:
            self._opened = open_register(self.config.register.url, self.zone)
        return self._opened

    def vault(self) -> LayeredVault:
        """Where containers grow, and where they stay."""
        if self._vault is None:
            self._vault = layers_of(self.config)
        return self._vault

    def settling(self) -> Settling:
        """Brings closed containers to where they are to stay."""
        return settling_of(self.config, self.register(), self.vault(), self.clock)

    def spool(self) -> FileSpool:
        """Where the last seconds of living calls lie."""
        return FileSpool(self.config.paths.spool, self._asterisk_group())

    def prompts(self) -> Prompts:
        """The notice as sound."""
        return Prompts(self.config.paths.prompts, self.wordings())

    def speech(self) -> Espeak:
        """The voice that makes prompts."""
        by = self.config.speech
        return Espeak(by.command, by.voices, by.speed)

    # --- keys ---------------------------------------------------------------------------------

    @cached_property
    def keys(self) -> KeyFolder:
        """The folder of the keys."""
        return KeyFolder(self.config.paths.keys)

    def signing_key(self) -> SigningKey:
        """Signs manifests, certificates and the ledger's heads."""
        return self.keys.signing_key()

    def verify_keys(self) -> list[VerifyKey]:
        """Verify what this installation ever signed."""
        return self.keys.verify_keys()

    def index_key(self) -> IndexKey:
        """Makes blind indexes of numbers."""
        return self.keys.index_key()

    def vault_public_key(self) -> VaultPublicKey:
        """The current epoch's; raises Refused (`no-epoch`, `strange-epoch`) or Damaged."""
        return current_public_key(self.register(), self.signing_key().verify_key)

    def vault_documents(self) -> list[bytes]:
        """The files of the vault's private keys, each protected; Refused when one is open to others."""
        return [read_private(path) for path in self.keys.vault_documents()]

    def epoch_files(self) -> EpochFiles:
        """The files of the private keys of epochs."""
        return EpochFiles(self.keys, self.config.epochs.escrow)

    # --- services -----------------------------------------------------------------------------

    def index_of(self, number: str) -> bytes | None:
        """The blind index of a number as people write it; None when it is none."""
        e164 = normalise(number, self.config.default_country)
        return None if e164 is None else self.index_key().blind("calls.caller", e164)

    def keeper(self) -> Keeper:
        """Opens what is sealed, once it is given the passphrase; nothing that its register had forgotten."""
        self.heed_journal()
        return Keeper(self.register(), self.vault_documents, self.clock, self.token())

    def token(self) -> Pkcs11Token | None:
        """The token of the configuration; nothing is asked of it yet."""
        at = self.config.token
        return None if at is None else Pkcs11Token(at.module, at.label, at.key)

    def strange_keys(self) -> list[str]:
        """The ids of keys that the register names and this installation did not make."""
        found = strangers(self.register(), self.epoch_files(), self.signing_key().verify_key)
        return [*(each.id for each in found.epochs), *(each.key_id for each in found.recipients)]

    def epochs(self, keeper: Keeper, pause: float = 0.0) -> Epochs:
        """Changes the vault's key; `pause` seconds are left to others after each batch."""
        return Epochs(
            self.register(),
            self.epoch_files(),
            self.signing_key(),
            self.clock,
            keeper.keys,
            life=self.epoch_life,
            alone=lambda: exclusive(self.config.paths.state / "keys.lock", "changes the vault's key"),
            pause=pause,
        )

    @property
    def epoch_life(self) -> timedelta:
        """How long an epoch lives."""
        return timedelta(seconds=self.config.epochs.life)

    def library(self) -> Library:
        """Finds recordings."""
        return Library(self.register(), self.index_of)

    def receipts(self) -> Receipts:
        """Makes and finds the codes of calls."""
        return Receipts(self.register(), partial(self.index_key().blind, "calls.receipt"))

    def references(self) -> References:
        """Sets and finds what other systems call a call."""
        return References(self.register(), partial(self.index_key().blind, "calls.reference"), self.clock)

    def naming(self, policy: Callable[[], Policy] | None = None) -> Naming:
        """Finds which recordings a person means; `policy` as for `listening`."""
        in_force = policy or self.policy
        return Naming(
            self.register(),
            self.library(),
            self.receipts(),
            self.references(),
            Agents(self.register(), self.clock),
            lambda: in_force().agents.agreement,
        )

    def listening(self, keeper: Keeper, policy: Callable[[], Policy] | None = None) -> Listening:
        """Lets people listen; `policy` tells the one in force, for a process that outlives a change of it."""
        return Listening(self.register(), self.vault(), keeper, policy or self.policy, self.clock)

    def accounts(self, hasher: PasswordHasher | None = None) -> Accounts:
        """The people of the page."""
        roles = {role for purpose in self.policy().purposes.values() for role in purpose.listeners}
        minutes = max(1, self.config.web.session // 60)
        key = FieldKey(self.index_key())
        return Accounts(self.register(), self.clock, key, roles=roles, session_minutes=minutes, hasher=hasher)

    def anchors(self) -> Anchors:
        """Signs the ledger's head and puts it where the configuration says."""
        at = self.config.ledger
        hooks: list[Hook] = [CommandHook(at.hook)] if at.hook else []
        if at.bucket is not None:
            hooks.append(heads_bucket_of(at.bucket))
        return Anchors(self.register(), self.signing_key(), self.clock, self.config.node, at.heads, hooks)

    def journal(self) -> Journal:
        """The erasure journal, with its alarm."""
        if self._journal is None:
            files = ErasureJournal(self.config.journal.folders, self.register, self.signing_key, self.clock)
            self._journal = Journal(files, self.register(), self.clock, self.config.node)
        return self._journal

    def heed_journal(self) -> None:
        """Erase again what only the journal knows of, its register being older: before all else."""
        heed(self.journal().files, self.register(), self.verify_keys(), self.clock, self.config.node)

    def erasure(self, hand_over: HandOver) -> Erasure:
        """Erases."""
        destruction = Destruction(
            self.register(),
            self.vault(),
            self.spool(),
            self.signing_key(),
            self.clock,
            hand_over,
            node=self.config.node,
            journal=self.journal().write,
            epoch_life=self.epoch_life,
        )
        return Erasure(
            self.register(),
            destruction,
            self.clock,
            ask_above=self.config.retention.ask_above,
            believed=self.clock_watch().believed,
        )

    def clock_watch(self) -> ClockWatch:
        """Watches this machine's clock."""
        return ClockWatch(self.register(), self.clock, self.uptime, self.config.node)

    def holds(self, policy: Callable[[], Policy] | None = None) -> Holds:
        """Suspends erasures; `policy` as for `listening`."""
        return Holds(self.register(), policy or self.policy, self.clock)

    def never(self) -> Never:
        """Changes the never list."""
        seal = sealing_for(self.vault_public_key, self.index_key(), self.config.default_country)
        return Never(self.register(), seal, self.clock)

    def rights(self, erasure: Erasure) -> Rights:
        """Restricts, corrects, and ends purposes at a person's word."""
        return Rights(self.register(), erasure, self.clock)

    def letters(self) -> Mapping[str, LetterTexts]:
        """The letters that answer requests, by language."""
        return load_letters(self.config.policy.letters or shipped() / "letters")

    def exports(self, keeper: Keeper) -> Exports:
        """Takes recordings out of the vault."""
        return Exports(self.register(), self.vault(), keeper, self.listening(keeper), self.clock)

    def packages(self, keeper: Keeper) -> Packages:
        """Puts together the copies that data subjects are given."""
        register, exports = self.register(), self.exports(keeper)
        folder = self.config.policy.letters or shipped() / "letters"
        page = (folder / "package.html").read_text("utf-8")
        texts = {entry.audio_sha256: entry.text for entry in self.prompts().every_entry()}
        return Packages(
            register, exports, self.policy, texts.get, Template(page, self.letters()), self.clock, self.zone
        )

    def deriving(self, keeper: Keeper, erasure: Erasure) -> Deriving:
        """Makes recordings of others: redactions, and parts that live by themselves."""
        signer, public, destroy = self.signing_key(), self.vault_public_key, erasure.carry_out_one
        register, vault = self.register(), self.vault()
        return Deriving(register, vault, keeper, signer, public, destroy, self.policy, self.clock, self.zone)

    def requests(self, erasure: Erasure, policy: Callable[[], Policy] | None = None) -> Requests:
        """Takes the requests of data subjects, and answers them; `policy` as for `listening`."""
        in_force = policy or self.policy
        return Requests(
            self.register(),
            erasure,
            self.letters(),
            lambda: in_force().controller,
            self.index_of,
            self.clock,
            self.zone,
        )

    def data_shortening(self) -> DataShortening:
        """Brings the periods of what exists forward, when a person says so."""
        earlier = EarlierPolicies(self.register(), self.policy(), self.config.policy, self.clock)
        return DataShortening(self.register(), cache(earlier.of), self.zone, self.clock)

    def periods(self, policy: Callable[[], Policy] | None = None) -> Periods:
        """Overwrites what else is due; `policy` as for `listening`."""
        in_force = policy or self.policy
        earlier = EarlierPolicies(self.register(), self.policy(), self.config.policy, self.clock)
        return Periods(
            self.register(),
            lambda: in_force().keep,
            cache(earlier.of),
            self.clock,
            self.zone,
            self.config.node,
            ask_above=self.config.retention.ask_above,
        )

    def _asterisk_group(self) -> int:
        name = self.config.asterisk.group
        try:
            return grp.getgrnam(name).gr_gid
        except KeyError:
            raise Refused(
                f"There is no group {name} on this machine.",
                hint="Name the group that Asterisk runs as: asterisk.group in the configuration.",
                id="no-group",
            ) from None
