#!/bin/bash
# the userspace data plane against the kernel's: Ethernet and PPP over L2TPv3, PPP over L2TPv2, numbered both ways, over a link that reorders; a wrong cookie

. "$here/v3.sh"
world
modprobe tun || fail 'this kernel has no TUN'
LNS_SESSION='ppp: built, sequencing: true, reorder-timeout: 200ms'
v3_lns udp
v3_lac
v3_wire udp 4 eth4 \
  'ppp: none, pseudowire: { cookie: 8, interface: "{end-id}", mtu: 1500, addresses: [10.98.4.1/24] }' \
  'sequencing: true, reorder-timeout: 200ms, pseudowire: { cookie: 4, interface: pw0, mtu: 1500, addresses: [10.98.4.2/24] }'
v3_wire udp 4 ppp4 'ppp: built' 'sequencing: true, reorder-timeout: 200ms, ppp: built'
cat >> "$LOGS/lac.yaml" << END
  two: { lns: "$LNS4", secret: $SECRET, backoff: { initial: 1s, maximum: 2s }, sessions: { s: { sequencing: true, reorder-timeout: 200ms, ppp: built } } }
END
sed -i 's/protocol: v3/protocol: auto/; /^  server: /d' "$LOGS/lns.yaml"
sed -i 's/data-plane: kernel/data-plane: userspace/; /^  client: /d' "$LOGS/lac.yaml"
v3_start
wait_for 90 'the pseudowire at the LAC' has_interface lac pw0
wait_for 20 'the pseudowire at the LNS' has_interface lns eth4
wait_for 30 'PPP twice at the LNS' has_ppp_links lns 2
two_addresses() { [ "$(ip -n lac -o -4 addr show | grep -c ' 10\.99\.1\.[0-9]* peer ')" -eq 2 ]; }
wait_for 30 'PPP twice at the LAC' two_addresses
has_tunnels lac 0 || fail 'the LAC uses its kernel'

pings lac 10.98.4.1
pings lns 10.98.4.2
in_ns lns ping -q -n -c 3 -i 0.2 -W 2 -s 1472 -M do 10.98.4.2 || fail 'no frame of 1,500 octets came through'
ours=$(ip -n lac -o -4 addr show | sed -n 's/.* inet \(10\.99\.1\.[0-9]*\) peer .*/\1/p')
for address in $ours; do
  in_ns lac ping -q -n -c 3 -i 0.2 -W 2 -I "$address" 10.99.1.1 || fail "no ping from $address"
  pings lns "$address"
done
ip -n lns l2tp show session | tee "$LOGS/kernel.txt"
[ "$(grep -c 'sequence numbering: send recv' "$LOGS/kernel.txt")" -ge 1 ] || fail 'no sequence numbers'

say 'a link that reorders'
for side in lac lns; do
  ip netns exec $side tc qdisc add dev ${side}0 root netem delay 30ms reorder 50%
  in_ns $side ping -q -n -c 10 -i 0.05 -W 3 10.98.4.$([ $side = lac ] && echo 1 || echo 2) || fail "packets were lost from the $side"
  in_ns lac ping -q -n -c 10 -i 0.05 -W 3 10.99.1.1 || fail 'packets were lost of PPP'
  ip netns exec $side tc qdisc del dev ${side}0 root
done
v3_wrong_cookie udp lns eth4/eth4

stop l2tpd-lac
[ $STATUS -eq 0 ] || fail "l2tpd-lac ended with $STATUS"
[ -z "$(ip -n lac -o link show | grep -E ': (pw|tun|ppp|l2tp)')" ] || fail "left at the LAC: $(ip -n lac -o link show)"
wait_for 5 'nothing left at the LNS' is_empty lns
stop l2tpd-lns
[ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
