#!/bin/bash
# xl2tpd as LAC against our LNS, with tunnel secret and CHAP both ways of the challenge

world
chap_secret lns user pass
chap_secret lac user pass
ppp_options "$LOGS/lac.ppp" noauth 'user user' 'name user'
lns_config
start_l2tpd lns
wait_for 60 'the LNS to listen' listening lns
start_xl2tpd lac << END
[lac out]
lns = $LNS4
challenge = yes
autodial = yes
pppoptfile = $LOGS/lac.ppp
END
up
pings lns 10.99.0.10
stop xl2tpd-lac
# The tunnel's end is seen at once, not by a timer.
nothing_left 12 lac
nothing_left 3 lns
stop l2tpd-lns
[ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
