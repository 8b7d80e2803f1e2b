#!/bin/bash
# our LAC against xl2tpd as LNS, with tunnel secret and CHAP

world
chap_secret lns user pass
ppp_options "$LOGS/lns.ppp" auth require-chap 'name lns'
lac_config
start_xl2tpd lns << END
[lns default]
ip range = 10.99.0.10-10.99.0.20
local ip = 10.99.0.1
require authentication = yes
challenge = yes
pppoptfile = $LOGS/lns.ppp
END
start_l2tpd lac
up
pings lns 10.99.0.10
stop l2tpd-lac
[ $STATUS -eq 0 ] || fail "l2tpd-lac ended with $STATUS"
nothing_left 3 lac
stop xl2tpd-lns
nothing_left 12 lns
