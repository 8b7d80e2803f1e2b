#!/bin/bash
# ipsec: required with strongSwan at both ends, IPv4 and IPv6: only ESP on the wire, clear text is dropped by the kernel and counted
. "$(dirname "${BASH_SOURCE[0]}")/../ipsec.sh"

ipsec_world
ipsec_tunnels
start lns-capture lns tcpdump -U -n -i lns0 -w "$LOGS/wire.pcap" not arp
ipsec_up
in_ns lac ping -q -n -c 3 -i 0.2 -W 2 -p c1ea7e57 10.99.0.1 || fail 'no ping through ESP'
swan lns --list-sas | tee "$LOGS/sas.txt"
[ "$(grep -c 'INSTALLED, TRANSPORT' "$LOGS/sas.txt")" -ge 2 ] || fail 'not two associations in transport mode'
[ "$(clear_drops lns)" -eq 0 ] || fail "$(clear_drops lns) dropped in clear text before the attack"

say 'clear text to both listeners, from ports of the LAC without IPsec'
before=$(ctl lns show status | awk '/^counters.datagrams-received:/ { print $2 }')
for target in $LNS4 $LNS6; do
  in_ns lac bash -c "printf '\\xc8\\x02\\x00\\x0c\\0\\0\\0\\0\\0\\0\\0\\0' > /dev/udp/$target/1701"
done
wait_for 5 'clear text to be counted' more_clear_drops lns 2
has_tunnels lns 2 || fail 'a tunnel was lost'
pings lac 10.99.0.1
ctl lns show status | grep -E 'datagrams-received|ipsec' || true
say "datagrams received by the daemon: $before before"

stop lns-capture
[ "$(tcpdump -n -r "$LOGS/wire.pcap" 'ip proto 50 or ip6 proto 50' 2> /dev/null | wc -l)" -ge 20 ] || fail 'no ESP on the wire'
# Our two clear datagrams are the only L2TP that is not in ESP.
[ "$(tcpdump -n -r "$LOGS/wire.pcap" 'udp and port 1701' 2> /dev/null | wc -l)" -eq 2 ] || fail 'clear text L2TP on the wire'
LC_ALL=C grep -aqP '\xc1\xea\x7e\x57\xc1\xea\x7e\x57' "$LOGS/wire.pcap" && fail 'the payload of a ping is readable on the wire'
grep -aq "user" "$LOGS/wire.pcap" && fail 'the name of the user is readable on the wire'

ipsec_stop
