#!/bin/bash
# fwmark of a dialled tunnel, a listener and a peer: every packet bears it, and policy routing takes the other link

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
  chain sent {
    type filter hook output priority 0
    meta mark 0x10 udp dport 1701 counter name dialled
    meta mark 0x20 udp sport 1701 counter name listener
    meta mark 0x30 udp sport 1701 counter name peer
    meta mark 0 udp sport 1701 counter name unmarked
    meta mark 0 udp dport 1701 counter name unmarked
  }
  counter dialled { }
  counter listener { }
  counter peer { }
  counter unmarked { }
}
END
done
marked() { in_ns "$1" nft list counter inet marks "$2" | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }

LAC_REMOTE=10.7.0.1 LNS_LISTEN='{ address: 0.0.0.0, fwmark: 0x20 }' LAC_TUNNEL='fwmark: 0x10'
sed_listen() { sed -i 's/^listen: "\(.*\)"$/listen: \1/' "$LOGS/lns.yaml"; }
chap_secret lns user pass
lns_config; sed_listen
lac_config
start_l2tpd lns
start_l2tpd lac
up
ip -n lac l2tp show tunnel | grep -q 'From 10.9.1.1 to 10.7.0.1' || fail "not by the other link: $(ip -n lac l2tp show tunnel)"
in_ns lac ping -q -n -c 20 -i 0.05 -W 2 10.99.0.1 || fail 'packets were lost'
say "LAC: $(marked lac dialled) marked; LNS: $(marked lns listener) marked by the listener"
[ "$(marked lac dialled)" -gt 25 ] || fail 'the data of the LAC is not marked'
# The tunnel's own socket has the listener's mark where the peer has none.
[ "$(marked lns listener)" -gt 25 ] || fail 'the data of the LNS is not marked'
[ "$(marked lac unmarked)$(marked lns unmarked)" = 00 ] || fail 'packets without a mark'
stop_both

LNS_PEER='fwmark: 0x30'
lns_config; sed_listen
start_l2tpd lns
start_l2tpd lac
up
say "LNS: $(marked lns peer) marked by the peer"
[ "$(marked lns peer)" -gt 5 ] || fail "the peer's mark is not on its tunnel"
[ "$(marked lac unmarked)$(marked lns unmarked)" = 00 ] || fail 'packets without a mark'
stop_both
