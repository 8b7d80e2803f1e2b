#!/bin/bash
# 100 PPP sessions in one tunnel: all up, all pinged, all gone

world
chap_secret lns user pass
lns_config
lac_top lac
for number in {1..100}; do
  printf '      s%s: { ppp: { user: user, password: pass } }\n' "$number" >> "$LOGS/lac.yaml"
done
start_l2tpd lns
start_l2tpd lac
wait_for 90 '100 PPP links at the LAC' has_ppp_links lac 100
wait_for 10 '100 PPP links at the LNS' has_ppp_links lns 100
has_tunnels lac 1 || fail 'more than one tunnel'
has_sessions lac 100 || fail "$(sessions lac) sessions at the LAC"
has_sessions lns 100 || fail "$(sessions lns) sessions at the LNS"
in_ns lns bash -c 'for host in {10..109}; do ping -q -n -c 1 -W 3 10.99.0.$host > /dev/null & pids+=($!); done
  bad=0; for pid in ${pids[@]}; do wait $pid || bad=$((bad + 1)); done; exit $bad' || fail "$? of 100 addresses do not answer"
stop l2tpd-lac 60
[ $STATUS -eq 0 ] || fail "l2tpd-lac ended with $STATUS"
nothing_left 20
stop l2tpd-lns
