#!/bin/bash
# built-in PPP as client of xl2tpd and pppd: CHAP, IPv6, a default route with its guard, an uplink that goes and comes back, and a wrong password

world
# The LNS stands behind a router, or there would be nothing to guard.
ip -n lac route add default via $LNS4 metric 100
ip -n lns addr add 10.9.9.9/32 dev lo
chap_secret lns user pass
ppp_options "$LOGS/lns.ppp" auth require-chap 'name lns' +ipv6 'ms-dns 10.99.0.2'
LAC_REMOTE=10.9.9.9
LAC_PPP='backend: built-in, auth: chap, ipv6: true, request-dns: true, default-route: true'
client_config() { # PASSWORD
  lac_top lac
  cat >> "$LOGS/lac.yaml" << END
      one: { backoff: { initial: 1s, maximum: 2s }, ppp: { user: user, password: $1, $LAC_PPP } }
END
}
client_config pass
start_xl2tpd lns << END
listen-addr = 10.9.9.9
[lns default]
ip range = 10.99.0.10-10.99.0.20
local ip = 10.99.0.1
require authentication = yes
challenge = yes
pppoptfile = $LOGS/lns.ppp
END
start_l2tpd lac
up
pings lns 10.99.0.10
no_pppd lac || fail 'a pppd runs at the LAC'
link_local() { ip -n "$1" -o -6 addr show | awk '/ ppp[0-9]* / { sub("/.*", "", $4); print $4 }'; }
in_ns lac ping -6 -q -n -c 3 -i 0.2 -W 2 "$(link_local lns)%ppp0" || fail 'no IPv6 ping to the LNS'
logged l2tpd-lac 'name servers 10.99.0.2' || fail 'the name server is not logged'
ip -n lac route | tee "$LOGS/routes.txt"
grep -q '^default dev ppp0' "$LOGS/routes.txt" || fail 'no default route through the session'
grep -q "^10.9.9.9 via $LNS4" "$LOGS/routes.txt" || fail "the tunnel's end has no route of its own"
in_ns lac ping -q -n -c 2 -W 2 10.9.9.9 || fail 'no ping to the end of the tunnel'
# The uplink goes, and the kernel drops its routes: the tunnel's packets are led into the tunnel. It comes back as by DHCP.
way_is() { ip -n lac route get 10.9.9.9 | grep -q "$1"; }
ip -n lac link set lac0 down
way_is 'dev ppp0' || fail 'the default route through the session is gone with the uplink'
in_ns lac ping -q -n -c 2 -i 0.2 -W 1 10.99.0.1 || true
ip -n lac link set lac0 up
ip -n lac route add default via $LNS4 metric 100
wait_for 10 "the tunnel's end to have its way again" way_is "via $LNS4 dev lac0"
pings lac 10.99.0.1
ctl lac show sessions | tee "$LOGS/sessions.txt"
grep -Eq 'ppp0 +10\.99\.0\.1 ' "$LOGS/sessions.txt" || fail 'l2tpctl shows no interface or address'
stop l2tpd-lac
[ $STATUS -eq 0 ] || fail "l2tpd-lac ended with $STATUS"
nothing_left 3 lac
! ip -n lac route | grep -Eq 'ppp0|^10.9.9.9' || fail 'a route is left at the LAC'

say 'wrong password'
client_config wrong
start_l2tpd lac
wait_for 60 'the refusal in the log' logged l2tpd-lac 'the peer refused our credentials'
wait_for 20 'pppd to refuse' logged lns.pppd 'CHAP Failure|failed CHAP authentication'
ctl lac show history | tee "$LOGS/history.txt"
stop l2tpd-lac
stop xl2tpd-lns
nothing_left 12
