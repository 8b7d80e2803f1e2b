#!/bin/bash
# fwmark of a dialled tunnel, a listener and a peer: every packet bears it, and policy routing takes the other link

# Nothing here is about dead peers: no slow guest is to be taken for one.
CAP=2 RETRIES=6 WAITS=12 DETECTION=$((HELLO + 12))

world
link lac lac1 10.9.1.1/24 lns lns1 10.9.1.2/24
ip -n lns addr add 10.7.0.1/32 dev lo
ip -n lac route add 10.7.0.1 via 10.9.0.2
ip -n lac rule add fwmark 0x10 lookup 100
ip -n lac route add 10.7.0.1 via 10.9.1.2 table 100
for side in lac lns; do
  in_ns $side sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
  in_ns $side nft -f - << 'END'
table inet marks {
  counter dialled { }
  counter listener { }
  counter peer { }
  counter unmarked { }
  chain sent {
    type filter hook output priority 0
    meta mark 0x10 udp dport 1701 counter name dialled
    meta mark 0x20 udp sport 1701 counter name listener
    meta mark 0x30 udp sport 1701 counter name peer
    meta mark 0 udp sport 1701 counter name unmarked
    meta mark 0 udp dport 1701 counter name unmarked
  }
}
END
done
marked() { in_ns "$1" nft list counter inet marks "$2" | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }
marked_more_than() { [ "$(marked "$1" "$2")" -gt "$3" ]; }

chap_secret lns user pass
LAC_REMOTE=10.7.0.1 LAC_TUNNEL='fwmark: 0x10'
LNS_PEER='match: { host-name: lac }'
lns_config
sed -i 's/^listen: .*/listen: { address: 0.0.0.0, fwmark: 0x20 }/' "$LOGS/lns.yaml"
cat >> "$LOGS/lns.yaml" << END
  marked: { match: { host-name: other }, secret: $SECRET, fwmark: 0x30, lns: { ppp: none } }
END
lac_config
echo "  other: { lns: 10.7.0.1, secret: $SECRET, host-name: other, fwmark: 0x10 }" >> "$LOGS/lac.yaml"
start_in_turn
up
wait_for 20 'both tunnels' has_tunnels lac 2
[ "$(ip -n lac l2tp show tunnel | grep -c 'From 10.9.1.1 to 10.7.0.1')" = 2 ] || fail "not by the other link: $(ip -n lac l2tp show tunnel)"
in_ns lac ping -q -n -c 20 -i 0.05 -W 2 10.99.0.1 || fail 'packets were lost'
# HELLOs go over the tunnel that has no session.
wait_for $((2 * HELLO + ALLOWANCE)) "the peer's mark on its tunnel" marked_more_than lns peer 1
say "LAC: $(marked lac dialled) marked; LNS: $(marked lns listener) as the listener, $(marked lns peer) as the peer"
marked_more_than lac dialled 25 || fail 'the data of the LAC is not marked'
# The tunnel's own socket has the listener's mark where the peer has none.
marked_more_than lns listener 25 || fail 'the data of the LNS is not marked'
[ "$(marked lac unmarked)$(marked lns unmarked)" = 00 ] || fail 'packets without a mark'
stop_both
