"""What is installed is what was chosen: locked with hashes, and beside the SDK's own pins on purpose."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from dashboard.data.brokers.fyers import endpoints

ROOT = Path(__file__).parents[1]
LOCKS = ["requirements.txt", "requirements-sdk.txt", "requirements-dev.txt", "requirements/tools.txt"]
SDK = "fyers-apiv3"


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def listed(name: str) -> dict[str, Requirement]:
    """The requirements that a list or lock file names, its hashes and comments left out."""
    lines = [line.removesuffix("\\").strip() for line in text_of(name).splitlines() if re.match(r"\w", line)]
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def unmet(distribution: str) -> dict[str, str]:
    """What the package asks for and does not find, as `pip check` would say: name -> requirement."""
    asked = [Requirement(text) for text in metadata.requires(distribution) or []]
    here = [requirement for requirement in asked if requirement.marker is None or requirement.marker.evaluate()]
    return {
        canonicalize_name(requirement.name): str(requirement)
        for requirement in here
        if not requirement.specifier.contains(installed_version(requirement.name) or "", prereleases=True)
    }


def test_the_sdk_is_contradicted_by_exactly_the_listed_overrides() -> None:
    assert set(unmet(SDK)) == set(listed("requirements/overrides.txt"))


def test_everything_that_any_other_package_asks_for_is_installed() -> None:
    ours = set().union(*(listed(name) for name in LOCKS[:3])) - {SDK}
    assert {name: unmet(name) for name in ours if installed_version(name) and unmet(name)} == {}


def test_what_is_installed_is_what_the_overrides_say() -> None:
    for name, override in listed("requirements/overrides.txt").items():
        version = installed_version(name)
        wanted = override.marker is None or override.marker.evaluate()
        assert (version is not None and version in override.specifier) if wanted else version is None, name


def test_the_decision_gives_the_sdk_s_pins_and_ours() -> None:
    table = re.findall(r"^\| `([\w-]+)` \| (\S+) \| (\S+) \|", text_of(decision()), re.MULTILINE)
    asked = {canonicalize_name(it.name): str(it.specifier) for it in map(Requirement, metadata.requires(SDK) or [])}
    overrides = listed("requirements/overrides.txt")
    assert {name: f"=={pinned}" for name, pinned, _ in table} == asked
    assert {name: ours for name, _, ours in table} == {
        name: str(override.specifier).removeprefix("==") or "none" for name, override in overrides.items()
    }


def decision() -> str:
    return next((ROOT / "docs" / "decisions").glob("0024-*.md")).relative_to(ROOT).as_posix()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_pins_and_hashes_everything_and_names_no_index(lock: str) -> None:
    text = text_of(lock)
    pins = re.split(r"^(?=[A-Za-z])", re.sub(r"^(#|\s+#|-r ).*$", "", text, flags=re.MULTILINE), flags=re.MULTILINE)[1:]
    assert len(pins) == len(listed(lock)) > 0
    for pin in pins:
        assert re.match(r"[\w.-]+==[\w.]+( ; .*)? \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n)+", pin), pin[:100]
    assert "://" not in text
    assert "--index" not in text


@pytest.mark.parametrize(
    ("chosen", "lock"),
    [("runtime", "requirements.txt"), ("sdk", "requirements-sdk.txt"), ("dev", "requirements-dev.txt")],
)
def test_a_lock_file_has_what_was_chosen(chosen: str, lock: str) -> None:
    locked = listed(lock)
    for name, requirement in listed(f"requirements/{chosen}.in").items():
        assert str(requirement.specifier) == str(locked[name].specifier), f"{name}: run `make lock`"


def test_the_sdk_is_locked_by_itself() -> None:
    assert list(listed("requirements-sdk.txt")) == [SDK]
    assert SDK not in listed("requirements.txt")


def test_without_the_sdk_the_missing_command_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install --no-deps -r requirements-sdk\.txt"):
        endpoints.assert_sdk_installed()
