#!/bin/bash
# SIGTERM with the peer gone waits no longer than told; a second one ends at once

LAC_TOP='shutdown: { wait: 20s, ppp-wait: 20s }'
LNS_TOP='shutdown: { wait: 2s, ppp-wait: 2s }'
HELLO=60
bring_up
cut_link
kill -TERM "${PIDS[l2tpd-lac]}"
sleep 1
running l2tpd-lac || fail 'it did not wait for its peer'
kill -TERM "${PIDS[l2tpd-lac]}"
ended l2tpd-lac 2
nothing_left 3 lac
stop l2tpd-lns $((2 + 2 + ALLOWANCE))
nothing_left 3 lns
