"""docs/numbers.md: its examples run."""

import doctest
from pathlib import Path


def test_the_examples_of_the_numbers_page_run(repository: Path):
    outcome = doctest.testfile(str(repository / "docs" / "numbers.md"), module_relative=False)
    assert outcome.attempted > 50
    assert outcome.failed == 0
