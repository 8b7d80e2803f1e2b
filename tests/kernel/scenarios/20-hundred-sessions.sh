#!/bin/bash
# 100 PPP sessions in one tunnel: all up, all pinged, all gone

# 200 pppd starting at once keep a slow guest busy for longer than the other scenarios' timers allow a peer to be silent.
HELLO=60 RETRANSMIT=1 CAP=8 RETRIES=5
LAC_TOP='shutdown: { wait: 60s, ppp-wait: 60s }'
LNS_TOP=$LAC_TOP
world
chap_secret lns user pass
# One host has all the sessions, and answers by its first interface: to the LNS most sources are others' addresses.
LNS_PPP='source-check: false'
lns_config
lac_top lac
for number in {1..100}; do
  printf '      s%s: { ppp: { user: user, password: pass } }\n' "$number" >> "$LOGS/lac.yaml"
done
start_l2tpd lns
start_l2tpd lac
wait_for 180 '100 PPP links at the LAC' has_ppp_links lac 100
wait_for 60 '100 PPP links at the LNS' has_ppp_links lns 100
has_tunnels lac 1 || fail 'more than one tunnel'
has_sessions lac 100 || fail "$(sessions lac) sessions at the LAC"
has_sessions lns 100 || fail "$(sessions lns) sessions at the LNS"
addresses=$(ip -n lns -o -4 addr show | sed -n 's/.* peer \(10\.99\.0\.[0-9]*\).*/\1/p')
[ "$(sort -u <<< "$addresses" | wc -l)" -eq 100 ] || fail 'not 100 different addresses'
pids=()
for address in $addresses; do
  ip netns exec lns ping -q -n -c 2 -W 5 "$address" > /dev/null &
  pids+=($!)
done
silent=0
for pid in "${pids[@]}"; do wait "$pid" || silent=$((silent + 1)); done
[ $silent -eq 0 ] || fail "$silent of 100 addresses do not answer"
say 'all 100 answer'
stop l2tpd-lac 90
[ $STATUS -eq 0 ] || fail "l2tpd-lac ended with $STATUS"
nothing_left 30
stop l2tpd-lns
[ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
