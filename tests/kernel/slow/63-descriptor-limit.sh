#!/bin/bash
# an LNS out of descriptors refuses tunnels with StopCCN 2/4, says so in one line, and goes on serving

world
chap_secret lns user pass
LNS_TOP='limits: { half-open: 1000, half-open-per-source: 1000, sccrq-rate-per-source: 10000, sccrq-burst-per-source: 10000 }'
lns_config
mkdir -p /run/l2tpd-lns
start l2tpd-lns lns bash -c "ulimit -n 350; exec '$L2TPD' --config '$LOGS/lns.yaml'"
wait_for 60 'the LNS to listen' listening lns
{ top_config lac; echo tunnels:; for number in {1..300}; do echo "  t$number: { lns: $LNS4, secret: $SECRET, persist: false }"; done; } > "$LOGS/lac.yaml"
start_l2tpd lac
wait_for 60 'the limit' logged l2tpd-lns 'open files is reached'
wait_for 30 'the refusals at the LAC' logged l2tpd-lac 'StopCCN: result 2 .*error 4'
sleep 3
[ "$(grep -c 'open files is reached' "$LOGS/l2tpd-lns.log")" = 1 ] || fail 'it was said more than once'
count=$(tunnels lns)
say "$count tunnels within the limit"
[ "$count" -gt 10 ] && [ "$count" -lt 300 ] || fail "$count tunnels"
ctl lns show status > "$LOGS/status" || fail 'the control socket does not answer'
stop l2tpd-lac 60
nothing_left 30
lac_config
start_l2tpd lac
up
stop_both
