#!/usr/bin/env bash
# Keeps pictures of the dashboard in every state that the browser tests reach: tests/shots.sh DIR
# (desk, dark, wide, 4k, pocket, wall, story, paused, offline, withdrawn, empty, full …).
set -euo pipefail
cd "$(dirname "$0")/.."
into=${1:?usage: tests/shots.sh DIR}
mkdir -p "$into"
FLASHWIRE_SHOTS=$(cd "$into" && pwd) cargo test --quiet --test it browser::
ls "$into"
