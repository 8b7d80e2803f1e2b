#!/bin/bash
# bind-device: a dialled tunnel takes its link whatever routing says, a listener hears only its own, and one in a VRF serves from there

# Nothing here is about dead peers: no slow guest is to be taken for one.
CAP=2 RETRIES=6 WAITS=12 DETECTION=$((HELLO + 12))

world
for number in 1 2; do link lac lac$number 10.9.$number.1/24 lns lns$number 10.9.$number.2/24; done
for side in lac lns; do in_ns $side sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0; done
ip -n lns addr add 10.7.0.1/32 dev lo
ip -n lac route add 10.7.0.1 via 10.9.0.2 metric 10
ip -n lac route add 10.7.0.1 via 10.9.1.2 metric 20
# lns2 and its routes are out of the main table.
ip -n lns link add blue type vrf table 10
ip -n lns link set blue up
ip -n lns link set lns2 master blue
chap_secret lns user pass

# up: by the link that routing would not choose. deaf: by one where nobody listens. blue: to the listener in the VRF.
lns_config
sed -i 's/^listen: .*/listen: [{ address: 0.0.0.0, bind-device: lns1 }, { address: 10.9.2.2, bind-device: blue }]/' "$LOGS/lns.yaml"
LAC_REMOTE=10.7.0.1 LAC_TUNNEL='bind-device: lac1'
lac_config
cat >> "$LOGS/lac.yaml" << END
  deaf: { lns: 10.7.0.1, secret: $SECRET, bind-device: lac0 }
  blue: { lns: 10.9.2.2, secret: $SECRET, sessions: { two: { ppp: { user: user, password: pass } } } }
END
start_in_turn
wait_for 90 'PPP in both tunnels' has_ppp_links lac 2
wait_for 20 'PPP at the LNS' has_ppp_links lns 2
for address in '10.9.1.1 to 10.7.0.1' '10.9.2.1 to 10.9.2.2'; do
  ip -n lac l2tp show tunnel | grep -q "From $address" || fail "no tunnel from $address: $(ip -n lac l2tp show tunnel)"
done
for device in lns1 blue; do
  in_ns lns ss -Hun state connected 'sport = :1701' | grep -q "%$device" || fail "no tunnel's socket is bound to $device: $(in_ns lns ss -Huna)"
done
for ppp in ppp0 ppp1; do in_ns lac ping -q -n -c 3 -i 0.2 -W 2 -I $ppp 10.99.0.1 || fail "no ping by $ppp"; done
wait_for $((WAITS + 20)) 'the other link to be unheard' logged l2tpd-lac 'deaf.*nothing listens at 10.7.0.1'
has_tunnels lns 2 || fail "tunnels at the LNS: $(ip -n lns l2tp show tunnel)"
stop_both
