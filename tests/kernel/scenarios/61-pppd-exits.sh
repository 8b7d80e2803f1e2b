#!/bin/bash
# pppd exits at once: its status is in the log, the session ends with a CDN, persist tries again, nothing leaks

printf '#!/bin/sh\necho "no such luck"\nexit 1\n' > /usr/local/sbin/broken-pppd
chmod 755 /usr/local/sbin/broken-pppd
LNS_PPP='program: /usr/local/sbin/broken-pppd'
world
lns_config
lac_config
start_l2tpd lns
start_l2tpd lac
wait_for 90 "pppd's own words in the log" logged l2tpd-lns 'no such luck'
wait_for 10 'another attempt' logged_times l2tpd-lns 'no such luck' 2
stop_both
