#!/bin/bash
# Ten reconnect storms of fifty clients with IKE: all drop, every other time without StopCCN, and come back; nothing is left over
. "$here/ipsec.sh"

# strongSwan's own default: each initiation takes a thread while it lasts, and with 8 of them four take all that are left.
IPSEC_THREADS=16
CLIENTS=50 STORMS=${L2TPD_STORMS:-10}
# The cheapest that charon has: emulation makes the arithmetic of IKE a hundred times slower, and that is not what is tested.
CHEAP="psk: \"$IPSEC_PSK\", ike-proposals: aes128-sha1-modp1024, esp-proposals: aes128-sha1"

storm_lns() {
  { top_config lns; cat << END; } > "$LOGS/lns.yaml"
strongswan: { socket: /run/swan-lns/vici }
listen:
  - { address: $LNS4, ipsec: { $CHEAP } }
peers:
  any:
    lns:
      ppp: { backend: built-in, auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.250, mtu: 1400, users: { user: { password: pass } } }
END
}

storm_lac() { # CLIENTS: each a tunnel from an address of its own
  local number
  { top_config lac; printf 'strongswan: { socket: /run/swan-lac/vici }\ntunnels:\n'; } > "$LOGS/lac.yaml"
  for ((number = 1; number <= $1; number++)); do
    cat >> "$LOGS/lac.yaml" << END
  c$number:
    lns: $LNS4
    local-address: 10.9.0.$((100 + number))
    ipsec: { $CHEAP }
    backoff: { initial: 1s, maximum: 2s }
    sessions: { one: { backoff: { initial: 1s, maximum: 2s }, ppp: { backend: built-in, user: user, password: pass, mtu: 1400 } } }
END
  done
}

associations() { ip -n "$1" xfrm state count | sed -n 's/.*SAD count \([0-9]*\).*/\1/p'; }
policies() { ip -n "$1" xfrm policy list nosock | grep -c '^src' || true; }
descriptors() { ls "/proc/${PIDS[l2tpd-lns]}/fd" | wc -l; }
resident() { awk '/^VmRSS/ { print $2 }' "/proc/${PIDS[l2tpd-lns]}/status"; }
all_up() { has_ppp_links lac "$1" && has_ppp_links lns "$1" && has_tunnels lac "$1" && has_tunnels lns "$1"; }
as_wanted() { all_up $CLIENTS && [ "$(associations lns)" -eq $((2 * CLIENTS)) ] && [ "$(policies lns)" -eq "$POLICIES" ]; }
start_client_charon() {
  rm -f /run/swan-lac/vici
  start_charon lac < /dev/null
  wait_for 60 'charon of the clients' test -S /run/swan-lac/vici
}

figure() { # WHAT SINCE: in centiseconds
  local took=$(($(centiseconds) - $2))
  printf 'FIGURE %s: %d.%d s\n' "$1" $((took / 100)) $((took % 100 / 10)) | tee -a "$LOGS/figures.txt"
}

ipsec_modules
world
for ((number = 1; number <= CLIENTS; number++)); do ip -n lac addr add "10.9.0.$((100 + number))/32" dev lac0; done
start_charon lns < /dev/null
wait_for 60 'charon of the server' test -S /run/swan-lns/vici
start_client_charon
storm_lns
start_l2tpd lns
wait_for 60 'the LNS to listen' listening lns
storm_lac 0
echo '  {}' >> "$LOGS/lac.yaml"
start_l2tpd lac
wait_for 60 'the clients to be ready' logged l2tpd-lac 'Ready: '

say '--- set-up with IKE: one, ten and fifty clients at once'
before=0
for number in 1 11 $CLIENTS; do
  storm_lac $number
  began=$(centiseconds)
  ctl lac reload > "$LOGS/reload.txt" || fail "$(cat "$LOGS/reload.txt")"
  wait_for 180 "$number clients" all_up $number
  figure "$((number - before)) at once" "$began"
  before=$number
done
in_ns lac ping -q -n -c 2 -W 2 10.99.0.1 || fail 'no ping'
POLICIES=$(policies lns)
associations=$(associations lns)
[ "$associations" -eq $((2 * CLIENTS)) ] || fail "$associations associations of $CLIENTS clients"
descriptors=$(descriptors) resident=$(resident)

for ((storm = 1; storm <= STORMS; storm++)); do
  if [ $((storm % 2)) -eq 0 ]; then
    kill_hard l2tpd-lac
    kill_hard charon-lac
    ip -n lac xfrm state flush
    ip -n lac xfrm policy flush
    start_client_charon
  else
    stop l2tpd-lac
  fi
  began=$(centiseconds)
  start_l2tpd lac
  wait_for 180 "all clients after storm $storm" has_ppp_links lac $CLIENTS
  figure "storm $storm" "$began"
done

say "associations of the server: $(associations lns), policies: $(policies lns), tunnels: $(tunnels lns)"
wait_for 40 'only what is in use' as_wanted
in_ns lac ping -q -n -c 2 -W 2 10.99.0.1 || fail 'no ping'
say "descriptors: $descriptors before, $(descriptors) after; resident: $resident and $(resident) KiB; policies: $POLICIES"
[ "$(descriptors)" -le $((descriptors + 4)) ] || fail "descriptors: $descriptors before the storms, $(descriptors) after"
stop l2tpd-lac
[ $STATUS -eq 0 ] || fail "l2tpd-lac ended with $STATUS"
none_at_lns() { [ "$(associations lns)" -eq 0 ] && [ "$(policies lns)" -eq 0 ]; }
wait_for 20 'no association and no policy at the server' none_at_lns
stop l2tpd-lns
[ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
nothing_left 5
