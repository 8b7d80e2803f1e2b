#!/bin/bash
# two LACs behind one NAT address, both from port 1701: two tunnels, two sessions, each its own

world                       # lac is the NAT router here
chap_secret lns user pass
for number in 1 2; do
  namespace client$number
  link client$number up0 10.8.$number.2/24 lac down$number 10.8.$number.1/24
  ip -n client$number route add default via 10.8.$number.1
done
in_ns lac nft -f - << 'END'
table ip nat {
  chain out {
    type nat hook postrouting priority srcnat
    oifname "lac0" masquerade
  }
}
END
lns_config
LAC_TUNNEL='source-port: 1701'
start_l2tpd lns
for number in 1 2; do
  lac_config client$number
  start_l2tpd client$number
done
for number in 1 2; do
  wait_for 90 "PPP at client $number" has_ppp_links client$number 1
  pings client$number 10.99.0.1
done
has_tunnels lns 2 || fail "tunnels at the LNS: $(ip -n lns l2tp show tunnel)"
[ "$(ip -n lns l2tp show tunnel | grep -c "to $LAC4")" -eq 2 ] || fail 'not both from the NAT address'
stop l2tpd-client1
wait_for 5 'only its own tunnel to go' has_tunnels lns 1
pings client2 10.99.0.1
stop l2tpd-client2
nothing_left 5 client1 client2 lns
stop l2tpd-lns
