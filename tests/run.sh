#!/usr/bin/env bash
# Runs every test. Installs by itself what some of them need (Debian's packages, PyPI); without
# root or network those tests say loudly that they were skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

want() { # command package
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        [ -e /var/lib/apt/lists/lock ] && [ -n "$(find /var/lib/apt/lists -name '*Packages*' -print -quit)" ] ||
            apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >/dev/null ||
            echo "SKIPPED: $2 can't be installed; what needs it is not tested"
    else
        echo "SKIPPED: $1 is missing (Debian: apt-get install $2); what needs it is not tested"
    fi
}

say "what the tests need"
want cc gcc
want python3 python3
want chromium chromium
want chromedriver chromium-driver
tools=${FLASHWIRE_TEST_TOOLS:-target/test-tools}
if command -v python3 >/dev/null && ! "$tools/bin/python" -c 'import websockets' 2>/dev/null; then
    python3 -m venv "$tools" 2>/dev/null || { want pip3 python3-venv; python3 -m venv "$tools"; }
    "$tools/bin/pip" install --quiet --disable-pip-version-check 'websockets==16.*' ||
        echo "SKIPPED: websockets can't be installed; the Python subscriber is not tested"
fi
if [ -x "$tools/bin/python" ] && ! "$tools/bin/python" -c 'import mcp' 2>/dev/null; then
    "$tools/bin/pip" install --quiet --disable-pip-version-check 'mcp==2.*' ||
        echo "SKIPPED: mcp can't be installed; the assistant's side is not tested"
fi
[ -x "$tools/bin/python" ] && export FLASHWIRE_TEST_PYTHON="$PWD/$tools/bin/python"
if [ -z "${FLASHWIRE_CORPUS:-}" ]; then
    echo "SKIPPED: FLASHWIRE_CORPUS is not set; real pages are not tested"
else
    FLASHWIRE_CORPUS=$(cd "$FLASHWIRE_CORPUS" && pwd)
    export FLASHWIRE_CORPUS
fi

say "format"
cargo fmt --check
say "lints"
cargo clippy --quiet --all-targets -- -D warnings
say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps
say "tests"
cargo test
