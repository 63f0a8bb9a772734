"""Log in to the broker in a terminal: `python -m dashboard.data.brokers.login`."""

from __future__ import annotations

import secrets
import sys

from dashboard.data.brokers.registry import broker_of, open_login
from dashboard.market.errors import MarketError
from dashboard.market.session import ist
from dashboard.settings import Settings, SettingsError


def main() -> int:
    """Guide a login in a terminal. Gives the exit status: 0, or 1 after one sentence on stderr."""
    try:
        settings = Settings.from_environment()
        login = open_login(settings)
        if login is None:
            print(f"{broker_of(settings).name} asks for no login.")
            return 0
        state = new_state()
        print(f"Open this address, log in, and approve the app:\n\n  {login.authorise_url(state)}\n")
        print(f"Then paste the address your browser ends up at (it starts with {login.redirect_uri}).")
        expires_ts = login.finish(input("> ").strip(), state)
    except (MarketError, SettingsError, LookupError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):
        print("Login abandoned.", file=sys.stderr)
        return 1
    print(f"Logged in until {ist(expires_ts):%d-%b-%y %H:%M} IST.")
    return 0


def new_state() -> str:
    """An unguessable value, which a broker's answer must contain."""
    return secrets.token_urlsafe(24)


if __name__ == "__main__":
    raise SystemExit(main())
