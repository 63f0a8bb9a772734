"""Chainboard: a live option-chain board for Indian index and stock options."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (the reader may well run an older one)
    sys.exit("Chainboard needs Python 3.11 or 3.12; this is %d.%d." % sys.version_info[:2])  # noqa: UP031
