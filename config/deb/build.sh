#!/bin/sh
# Makes the Debian package: target/debian/flashwire_*.deb. Needs cargo-deb (`cargo install cargo-deb`).
set -eu
cd "$(dirname "$0")/../.."
cargo build --release --locked --features nats
made=target/deb
rm -rf "$made"
mkdir -p "$made"
target/release/flashwire man "$made/man"
for shell in bash zsh fish; do
    target/release/flashwire completions "$shell" >"$made/flashwire.$shell"
done
cargo deb --no-build
