"""docs/dependencies.md names what the project is built on, no more and no less."""

from __future__ import annotations

import re
import tomllib

from tests.docs.pages import CHECKOUT

PAGE = (CHECKOUT / "docs/dependencies.md").read_text(encoding="utf-8")


def rows(section: str) -> list[str]:
    """The first column of the table of a section, without its head."""
    part = PAGE.split(f"\n## {section}")[1].split("\n## ")[0]
    return re.findall(r"^\| ([a-z0-9-]+) \|", part, flags=re.MULTILINE)[1:]


def named(requirements: list[str]) -> list[str]:
    """The names of requirements, whatever their versions."""
    return [re.split(r"[^a-z0-9-]", line)[0] for line in requirements]


def asked_for(name: str) -> list[str]:
    """The requirements of one file, without those that it takes over from another."""
    listed = (CHECKOUT / f"requirements/{name}.in").read_text(encoding="utf-8").splitlines()
    return [line for line in listed if line[:1].isalpha()]


def test_every_runtime_dependency_says_what_it_is_here_for() -> None:
    """A package that the product needs stands in the table, and no other does."""
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]

    assert sorted(rows("2. ")) == sorted(named(wanted))


def test_every_development_dependency_says_what_it_is_here_for() -> None:
    """A package that only the work on the product needs stands in the other table."""
    assert sorted(rows("3. ")) == sorted(named([*asked_for("dev"), *asked_for("build")]))


def test_the_pinned_files_hold_what_is_asked_for() -> None:
    """What pyproject asks for is what requirements/runtime.in asks for."""
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]

    assert sorted(wanted) == sorted(asked_for("runtime"))
