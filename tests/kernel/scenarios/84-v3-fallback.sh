#!/bin/bash
# protocol: auto offers both versions: a v2-only xl2tpd is spoken to in v2, l2tpd in v3; PPP with both

. "$here/v3.sh"
world
chap_secret lns user pass
ppp_options "$LOGS/lns.ppp" auth require-chap 'name lns'
mkdir -p "$LOGS/xl2tpd-lns"
echo "* * $SECRET" > "$LOGS/xl2tpd-lns/secrets"
start_xl2tpd lns << END
[lns default]
ip range = 10.99.0.10-10.99.0.20
local ip = 10.99.0.1
require authentication = yes
challenge = yes
pppoptfile = $LOGS/lns.ppp
END
LAC_TUNNEL='protocol: auto'
lac_config
start_l2tpd lac
up
fact_is lac up/one pseudowire.type '' || fail 'not in v2'
stop xl2tpd-lns
wait_for $((DETECTION + ALLOWANCE)) 'the LAC to notice' has_sessions lac 0
LNS_PEER='protocol: auto'
lns_config
start_l2tpd lns
wait_for 90 'PPP in v3' fact_is lac up/one pseudowire.type ppp
up
stop_both
