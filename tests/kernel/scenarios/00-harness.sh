#!/bin/bash
# xl2tpd to xl2tpd with tunnel secret and CHAP: the kernel, pppd and the peer work without us

world
chap_secret lac user pass
chap_secret lns user pass
ppp_options "$LOGS/lns.ppp" auth require-chap 'name lns'
ppp_options "$LOGS/lac.ppp" noauth 'user user' 'name user'

start_xl2tpd lns << END
[lns default]
ip range = 10.99.0.10-10.99.0.20
local ip = 10.99.0.1
require authentication = yes
challenge = yes
pppoptfile = $LOGS/lns.ppp
END
sleep 0.5
start_xl2tpd lac << END
[lac out]
lns = $LNS4
challenge = yes
autodial = yes
pppoptfile = $LOGS/lac.ppp
END

wait_for 60 'PPP at the LAC' has_ppp_links lac 1
wait_for 5 'PPP at the LNS' has_ppp_links lns 1
has_sessions lac 1 || fail "sessions: $(ip -n lac l2tp show session)"
pings lac 10.99.0.1
pings lns 10.99.0.10
stop xl2tpd-lac
stop xl2tpd-lns
# xl2tpd's pppd outlives it: it goes on asking the vanished peer to terminate, for 6 s.
nothing_left 12
