#!/bin/bash
# pppd is not there: a clear line, the call is refused, nothing leaks

LNS_PPP='program: /nonexistent/pppd'
world
lns_config
lac_config
start_l2tpd lns
start_l2tpd lac
wait_for 90 'the line in the log' logged l2tpd-lns '/nonexistent/pppd'
wait_for 10 'the LAC to be told' logged l2tpd-lac 'CDN'
wait_for 10 'no session at the LNS' has_sessions lns 0
stop_both
