#!/bin/bash
# built-in PPP at both ends: either end killed with -9 leaves no interface, session or address, and both come back

world
LNS_PPP='backend: built-in, ipv6: true, same-user: replace, users: { user: { password: pass }, other: { password: pass, address: 10.99.7.7 } }'
LAC_PPP='backend: built-in, ipv6: true'
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
END
}
lns_config
lac_config
start_l2tpd lns
wait_for 60 'the LNS to listen' listening lns
start_l2tpd lac
up
no_interface() { [ -z "$(ip -n "$1" -o link show type ppp)" ]; }

kill_hard l2tpd-lac
wait_for 3 'no interface at the LAC' no_interface lac
wait_for $((DETECTION + ALLOWANCE)) 'the LNS to notice' has_sessions lns 0
wait_for 3 'no interface at the LNS' no_interface lns
start_l2tpd lac
up

kill_hard l2tpd-lns
wait_for 3 'no interface at the LNS' no_interface lns
wait_for $((DETECTION + ALLOWANCE)) 'the LAC to notice' has_sessions lac 0
wait_for 3 'no interface at the LAC' no_interface lac
start_l2tpd lns
up
[ "$(ip -n lns -o link show type ppp | wc -l)" -eq 1 ] || fail 'not one interface at the LNS'
stop_both
no_interface lac && no_interface lns || fail 'an interface is left'
