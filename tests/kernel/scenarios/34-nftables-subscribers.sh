#!/bin/bash
# config/nftables/subscribers.nft: subscribers reach the host's services before it and none after it; pings, forwarding and the tunnel go on

world
namespace host
link lns lns1 10.50.0.1/24 host host0 10.50.0.2/24
ip -n host route add default via 10.50.0.1
in_ns lns sysctl -q -w net.ipv4.ip_forward=1
{ top_config lns; cat << END; } > "$LOGS/lns.yaml"
listen: 0.0.0.0
peers:
  any: { secret: $SECRET, lns: { ppp: { backend: built-in, auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.12, users: { user: { password: pass } } } } }
END
lac_top lac
echo "      one: { backoff: { initial: 1s, maximum: 2s }, ppp: { backend: built-in, user: user, password: pass } }" >> "$LOGS/lac.yaml"
mkdir "$LOGS/www"
echo here > "$LOGS/www/file"
for side in lns host; do start "httpd-$side" $side busybox httpd -f -p 8080 -h "$LOGS/www"; done
start_in_turn
wait_for 90 'PPP at the LAC' has_ppp_links lac 1
ip -n lac route add 10.50.0.0/24 dev ppp0

gets() { in_ns lac timeout 4 busybox wget -q -O - "http://$1:8080/file" 2> /dev/null | grep -q here; }
# Datagrams that are no L2TP, counted by the daemon where they reach it.
garbage() { ctl lns show status | awk '/unknown-version|malformed-headers/ { sum += $2 } END { print sum }'; }
send_garbage() { for _ in 1 2 3 4 5; do in_ns lac bash -c "printf 'xxxxxxxxxxxx' > /dev/udp/10.99.0.1/1701"; done; sleep 0.5; }

for address in 10.99.0.1 10.50.0.1; do gets $address || fail "the subscriber does not reach the service on $address even without the rules"; done
before=$(garbage)
send_garbage
[ "$(garbage)" -ge $((before + 5)) ] || fail 'the subscriber does not reach the L2TP port even without the rules'

in_ns lns nft -f "$here/../../config/nftables/subscribers.nft" || fail 'nft refuses the example'
in_ns lns nft -f "$here/../../config/nftables/subscribers.nft" || fail 'it cannot be loaded again'
for address in 10.99.0.1 10.50.0.1; do ! gets $address || fail "the subscriber still reaches the service on $address"; done
before=$(garbage)
send_garbage
[ "$(garbage)" -eq "$before" ] || fail 'the subscriber still reaches the L2TP port'
gets 10.50.0.2 || fail 'nothing is forwarded any more'
pings lac 10.99.0.1
pings lns "$(ip -n lac -o -4 addr show | awk '/ ppp[0-9]* / { print $4 }')"
# Longer than it takes to find a dead peer.
sleep $((DETECTION + 2))
has_tunnels lns 1 && has_sessions lns 1 || fail 'the tunnel did not outlive the rules'
in_ns lns nft list table inet l2tpd_host
stop_both
