#!/bin/bash
# Static tunnels over IP protocol 115 against `ip l2tp`, at either end, IPv4 and IPv6; nothing left, after a crash neither

. "$here/static.sh"
static_by_hand ip
kill_hard l2tpd-lac
start_l2tpd lac
wait_for 90 'the interface again' link_up lac wire4
pings lac 10.97.4.2
wait_for 60 'the daemon ready' logged_times l2tpd-lac 'Ready:' 2
static_stop
