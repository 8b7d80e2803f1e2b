#!/bin/bash
# IPv6 subscribers on the kernel data plane: SLAAC, dhcpcd and WIDE dhcp6c on ppp0, a host behind the prefix, the same prefix in a new session, forged sources

world
namespace home
ip link add lan0 netns lac type veth peer name lan0 netns home
for side in lac home; do ip -n $side link set lan0 up; done
for side in lac lns; do in_ns $side sysctl -q -w net.ipv6.conf.all.forwarding=1; done
BEHIND=2001:db8:ffff::1
ip -n lns addr add $BEHIND/128 dev lo nodad

{ top_config lns; cat << END; } > "$LOGS/lns.yaml"
listen: "$LNS4"
state-directory: /run/l2tpd-lns
prefix-pools:
  links: { prefix: "2001:db8:f00::/48", length: 64 }
  homes: { prefix: "2001:db8:7700::/40", length: 56 }
peers:
  any: { secret: $SECRET, lns: { ppp: { backend: built-in, auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.12, ipv6: router,
         users: { user: { password: pass } }, ipv6-prefix-pool: links, delegated-prefix-pool: homes, ipv6-dns: ["2001:db8::53"] } } }
END
lac_top lac
cat >> "$LOGS/lac.yaml" << END
      one: { backoff: { initial: 1s, maximum: 2s }, ppp: { backend: built-in, user: user, password: pass, ipv6: router } }
END
cat > "$LOGS/dhcpcd.conf" << END
duid
ipv6only
noipv6rs
nohook resolv.conf
script /bin/true
interface ppp0
  ia_pd 1/::/56 lan0/1
END
cat > "$LOGS/dhcp6c.conf" << END
interface ppp0 { send ia-pd 1; send ia-na 2; send rapid-commit; request domain-name-servers; };
id-assoc na 2 { };
id-assoc pd 1 { prefix ::/56 infinity; prefix-interface lan0 { sla-len 8; sla-id 1; ifid 1; }; };
END

global() { ip -n "$1" -6 -o addr show dev "$2" scope global -tentative | awk '{ sub("/.*", "", $4); print $4; exit }'; }
has_global() { [ -n "$(global "$1" "$2")" ]; }
up() {
  wait_for 60 'PPP at the LAC' has_ppp_links lac 1
  wait_for 20 'an address by router advertisement' has_global lac ppp0
}
# A host behind the subscriber reaches what is behind the LNS, and is reached.
through() {
  wait_for 30 'an address of the delegated prefix on lan0' has_global lac lan0
  LAN=$(global lac lan0)
  say "the LAN has $LAN"
  ip -n home -6 addr replace "${LAN%::*}::2/64" dev lan0 nodad
  ip -n home -6 route replace default via "$LAN"
  pings home $BEHIND
  pings lns "${LAN%::*}::2"
}
routed() { ip -n lns -6 route show | grep -q "^2001:db8:77[0-9a-f:]*/56 dev ppp0"; }
dropped() { in_ns lns nft list table inet l2tpd_sources | sed -n 's/.*oif missing counter packets \([0-9]*\) .*/\1/p'; }

start_in_turn
up
address=$(global lac ppp0)
pings lac $BEHIND
pings lns "$address"
ip -n lac -6 route show default | grep -q 'via fe80::.* dev ppp0' || fail 'the subscriber has no default route by advertisement'
in_ns lac rdisc6 -1 -r 1 -w 5000 ppp0 | tee "$LOGS/rdisc6.txt"
grep -q '2001:db8:f00:.*/64' "$LOGS/rdisc6.txt" && grep -q '2001:db8::53' "$LOGS/rdisc6.txt" || fail 'rdisc6 does not see prefix and name server'

mkdir -p /var/lib/dhcpv6 /run/dhcpcd
start dhcp6c lac dhcp6c -f -D -c "$LOGS/dhcp6c.conf" -p /run/dhcp6c.pid ppp0
through
first=$LAN
wait_for 5 'the route of the prefix' routed
before=$(dropped)
ip -n lac -6 addr add fd00:66::1/128 dev lo nodad
! in_ns lac ping -6 -q -n -c 3 -i 0.2 -W 1 -I fd00:66::1 $BEHIND || fail 'a forged packet was answered'
[ "$(dropped)" -ge $((before + 3)) ] || fail "the table counts $(dropped) forged packets, $before before three more"
stop dhcp6c
wait_for 5 'the release' not routed

# A new session, and another client: the same prefixes.
stop l2tpd-lac
wait_for 30 'the end of the first session' has_ppp_links lns 0
start_l2tpd lac
up
link=$(global lac ppp0)
[ "${link%:*:*:*:*}" = "${address%:*:*:*:*}" ] || fail "the new session has the address $link, the first one had $address"
ip -n lac -6 addr flush dev lan0 scope global
start dhcpcd lac dhcpcd -B -d -f "$LOGS/dhcpcd.conf" ppp0
through
[ "${LAN%::*}" = "${first%::*}" ] || fail "the new session has the prefix of $LAN, not of $first"
kill -9 "${PIDS[dhcpcd]}"

stop l2tpd-lac
wait_for 30 'no PPP at the LNS' has_ppp_links lns 0
! routed || fail 'the route of a prefix is left'
stop l2tpd-lns
[ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
! ip -n lns -6 route | grep -q '2001:db8:[7f]0' || fail 'a route of a pool is left'
