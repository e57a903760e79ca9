"""The page over a house of made-up recordings, and people who use it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from asterisk_gdpr.adapters.speech import read_voice
from asterisk_gdpr.config import load_letters, load_rules, load_wordings, shipped
from asterisk_gdpr.core.caller import normalise
from asterisk_gdpr.core.explain import Asked, explain
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Fault
from asterisk_gdpr.seal.fields import FieldKey
from asterisk_gdpr.service.checks.finding import Finding
from asterisk_gdpr.service.documents.documents import Documents
from asterisk_gdpr.service.documents.publishing import Publishing
from asterisk_gdpr.service.documents.templates import Templates
from asterisk_gdpr.service.erasing.destruction import Destruction
from asterisk_gdpr.service.erasing.erasure import Erasure
from asterisk_gdpr.service.erasing.holds import Holds
from asterisk_gdpr.service.keys.epoch_files import EpochFiles
from asterisk_gdpr.service.keys.escrow_drill import EscrowDrill
from asterisk_gdpr.service.keys.key_files import KeyFolder
from asterisk_gdpr.service.listening.clips import Clips
from asterisk_gdpr.service.listening.dossier import Dossiers
from asterisk_gdpr.service.listening.evaluating import Evaluating
from asterisk_gdpr.service.listening.exports import Exports
from asterisk_gdpr.service.listening.library import Library
from asterisk_gdpr.service.listening.unusual_listening import UnusualListening
from asterisk_gdpr.service.listening.waveform import Waveforms
from asterisk_gdpr.service.people.accounts import Accounts
from asterisk_gdpr.service.people.agents import Agents
from asterisk_gdpr.service.people.approving import Approving
from asterisk_gdpr.service.people.tokens import Tokens
from asterisk_gdpr.service.prompts.prompt_desk import PromptDesk
from asterisk_gdpr.service.prompts.prompts import Prompts
from asterisk_gdpr.service.proof.ledger import all_entries, export
from asterisk_gdpr.service.proof.recordings import Verified, verify_recording
from asterisk_gdpr.service.rights.agent_copies import AgentCopies
from asterisk_gdpr.service.rights.naming import Naming
from asterisk_gdpr.service.rights.never import Never, sealing_for
from asterisk_gdpr.service.rights.packages import Packages, Template
from asterisk_gdpr.service.rights.receipt_desk import ReceiptDesk
from asterisk_gdpr.service.rights.receipts import Receipts
from asterisk_gdpr.service.rights.references import References
from asterisk_gdpr.service.rights.requests import Requests
from asterisk_gdpr.service.rights.rights import Rights
from asterisk_gdpr.service.sealing.deriving import Deriving
from asterisk_gdpr_web import Services, Settings, create_app
from asterisk_gdpr_web.office import Office
from asterisk_gdpr_web.settings import EXTENSION, Setup
from tests.fakes.spool import MemorySpool
from tests.playback.world import INDEX, PRIVATE, World
from tests.seal.samples import SIGNING

LETTERS = load_letters(shipped() / "letters")
PACK = load_rules("eu", ())
BERLIN = ZoneInfo("Europe/Berlin")
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"
ROLES = ("admin", "agent", "officer", "auditor", "manager", "supervisor", "quality", "compliance")
SETTINGS = Settings(secret_key=b"k" * 32, zone=ZoneInfo("Europe/Berlin"))

_apps: dict[Settings, Flask] = {}
# Shared, since compiling the templates for each house would take most of the tests' time.


def blind(number: str) -> bytes | None:
    """The blind index of a number as it was typed."""
    e164 = normalise(number, "DE")
    return INDEX.blind("calls.caller", e164) if e164 else None


class NoPress:
    """A press that only says what it was given."""

    def pdf(self, document: Mapping[str, object]) -> bytes:
        return b"%PDF-" + repr(document).encode()


class House(World):
    """The world with a page; every role has one person of its name."""

    def __post_init__(self) -> None:
        self.findings: list[Finding] = []
        self.slept: list[float] = []
        self.prompts = Path("no-prompts-here")
        self.epoch_files = EpochFiles(KeyFolder(Path("no-keys-here")), [Path("no-escrow-here")])
        self.faults: list[Fault] = []
        self.in_file: Policy | None = None
        super().__post_init__()
        self.accounts = Accounts(
            self.register, self.clock, FieldKey(INDEX), roles={"compliance"}, hasher=CHEAP
        )
        for role in ROLES:
            self.accounts.add(role, PASSWORD, [role])
        self.app = self.page(SETTINGS)

    def page(self, settings: Settings, *, own: bool = False) -> Flask:
        """The page under some settings; `own` for a test that changes the app itself."""
        library = Library(self.register, blind)
        destruction = Destruction(
            self.register, self.vault, MemorySpool(), SIGNING, self.clock, lambda _: True
        )
        erasure = Erasure(self.register, destruction, self.clock)
        exports = Exports(self.register, self.vault, self.keeper, self.listening, self.clock)
        office = self.office(erasure)
        services = Services(
            accounts=self.accounts,
            keeper=self.keeper,
            listening=self.listening,
            library=library,
            register=self.register,
            policy=lambda: self.policy,
            clock=self.clock,
            waveforms=Waveforms(self.register, self.listening, self.keeper, self.clock),
            exports=exports,
            packages=lambda: Packages(
                self.register,
                exports,
                lambda: self.policy,
                lambda _: None,
                Template((shipped() / "letters" / "package.html").read_text("utf-8"), LETTERS),
                self.clock,
                BERLIN,
            ),
            dossiers=Dossiers(
                self.register,
                self.vault,
                self.keeper,
                exports,
                SIGNING,
                [SIGNING.verify_key],
                self.clock,
                NoPress(),
            ),
            agent_copies=lambda: AgentCopies(
                self.register, exports, office.documents, lambda: self.policy, self.clock, BERLIN
            ),
            verify=self.verify,
            erase=lambda recording, reason, dry: erasure.erase(recording, reason, dry_run=dry),
            office=office,
            tokens=Tokens(self.register, self.clock),
            rooms=lambda: {"vault": 62, "register": 4},
        )
        if own or settings not in _apps:
            _apps[settings] = create_app(services, settings)
        app = _apps[settings]
        app.extensions[EXTENSION] = Setup(services, settings)
        return app if not own else _apps.pop(settings)

    def office(self, erasure: Erasure) -> Office:
        """The offices, over the same register; documents and letters are those that are shipped."""
        policy = lambda: self.policy  # noqa: E731  # it is asked each time
        folder = shipped() / "documents"
        wordings = load_wordings(shipped() / "notices")
        documents = Documents(Templates(folder), wordings, NoPress(), policy, lambda: PACK)
        rights = Rights(self.register, erasure, self.clock)
        receipts = Receipts(self.register, partial(INDEX.blind, "calls.receipt"))
        requests = Requests(
            self.register, erasure, LETTERS, lambda: self.policy.controller, blind, self.clock, BERLIN
        )
        return Office(
            agents=Agents(self.register, self.clock),
            holds=Holds(self.register, policy, self.clock),
            never=Never(self.register, sealing_for(lambda: PRIVATE.public, INDEX, "DE"), self.clock),
            requests=requests,
            unusual=UnusualListening(self.register, policy, self.clock, BERLIN),
            rights=rights,
            receipts=ReceiptDesk(
                self.register, rights, requests, receipts, self.clock, sleep=self.slept.append
            ),
            deriving=Deriving(
                self.register,
                self.vault,
                self.keeper,
                SIGNING,
                lambda: PRIVATE.public,
                erasure.carry_out_one,
                policy,
                self.clock,
                BERLIN,
            ),
            clips=Clips(self.register, self.listening, self.clock),
            approving=Approving(self.register, self.clock),
            evaluating=Evaluating(self.register, policy, self.clock),
            references=References(self.register, partial(INDEX.blind, "calls.reference"), self.clock),
            naming=Naming(
                self.register,
                Library(self.register, blind),
                receipts,
                References(self.register, partial(INDEX.blind, "calls.reference"), self.clock),
                Agents(self.register, self.clock),
                lambda: self.policy.agents.agreement,
            ),
            documents=documents,
            publishing=Publishing(self.register, documents, lambda: self.policy.version, self.clock, BERLIN),
            prompts=PromptDesk(
                lambda: Prompts(self.prompts, wordings),
                policy,
                read_voice,
                self.register,
                self.clock,
                nullcontext,
            ),
            escrow=EscrowDrill(self.register, self.epoch_files, self.clock),
            check=lambda: self.findings,
            faults=lambda: self.faults,
            in_file=lambda: self.in_file or self.policy,
            earlier=lambda _: self.policy,
            explain=lambda line, caller: explain(
                self.policy, PACK, Asked(line, caller, "en", self.register.switched_off(line), "DE")
            ),
            ledger_lines=lambda: export(all_entries(self.register), self.clock.now(), SIGNING),
        )

    def verify(self, recording: str) -> Verified:
        """Whether it is what was sealed."""
        keeper = self.keeper if self.keeper.unlocked else None
        return verify_recording(self.register, self.vault, [SIGNING.verify_key], recording, keeper)

    def visitor(self, app: Flask | None = None) -> Visitor:
        """Somebody who is not signed in."""
        return Visitor((app or self.app).test_client())

    def person(self, role: str) -> Visitor:
        """Somebody who is."""
        visitor = self.visitor()
        response = visitor.post("/sign-in", name=role, password=PASSWORD)
        assert response.status_code == 303
        return visitor

    def reviewer(self, role: str = "quality", purpose: str = "quality") -> Visitor:
        """Somebody who is signed in and has said what they listen for."""
        visitor = self.person(role)
        assert visitor.post("/review", purpose=purpose, reason="complaint").status_code == 303
        return visitor


class Visitor:
    """A browser: it keeps cookies, and sends the form token that its session was given."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._token = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        """Load a page; header names with _ for -."""
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.client.get(path, headers=sent, buffered=True)

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form with a token from a page that this person may see."""
        answer = self.client.post(path, data={"csrf_token": self.token(), **form})
        if path in ("/sign-in", "/sign-out", "/account/password"):
            self._token = ""
        return answer

    def token(self) -> str:
        """A form token of this session."""
        if self._token:
            return self._token
        page = self.client.get("/account")
        if page.status_code == 303:
            page = self.client.get(page.location)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found
        self._token = found[1]
        return self._token
