#!/bin/sh
# Tries the Debian package on a machine or in a container that may be thrown away: installs it,
# starts the daemon by its unit's command line, removes and purges it, and says what fails.
#   tests/deb.sh target/debian/flashwire_*.deb
# As root, since it installs; it refuses where there is a folder /srv/pages or a wire already.
set -eu
package=$1
fail() {
    echo "tests/deb.sh: $*" >&2
    exit 1
}
[ "$(id -u)" = 0 ] || fail "installing needs root"
for taken in /srv/pages /var/lib/flashwire /etc/flashwire; do
    [ ! -e "$taken" ] || fail "$taken is there already: use a machine that may be thrown away"
done
daemon=
work=$(mktemp -d)
tidy() {
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    dpkg --purge flashwire >/dev/null 2>&1 || true
    rm -rf "$work" /srv/pages /var/lib/flashwire
}
trap tidy EXIT

description=$(dpkg-deb -f "$package" Description | wc -l)
[ "$description" -lt 20 ] || fail "the package's description has $description lines"
dpkg -i "$package" >/dev/null
[ "$(stat -c '%a %G' /srv/pages)" = "2775 news" ] || fail "/srv/pages is not the group's"
for file in /etc/flashwire/flashwire.toml /usr/share/man/man1/flashwire.1.gz \
    /usr/share/bash-completion/completions/flashwire; do
    [ -s "$file" ] || fail "$file is missing"
done
flashwire order --help >/dev/null || fail "the package is built without the feature nats"

# systemd makes this folder and reads this file when it starts the unit.
mkdir -p /var/lib/flashwire
set -a
. /etc/default/flashwire
FLASHWIRE_LISTEN=127.0.0.1:${PORT:-7798}
set +a
flashwire config check "$FLASHWIRE_CONFIG" || fail "the package's own config is refused"
command=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/flashwire.service)
# shellcheck disable=SC2086 # the unit's words are meant one by one
$command >"$work/log" 2>&1 &
daemon=$!
printf 'BREAKING\nFerry runs aground off Amal\n' >"$work/page.txt"
mv "$work/page.txt" /srv/pages/page.txt
tries=0
until flashwire search ferry --wire /var/lib/flashwire/pages.db 2>/dev/null | grep -q aground; do
    tries=$((tries + 1))
    [ "$tries" -lt 150 ] || fail "the page was not told: $(cat "$work/log")"
    sleep 0.2
done
kill "$daemon"
wait "$daemon" || fail "the daemon ended with $?: $(cat "$work/log")"
daemon=

dpkg --remove flashwire >/dev/null
[ ! -e /usr/bin/flashwire ] || fail "the binary is left behind"
[ -e /etc/flashwire/flashwire.toml ] || fail "removing has taken the settings"
dpkg --purge flashwire >/dev/null
[ ! -e /etc/flashwire ] && [ ! -e /etc/default/flashwire ] || fail "purging has left settings"
[ -e /srv/pages/page.txt ] && [ -e /var/lib/flashwire/pages.db ] ||
    fail "pages or the wire are gone: they are nobody's to delete but their owner's"
echo "the package installs, tells a page, and goes again; pages and wire stay"
