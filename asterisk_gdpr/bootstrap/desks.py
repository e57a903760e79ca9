"""What people do with an installation beside calls, put together: prompts read anew, the escrow key tried."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from asterisk_gdpr.adapters.speech import read_voice
from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.service.exclusive import exclusive
from asterisk_gdpr.service.keys.escrow_drill import EscrowDrill
from asterisk_gdpr.service.prompts.prompt_desk import PromptDesk


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


def changing_prompts(installation: Installation) -> AbstractContextManager[None]:
    """Keeps others from changing the prompts meanwhile."""
    return exclusive(installation.config.paths.state / "prompts.lock", "changes the prompts")
