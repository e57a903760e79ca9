"""The page put together; imported by `web` alone, since it brings Flask with it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

from argon2 import PasswordHasher

from asterisk_gdpr.bootstrap.desks import agent_copies, dossiers
from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.bootstrap.policy_in_force import PolicyInForce
from asterisk_gdpr.bootstrap.probes.machine import folder_at
from asterisk_gdpr.cli.erasure import eraser
from asterisk_gdpr.cli.office import office_of
from asterisk_gdpr.config import read_secret
from asterisk_gdpr.core.recording import Reason
from asterisk_gdpr.errors import ConfigFaults, GdprError, Unreachable
from asterisk_gdpr.ports.provider import Provider
from asterisk_gdpr.service.erasing.erasure import Item
from asterisk_gdpr.service.keys.control import SOCKET, ControlServer
from asterisk_gdpr.service.keys.keeper import Keeper
from asterisk_gdpr.service.listening.exports import Exports
from asterisk_gdpr.service.listening.waveform import Waveforms
from asterisk_gdpr.service.new_files import make_folder
from asterisk_gdpr.service.people.tokens import Tokens
from asterisk_gdpr.service.proof.recordings import Verified, verify_recording
from asterisk_gdpr.service.repeating import Repeating
from asterisk_gdpr_web import Services, Settings, create_app
from asterisk_gdpr_web.serve import serve

log = logging.getLogger(__name__)

EPOCH_TICK = 60.0
"""Seconds between looks at whether the vault's key is to be changed."""

EPOCH_PAUSE = 0.05
"""Seconds that are left to calls after each batch that is sealed anew: some two thousand rows a second."""


def serve_page(installation: Installation, hasher: PasswordHasher | None) -> None:
    """Serve until SIGTERM or SIGINT."""
    keeper, policy = installation.keeper(), installation.policy_in_force()
    listening = installation.listening(keeper, policy)
    register, vault, clock = installation.register(), installation.vault(), installation.clock
    exports = Exports(register, vault, keeper, listening, clock)
    services = Services(
        accounts=installation.accounts(hasher),
        keeper=keeper,
        listening=listening,
        library=installation.library(),
        register=register,
        policy=policy,
        clock=clock,
        waveforms=Waveforms(register, listening, keeper, clock),
        exports=exports,
        verify=partial(_verify, installation, keeper),
        erase=partial(_erase, installation),
        tokens=Tokens(register, clock),
        office=office_of(installation, policy, listening, keeper),
        rooms=lambda: _rooms(installation),
        packages=partial(installation.packages, keeper),
        dossiers=dossiers(installation, keeper, exports),
        agent_copies=partial(agent_copies, installation, keeper),
        provider=_provider(installation),
    )
    services.accounts.second.seal_all()
    app = create_app(services, settings_of(installation))
    run, listen = installation.config.paths.run, installation.config.web.listen
    make_folder(run, 0o700)
    control = ControlServer(run / SOCKET, keeper, policy.reload)
    control.start()
    unlock_by_credential(installation, keeper)
    epochs = Repeating("epochs", EPOCH_TICK, _change_epochs(installation, keeper))
    epochs.start()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, partial(_reload, policy))
    try:
        serve(app, listen)
    except OSError as error:
        raise Unreachable(
            f"The page cannot listen on {listen}: {error.strerror or error}.",
            hint="Something else has that address; see web.listen in the configuration.",
            id="no-address",
        ) from None
    finally:
        epochs.stop()
        control.stop()


def _verify(installation: Installation, keeper: Keeper, recording: str) -> Verified:
    register, vault, keys = installation.register(), installation.vault(), installation.verify_keys()
    return verify_recording(register, vault, keys, recording, keeper if keeper.unlocked else None)


def _erase(installation: Installation, recording: str, reason: Reason, dry_run: bool) -> Item:
    return eraser(installation).erase(recording, reason, dry_run=dry_run)


def unlock_by_credential(installation: Installation, keeper: Keeper) -> bool:
    """Unlock the vault by a systemd credential, if the configuration names one; what fails leaves it locked.

    systemd decrypts it (with the machine's TPM, where `systemd-creds` has bound it to that) into a folder in
    memory that this process alone may read.
    """
    name = installation.config.web.credential
    if not name:
        return False
    try:
        folder = Path(os.environ["CREDENTIALS_DIRECTORY"])
        passphrase = (folder / name).read_text("utf-8").removesuffix("\n")
        keeper.unlock(passphrase, by=f"credential:{name}")
    except (KeyError, OSError, UnicodeDecodeError):
        log.error("the credential %s is not there: the vault stays locked", name)
        return False
    except GdprError as error:
        log.error("the credential %s does not unlock the vault: %s", name, error.id)
        return False
    return True


def _provider(installation: Installation) -> Provider | None:
    """The organisation's own sign-in, where the configuration names one."""
    by = installation.config.web.openid
    if by is None:
        return None
    # Its packages take a while to import, and most installations have none.
    from asterisk_gdpr.adapters.openid import OpenIdProvider

    ca = str(by.ca_file) if by.ca_file else None
    return OpenIdProvider(by.issuer, by.client, read_secret(by.secret_file), by.claim, ca=ca)


def _rooms(installation: Installation) -> dict[str, int]:
    paths = installation.config.paths
    return {
        name: round(100 * folder_at(path).room)
        for name, path in (("vault", paths.vault), ("register", paths.state))
    }


def _change_epochs(installation: Installation, keeper: Keeper) -> Callable[[], None]:
    """The vault's key is changed where it is unlocked, when it is time."""
    epochs = installation.epochs(keeper, pause=EPOCH_PAUSE)

    def tick() -> None:
        if keeper.unlocked:
            epochs.tick()

    return tick


def settings_of(installation: Installation) -> Settings:
    """How the configuration wants the page."""
    web = installation.config.web
    return Settings(
        secret_key=installation.keys.page_key(),
        zone=installation.zone,
        https=web.https,
        trusted_hosts=web.hosts,
        proxies=web.proxies,
        provider=web.openid.label if web.openid else "",
    )


def _leave(_number: int, _frame: object) -> NoReturn:
    sys.exit(0)


def _reload(policy: PolicyInForce, _number: int, _frame: object) -> None:
    """Beside what the page does just now, which a signal interrupts."""

    def work() -> None:
        with contextlib.suppress(ConfigFaults):  # its log has it
            policy.reload()

    threading.Thread(target=work, name="reload").start()
