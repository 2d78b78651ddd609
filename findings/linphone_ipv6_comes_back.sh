#!/usr/bin/env bash
# Linphone: `use_ipv6=0` in its file is ignored and removed at the first start; a second word in the file decides.
#
# A good guess: a configuration file that is handed to many telephones, with `use_ipv6=0` below `[sip]`, switches IPv6 off.
# What happens: the first start with a file "migrates" it: IPv6 is switched on, the line is taken out, `ipv6_migration_done=1` is written.
#   The phone then offers its sound at its IPv6 address, also in a call to an IPv4 address, and a line that has IPv4 only refuses it (488).
#   With both lines in the file the first one holds.
# Seen: 2026-11-29, Debian 12, linphone-cli 5.1.65-4. No report of it was found.
#   use_ipv6=0: afterwards ipv6_migration_done=1
#   use_ipv6=0 ipv6_migration_done=1: afterwards use_ipv6=0 ipv6_migration_done=1
# For a phone line: "switch IPv6 off" in a note for telephones that get their settings by file is two lines.
# No network: it starts and quits.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
command -v linphonec >/dev/null || { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends linphone-cli >/dev/null; }
v=$(dpkg-query -W -f '${Version}' linphone-cli)
echo "linphone-cli $v"
[ "$v" = "5.1.65-4" ] || { echo "another version than the one seen"; exit 1; }
start() {
  folder=$T/$1; shift
  mkdir -p "$folder/.local/share/linphone"
  printf '%s\n' "[sip]" "$@" >"$folder/linphonerc"
  { sleep 2; echo quit; } | HOME=$folder timeout 20 linphonec -c "$folder/linphonerc" >/dev/null 2>&1 || true
  echo "$*: afterwards $(grep -E '^(use_ipv6|ipv6_migration_done)=' "$folder/linphonerc" | sort -r | paste -sd' ')"
}
{ start one use_ipv6=0; start two use_ipv6=0 ipv6_migration_done=1; } | tee "$T/seen"
diff "$T/seen" - <<'SEEN'
use_ipv6=0: afterwards ipv6_migration_done=1
use_ipv6=0 ipv6_migration_done=1: afterwards use_ipv6=0 ipv6_migration_done=1
SEEN
echo "as seen"
