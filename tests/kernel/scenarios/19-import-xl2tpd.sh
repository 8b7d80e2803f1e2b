#!/bin/bash
# What `l2tpctl import` makes of the LNS that xl2tpd was, and of the LAC that it was, talks to xl2tpd

world
chap_secret lns user pass
chap_secret lac user pass
ppp_options "$LOGS/lac.ppp" noauth 'user user' 'name user'
ppp_options "$LOGS/lns.ppp" auth require-chap 'name vpn'
echo '* * sesame' > "$LOGS/l2tp-secrets"

lac_of_xl2tpd() {
  cat << END
[lac out]
lns = $LNS4
challenge = yes
autodial = yes
redial = yes
redial timeout = 1
pppoptfile = $LOGS/lac.ppp
END
}

lns_of_xl2tpd() {
  cat << END
[lns default]
ip range = 10.99.0.10-10.99.0.250
local ip = 10.99.0.1
require authentication = yes
require chap = yes
challenge = yes
pppoptfile = $LOGS/lns.ppp
END
}

# import_as SIDE < xl2tpd's configuration: $LOGS/SIDE.yaml, which the daemon finds correct
import_as() {
  { printf '[global]\nauth file = %s\n' "$LOGS/l2tp-secrets"; cat; } > "$LOGS/$1.conf"
  (umask 077; : > "$LOGS/$1.yaml"; rm -f "$LOGS/imported.yaml")
  "$L2TPCTL" import xl2tpd "$LOGS/$1.conf" --chap-secrets "/etc/netns/$1/ppp/chap-secrets" --output "$LOGS/imported.yaml" ||
    fail "the import for $1 failed"
  { top_config "$1"; cat "$LOGS/imported.yaml"; } > "$LOGS/$1.yaml"
  "$L2TPD" --check "$LOGS/$1.yaml" || fail "the daemon does not take $1.yaml"
}

say 'the LNS is imported, the LAC is xl2tpd'
import_as lns <<< "$(lns_of_xl2tpd)"
start_l2tpd lns
wait_for 60 'the LNS to listen' listening lns
start_xl2tpd lac <<< "$(lac_of_xl2tpd)"
up
pings lns 10.99.0.10
stop xl2tpd-lac
nothing_left 12 lac
stop l2tpd-lns

say 'the LAC is imported, the LNS is xl2tpd'
import_as lac <<< "$(lac_of_xl2tpd)"
start_xl2tpd lns <<< "$(lns_of_xl2tpd)"
start_l2tpd lac
up
pings lac 10.99.0.1
stop l2tpd-lac
[ $STATUS -eq 0 ] || fail "l2tpd-lac ended with $STATUS"
stop xl2tpd-lns
