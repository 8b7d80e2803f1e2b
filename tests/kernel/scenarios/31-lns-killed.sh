#!/bin/bash
# the LNS killed with -9: the LAC notices in the computed time and is back by itself once the LNS is

bring_up
kill_hard l2tpd-lns
wait_for $((DETECTION + ALLOWANCE)) 'the LAC to notice' has_sessions lac 0
took_between $((WAITS - 1)) $((DETECTION + ALLOWANCE)) 'the LAC noticed'
wait_for 3 'its pppd to end' no_pppd lac
logged l2tpd-lac 'HELLO' || fail 'the log does not say which message was unanswered'
start_l2tpd lns
up
[ "$(pppd_count lns)" -eq 1 ] || fail "$(pppd_count lns) pppd at the LNS"
stop_both
