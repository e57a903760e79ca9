"""What people do with an installation beside calls, put together: prompts, escrow drill, copies of data."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from asterisk_gdpr.adapters.speech import read_voice
from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.service.exclusive import exclusive
from asterisk_gdpr.service.keys.escrow_drill import EscrowDrill
from asterisk_gdpr.service.keys.keeper import Keeper
from asterisk_gdpr.service.listening.dossier import Dossiers
from asterisk_gdpr.service.listening.exports import Exports
from asterisk_gdpr.service.prompts.prompt_desk import PromptDesk
from asterisk_gdpr.service.rights.agent_copies import AgentCopies


def prompt_desk(installation: Installation, policy: Callable[[], Policy]) -> PromptDesk:
    """Prompts as people deal with them."""
    return PromptDesk(
        installation.prompts,
        policy,
        read_voice,
        installation.register(),
        installation.clock,
        lambda: changing_prompts(installation),
    )


def escrow_drill(installation: Installation) -> EscrowDrill:
    """The rehearsal of the loss of the page's key."""
    return EscrowDrill(installation.register(), installation.epoch_files(), installation.clock)


def dossiers(installation: Installation, keeper: Keeper, exports: Exports) -> Dossiers:
    """Puts recordings together with everything that vouches for them."""
    return Dossiers(
        installation.register(),
        installation.vault(),
        keeper,
        exports,
        installation.signing_key(),
        installation.verify_keys(),
        installation.clock,
        installation.press(),
    )


def agent_copies(installation: Installation, keeper: Keeper) -> AgentCopies:
    """Puts together the copies that those who take calls are given."""
    return AgentCopies(
        installation.register(),
        installation.exports(keeper),
        installation.documents(),
        installation.policy,
        installation.clock,
        installation.zone,
    )


def changing_prompts(installation: Installation) -> AbstractContextManager[None]:
    """Keeps others from changing the prompts meanwhile."""
    return exclusive(installation.config.paths.state / "prompts.lock", "changes the prompts")
