#!/bin/bash
# networks behind a subscriber on the kernel data plane: routes of the user, its filter, and nothing left at the end of the session

. "$here/sources.sh"
source_world
in_ns lns nft -f - << END
table inet l2tpd_filters {
  set gold { type ifname; }
}
END
configure 'backend: built-in, users: { user: { password: pass, routes: [10.66.0.1/32, "fd00:66::1/128 :: 5", 10.9.0.0/24], filters: [gold] } }'
echo 'filters: { required: true }' >> "$LOGS/lns.yaml"
routed() { ip -n lns -"$1" route show "$2" | grep -q 'dev ppp0'; }
in_set() { in_ns lns nft list set inet l2tpd_filters gold | grep -q '"ppp0" comment "l2tpd"'; }
start_in_turn
both_up
wait_for 10 'the IPv4 route' routed 4 10.66.0.1
wait_for 10 'the IPv6 route' routed 6 fd00:66::1
wait_for 10 'the filter' in_set
! routed 4 10.9.0.0/24 || fail 'a route covers the tunnel'
forge 4 || fail 'the network behind the subscriber is not let in'
forge 6 || fail 'the IPv6 network behind the subscriber is not let in'
ctl lns show routes | tee "$LOGS/routes.txt"
grep -Eq "^10.66.0.1/32 .* installed" "$LOGS/routes.txt" || fail 'l2tpctl does not show the route'
grep -Eq "^10.9.0.0/24 .* refused .* the tunnel's other end" "$LOGS/routes.txt" || fail 'l2tpctl does not show why a route is refused'
stop l2tpd-lac
wait_for 30 'no PPP at the LNS' has_ppp_links lns 0
! routed 4 10.66.0.1 && ! routed 6 fd00:66::1 || fail 'a route is left'
wait_for 10 'no filter' not in_set
stop l2tpd-lns
