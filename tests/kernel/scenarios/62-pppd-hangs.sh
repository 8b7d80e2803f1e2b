#!/bin/bash
# pppd does not end when asked: it is killed in the end, and nothing is left

printf '#!/bin/bash\ntrap "" TERM HUP INT\necho hanging\nwhile :; do sleep 1; done\n' > /usr/local/sbin/hanging-pppd
chmod 755 /usr/local/sbin/hanging-pppd
LNS_PPP='program: /usr/local/sbin/hanging-pppd'
LNS_TOP='shutdown: { wait: 3s, ppp-wait: 2s }'
world
lns_config
lac_config
start_l2tpd lns
start_l2tpd lac
wait_for 90 'the program to run' logged l2tpd-lns 'hanging'
stop l2tpd-lns $((3 + 2 + ALLOWANCE))
[ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
wait_for 3 'no process left' no_process hanging-pppd
nothing_left 3 lns
stop l2tpd-lac
nothing_left 5
