#!/bin/bash
# built-in PPP at both ends: IPv4 and IPv6, two sessions of one LAC at a time, and an orderly end

world
# One host has both sessions, and answers by its first interface: to the LNS that is another's address.
LNS_PPP='backend: built-in, source-check: false, ipv6: true, same-user: replace, users: { user: { password: pass }, other: { password: pass, address: 10.99.7.7 } }'
LAC_PPP='backend: built-in, ipv6: true'
has_fixed_address() { ip -n lac -o -4 addr show dev second | grep -q 'inet 10.99.7.7 peer 10.99.0.1'; }
lns_config() {
  { top_config lns; cat << END; } > "$LOGS/lns.yaml"
listen: "$LNS_LISTEN"
peers:
  any: { secret: $SECRET, lns: { ppp: { auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.12, $LNS_PPP } } }
END
}
lac_config() {
  lac_top lac
  cat >> "$LOGS/lac.yaml" << END
      one: { backoff: { initial: 1s, maximum: 2s }, ppp: { user: user, password: pass, $LAC_PPP } }
      two: { backoff: { initial: 1s, maximum: 2s }, ppp: { user: other, password: pass, interface: second, $LAC_PPP } }
END
}
lns_config
lac_config
start_l2tpd lns
wait_for 60 'the LNS to listen' listening lns
start_l2tpd lac
wait_for 90 'both sessions at the LNS' has_ppp_links lns 2
wait_for 20 'the user with the fixed address' has_fixed_address
wait_for 20 'the user of the pool' has_ppp_links lac 1
[ "$(ip -n lns -o link show type ppp | wc -l)" -eq 2 ] || fail 'not two interfaces at the LNS'
pings lac 10.99.0.1
pings lns 10.99.7.7
pings lns 10.99.0.10
six_far_end() { ip -n lac -o -6 addr show dev second | awk '/peer/ { sub("/.*", "", $6); print $6 }'; }
wait_for 10 'IPv6 at the LAC' ip -n lac -o -6 addr show dev second
in_ns lac ping -6 -q -n -c 3 -i 0.2 -W 2 "$(six_far_end)%second" || fail 'no IPv6 ping to the LNS'
ctl lac show sessions | tee "$LOGS/sessions.txt"
grep -Eq '^[0-9/]+ +up/two .* second ' "$LOGS/sessions.txt" || fail 'l2tpctl does not show the interface'
stop_both
no_interface() { [ -z "$(ip -n "$1" -o link show type ppp)" ]; }
no_interface lac && no_interface lns || fail 'an interface is left'
