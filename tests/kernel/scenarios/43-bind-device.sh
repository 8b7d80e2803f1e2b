#!/bin/bash
# bind-device: a dialled tunnel takes its link whatever routing says, a listener hears only its own, and one in a VRF serves from there

world
link lac lac1 10.9.1.1/24 lns lns1 10.9.1.2/24
for side in lac lns; do in_ns $side sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0; done
ip -n lns addr add 10.7.0.1/32 dev lo
ip -n lac route add 10.7.0.1 via 10.9.0.2 metric 10
ip -n lac route add 10.7.0.1 via 10.9.1.2 metric 20
chap_secret lns user pass
unquote() { sed -i 's/^listen: "\(.*\)"$/listen: \1/' "$LOGS/lns.yaml"; }
sent() { in_ns "$1" cat "/sys/class/net/$2/statistics/tx_packets"; }

# The dialled tunnel, by the link that routing would not choose; the listener hears that link only.
LAC_REMOTE=10.7.0.1 LAC_TUNNEL='bind-device: lac1' LNS_LISTEN='{ address: 0.0.0.0, bind-device: lns1 }'
lns_config; unquote
lac_config
start_l2tpd lns
start_l2tpd lac
up
ip -n lac l2tp show tunnel | grep -q 'From 10.9.1.1 to 10.7.0.1' || fail "not by lac1: $(ip -n lac l2tp show tunnel)"
before=$(sent lac lac1)
in_ns lac ping -q -n -c 20 -i 0.05 -W 2 10.99.0.1 || fail 'packets were lost'
[ $(($(sent lac lac1) - before)) -ge 20 ] || fail 'the data did not go by lac1'
in_ns lns ss -Hun state established 'sport = :1701' | grep -q '%lns1' || fail "the tunnel's socket has not its listener's device: $(in_ns lns ss -Hunap)"
stop l2tpd-lac
nothing_left 5

LAC_TUNNEL='bind-device: lac0'
lac_config
start_l2tpd lac
wait_for 60 'the LAC to be unheard' logged l2tpd-lac 'does not acknowledge'
! has_tunnels lns 1 || fail 'the listener heard another link'
stop_both

# In a VRF, where lns1 and its routes are out of the main table; the kernel's tunnel socket is bound there too.
ip -n lns link add blue type vrf table 10
ip -n lns link set blue up
ip -n lns link set lns1 master blue
LAC_REMOTE=10.9.1.2 LAC_TUNNEL='' LNS_LISTEN='{ address: 10.9.1.2, bind-device: blue }'
lns_config; unquote
lac_config
start_l2tpd lns
start_l2tpd lac
up
stop_both
