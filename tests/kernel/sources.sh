# Scenarios of the source check on the kernel data plane: a subscriber, the LNS, and a host behind it that counts what it gets.

source_world() {
  world
  namespace host
  link lns lns1 10.50.0.1/24 host host0 10.50.0.2/24
  ip -n lns addr add fd00:50::1/64 dev lns1 nodad
  ip -n host addr add fd00:50::2/64 dev host0 nodad
  ip -n host route add default via 10.50.0.1; ip -n host -6 route add default via fd00:50::1
  in_ns lns sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
  # The forged addresses are somebody's: the answers would go to lns0.
  ip -n lns route add 10.66.0.0/24 via $LAC4; ip -n lns -6 route add fd00:66::/64 via $LAC6
  ip -n lac addr add 10.66.0.1/32 dev lo; ip -n lac addr add fd00:66::1/128 dev lo nodad
  chap_secret lns user pass
}

configure() { # THE REST OF THE LNS'S PROFILE
  { top_config lns; cat << END; } > "$LOGS/lns.yaml"
listen: "$LNS4"
peers:
  any: { secret: $SECRET, lns: { ppp: { auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.12, ipv6: true, $1 } } }
END
  lac_top lac
  echo "      one: { backoff: { initial: 1s, maximum: 2s }, ppp: { backend: built-in, user: user, password: pass, ipv6: true } }" >> "$LOGS/lac.yaml"
}
has_six() { ip -n "$1" -6 -o addr show dev ppp0 | grep -q ' fe80'; }
both_up() {
  wait_for 90 'PPP at the LAC' has_ppp_links lac 1
  wait_for 20 'PPP at the LNS' has_ppp_links lns 1
  for side in lac lns; do wait_for 10 "IPv6 at the $side" has_six $side; done
  ip -n lac route add 10.50.0.0/24 dev ppp0; ip -n lac -6 route add fd00:50::/64 dev ppp0
  pings lac 10.50.0.2
}
echos() { # FAMILY: echo requests that the host got
  if [ "$1" = 4 ]; then
    in_ns host awk '/^Icmp:/ { if (!n) { for (i = 1; i <= NF; i++) if ($i == "InEchos") n = i } else print $n }' /proc/net/snmp
  else
    in_ns host awk '$1 == "Icmp6InEchos" { print $2 }' /proc/net/snmp6
  fi
}
forge() { # FAMILY
  if [ "$1" = 4 ]; then
    in_ns lac ping -q -n -c 5 -i 0.2 -W 1 -I 10.66.0.1 10.50.0.2
  else
    in_ns lac ping -6 -q -n -c 5 -i 0.2 -W 1 -I fd00:66::1 fd00:50::2
  fi
}
forged_is_dropped() { # FAMILY
  local before
  before=$(echos "$1")
  ! forge "$1" || fail "a forged IPv$1 packet was answered"
  [ "$(echos "$1")" -eq "$before" ] || fail "forged IPv$1 packets came to the host: $before, then $(echos "$1")"
}
dropped() { in_ns lns nft list table inet l2tpd_sources | sed -n 's/.*oif missing counter packets \([0-9]*\) .*/\1/p'; }
no_table() { ! in_ns lns nft list table inet l2tpd_sources > /dev/null 2>&1; }

checked_by_table() {
  forged_is_dropped 4
  forged_is_dropped 6
  [ "$(dropped)" -ge 10 ] || fail "the table says that $(dropped) packets were dropped"
  # A network behind the subscriber: a route is all it takes.
  ip -n lns route add 10.66.0.1/32 dev ppp0; ip -n lns -6 route add fd00:66::1/128 dev ppp0
  forge 4 || fail 'a route to the subscriber does not let its network in'
  forge 6 || fail 'a route to the subscriber does not let its IPv6 network in'
  stop_both
  no_table || fail 'the table is left'
}

# source_check PROFILE: forged packets are dropped, those of a network behind the subscriber are not once it has a route, and the table goes with the daemon
source_check() {
  source_world
  no_table || fail 'there is a table before there is a daemon'
  configure "$1"
  start_in_turn
  both_up
  checked_by_table
}
