# Scenarios of routes that lead a tunnel into itself: an LNS (xl2tpd, pppd) behind a router, and a client whose uplink's default route has metric 0.

LAC_REMOTE=10.9.9.9

routed_world() {
  world
  # The LNS stands behind a router, and the uplink's default route has metric 0.
  ip -n lac route add default via $LNS4
  ip -n lns addr add 10.9.9.9/32 dev lo
  chap_secret lns user pass
  chap_secret lac user pass
  ppp_options "$LOGS/lns.ppp" auth require-chap 'name lns' 'ms-dns 10.99.0.2'
}

xl2tpd_lns() { # ITS PPP ADDRESS
  start_xl2tpd lns << END
listen-addr = 10.9.9.9
[lns default]
ip range = 10.99.0.10-10.99.0.20
local ip = $1
require authentication = yes
challenge = yes
pppoptfile = $LOGS/lns.ppp
END
}
way_is() { ip -n lac route get "$1" | grep -q "$2"; }
outside() { way_is 10.9.9.9 "via $LNS4 dev lac0"; }
client() { # BACKEND DEFAULT-ROUTE
  say "$1, default-route: $2"
  rm -f "$LOGS/l2tpd-lac.log"
  lac_top lac
  cat >> "$LOGS/lac.yaml" << END
      one: { backoff: { initial: 1s, maximum: 2s }, ppp: { user: user, password: pass, backend: $1, request-dns: true, default-route: $2 } }
END
  start_l2tpd lac
  wait_for 120 'the LAC to be ready' logged l2tpd-lac 'Ready: '
  wait_for 120 'PPP at the LAC' logged l2tpd-lac 'network is up on ppp'
}

# The PPP address of the LNS is its tunnel's.
own_address() { # BACKEND
  routed_world
  xl2tpd_lns 10.9.9.9
  client "$1" '{ replace: true }'
  # Longer than a tunnel lives whose packets do not arrive.
  sleep $((DETECTION + ALLOWANCE))
  ip -n lac route | tee "$LOGS/routes-$1.txt"
  ! logged l2tpd-lac ' is down' || fail 'the tunnel did not stay up'
  outside || fail "the tunnel's end has no route of its own"
  way_is 9.9.9.9 'dev ppp' || fail 'the default route was not replaced'
  in_ns lac ping -q -n -c 2 -W 2 10.9.9.9 || fail 'no ping to the end of the tunnel'
  ctl lac show session up/one | tee "$LOGS/session-$1.txt"
  grep -q 'name-servers: *10.99.0.2' "$LOGS/session-$1.txt" || fail 'l2tpctl shows no name server'
  kill_hard l2tpd-lac
  wait_for 60 'nothing left at the LAC' is_empty lac
  way_is 9.9.9.9 "via $LNS4 dev lac0" || fail 'the former default route does not count again'
  stop xl2tpd-lns
}

# An administrator adds a route that leads the tunnel into itself.
route_into_itself() { # BACKEND
  routed_world
  xl2tpd_lns 10.99.0.1
  client "$1" false
  ! ip -n lac route | grep -q 'proto 115' || fail 'there is a guard that nothing needs'
  # A mistake of an administrator's: named, and survived.
  ip -n lac route add 10.9.8.0/23 dev ppp0
  wait_for 5 'the loop to be named' logged l2tpd-lac 'The route 10.9.8.0/23 by interface'
  wait_for 5 'the guard' outside
  pings lac 10.99.0.1
  stop l2tpd-lac
  [ $STATUS -eq 0 ] || fail "l2tpd-lac ended with $STATUS"
  ! ip -n lac route | grep -q 'proto 115' || fail 'the guard is left'
  stop xl2tpd-lns
  nothing_left 12
}
