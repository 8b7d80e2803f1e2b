#!/bin/bash
# l2tpd to l2tpd: tunnel secret, hidden AVPs, CHAP, pings both ways, clean end

LNS_PEER='hide-avps: true'
LAC_TUNNEL='hide-avps: true'
world
start capture lns tcpdump -i lns0 -U -w "$LOGS/link.pcap" udp port 1701
bring_up
in_ns lns ping -q -n -c 3 -i 0.2 -W 2 10.99.0.10 || fail 'no ping from the LNS to the LAC'

has_tunnels lac 1 && has_sessions lac 1 && has_tunnels lns 1 && has_sessions lns 1 || fail 'not one tunnel and one session at each end'
for side in lac lns; do
  ctl $side show tunnels
  ctl $side show sessions
done

stop_both
kill "${PIDS[capture]}"; wait "${PIDS[capture]}" || true
hidden=$(tshark -r "$LOGS/link.pcap" -Y 'l2tp.avp.hidden == 1' 2> "$LOGS/tshark.log" | wc -l)
[ "$hidden" -gt 0 ] || fail 'no hidden AVP was sent'
malformed=$(tshark -r "$LOGS/link.pcap" -Y _ws.malformed 2>> "$LOGS/tshark.log")
[ -z "$malformed" ] || fail "tshark finds malformed packets: $malformed"
