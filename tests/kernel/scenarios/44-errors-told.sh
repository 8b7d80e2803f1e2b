#!/bin/bash
# WEN from the kernel's counters: a reordering link makes the LAC discard data, and the LNS is told once

# Nothing here is about dead peers: no slow guest is to be taken for one.
CAP=2 RETRIES=6 WAITS=12 DETECTION=$((HELLO + 12))

LAC_SESSION='sequencing: true
        report-errors: true'
LNS_SESSION='sequencing: true'
world
chap_secret lns user pass
lns_config
lac_config
start_in_turn
up
told() { [ -n "$(errors)" ]; }
errors() { ctl lns --json show sessions | sed -n 's/.*"buffer-overruns": *\([0-9]*\).*/\1/p;s/.*"bufferOverruns": *\([0-9]*\).*/\1/p' | head -n 1; }
sleep 1
! told || fail "errors were told before there were any: $(errors)"
ip netns exec lns tc qdisc add dev lns0 root netem delay 30ms reorder 50%
in_ns lac ping -q -n -c 40 -i 0.02 -W 1 10.99.0.1 | tail -n 3 || true
ip netns exec lns tc qdisc del dev lns0 root
discarded=$(in_ns lac cat /proc/net/pppol2tp | awk '/SESSION \047/ { session = 1; line = 0 } session && ++line == 3 { print $3; exit }')
say "the LAC's kernel counts (packets/octets/errors received) $discarded"
wait_for $((12 + ALLOWANCE)) 'the LNS to be told' told
[ "$(errors)" -gt 0 ] || fail 'no discarded packet was told'
[ "${discarded##*/}" -ge "$(errors)" ] || fail "$(errors) told, the kernel counts $discarded"
[ "$(grep -c 'Wen' "$LOGS/l2tpd-lns.log")" -eq 1 ] || fail 'not one WEN'
stop_both
