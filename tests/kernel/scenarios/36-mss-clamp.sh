#!/bin/bash
# mss-clamp on the kernel data plane: TCP between hosts behind both ends over IPv4 and IPv6, SYNs lowered both ways; a reload to another MTU; the table goes with the daemon

MTU=1300
world
namespace home
namespace host
link home home0 10.60.0.2/24 lac lac1 10.60.0.1/24
link lns lns1 10.50.0.1/24 host host0 10.50.0.2/24
for side in lac lns; do in_ns $side sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; done
for end in home:home0:60:2 lac:lac1:60:1 lns:lns1:50:1 host:host0:50:2; do
  IFS=: read -r side device network number <<< "$end"
  ip -n "$side" addr add "fd00:$network::$number/64" dev "$device" nodad
done
ip -n home route add default via 10.60.0.1; ip -n home -6 route add default via fd00:60::1
ip -n host route add default via 10.50.0.1; ip -n host -6 route add default via fd00:50::1

# Only the LNS clamps; the tunnel itself would carry packets of 1,300 and no more.
{ top_config lns; cat << END; } > "$LOGS/lns.yaml"
listen: "$LNS4"
peers:
  any: { secret: $SECRET, lns: { ppp: { backend: built-in, auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.12, ipv6: true, mtu: $MTU, mru: $MTU,
         mss-clamp: true, users: { user: { password: pass } } } } }
END
lac_top lac
echo "      one: { ppp: { backend: built-in, user: user, password: pass, ipv6: true, mtu: $MTU, mru: $MTU } }" >> "$LOGS/lac.yaml"
start_in_turn
wait_for 60 'PPP at the LAC' has_ppp_links lac 1
wait_for 20 'PPP at the LNS' has_ppp_links lns 1
has_six() { ip -n "$1" -6 -o addr show dev ppp0 | grep -q ' fe80'; }
for side in lac lns; do wait_for 10 "IPv6 at the $side" has_six $side; done
ip -n lac route add 10.50.0.0/24 dev ppp0; ip -n lac -6 route add fd00:50::/64 dev ppp0
ip -n lns route add 10.60.0.0/24 dev ppp0; ip -n lns -6 route add fd00:60::/64 dev ppp0
pings home 10.50.0.2
in_ns home ping -6 -q -n -c 2 -i 0.2 -W 2 fd00:50::2 || fail 'no IPv6 ping from home to the host'
in_ns lns nft list table inet l2tpd | tee "$LOGS/table.txt"
grep -q "maxseg size set $((MTU - 40))" "$LOGS/table.txt" || fail 'the table does not say the MSS'

mkdir "$LOGS/www"
head -c 300000 /dev/urandom > "$LOGS/www/file"
start httpd host busybox httpd -f -p 8080 -h "$LOGS/www"
for side in home host; do
  start "capture-$side" $side tcpdump -Z root -U -n -i ${side}0 -w "$LOGS/$side.pcap" 'tcp port 8080 or (ip6 and tcp)'
  wait_for 10 "the capture at $side" logged "capture-$side" 'listening on'
done
for address in 10.50.0.2 '[fd00:50::2]'; do
  in_ns home timeout 30 busybox wget -q -O "$LOGS/got" "http://$address:8080/file" || fail "nothing came from $address"
  cmp "$LOGS/got" "$LOGS/www/file" || fail "something else came from $address"
done
sleep 0.5
for side in home host; do
  stop "capture-$side"
  tcpdump -n -r "$LOGS/$side.pcap" > "$LOGS/$side.txt" 2> /dev/null
done

# seen SIDE FAMILY FLAGS MSS: such a packet, and none with another MSS
seen() {
  grep -E "^[0-9:.]+ $2 .* Flags \[$3\]" "$LOGS/$1.txt" > "$LOGS/syn.txt" || fail "no [$3] of $2 at $1"
  [ "$(grep -Ec "mss $4[],]" "$LOGS/syn.txt")" -eq "$(wc -l < "$LOGS/syn.txt")" ] || fail "at $1 not $4: $(cat "$LOGS/syn.txt")"
  say "$1: $2 [$3] mss $4"
}
# As each end said it, and as the other heard it.
seen home 'IP' 'S' 1460
seen host 'IP' 'S' $((MTU - 40))
seen host 'IP' 'S\.' 1460
seen home 'IP' 'S\.' $((MTU - 40))
seen home 'IP6' 'S' 1440
seen host 'IP6' 'S' $((MTU - 60))
seen host 'IP6' 'S\.' 1440
seen home 'IP6' 'S\.' $((MTU - 60))
# Nobody had to find out about the path: no segment that came was longer.
longest=$(sed -n 's/.* 10\.50\.0\.2\.8080 > .* length \([0-9]*\).*/\1/p' "$LOGS/home.txt" | sort -n | tail -n 1)
[ "$longest" -gt 1000 ] && [ "$longest" -le $((MTU - 40)) ] || fail "the longest segment has $longest octets"

# A reload to another MTU brings the rules of its group before the first session that has it.
sed -i "s/mtu: $MTU, mru: $MTU/mtu: 1260, mru: 1260/; s/ipv6: true, //" "$LOGS/lns.yaml"
kill -HUP "${PIDS[l2tpd-lns]}"
has_rules() { in_ns lns nft list table inet l2tpd | grep -q "maxseg size set $((1260 - 40))"; }
wait_for 10 'the rules of the new MTU' has_rules

kill_hard l2tpd-lac
stop l2tpd-lns 60
[ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
! in_ns lns nft list table inet l2tpd 2> /dev/null || fail 'the table is left'
