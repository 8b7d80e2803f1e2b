#!/bin/bash
# built-in PPP as LNS refuses a wrong password: pppd is told by PPP, xl2tpd by CDN with RFC 3145's code; a fixed address for who is let in

world
LNS_PPP='backend: built-in, users: { user: { password: pass }, fixed: { password: pass, address: 10.99.7.7 } }'
{ top_config lns; cat << END; } > "$LOGS/lns.yaml"
listen: "$LNS4"
peers:
  any: { secret: $SECRET, lns: { ppp: { auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.12, $LNS_PPP } } }
END
printf 'user * wrong *\nfixed * pass *\n' > /etc/netns/lac/ppp/chap-secrets
start_l2tpd lns
wait_for 60 'the LNS to listen' listening lns

lac_as() { # USER
  ppp_options "$LOGS/lac.ppp" noauth "name $1"
  start_xl2tpd lac << END
[lac out]
lns = $LNS4
challenge = yes
autodial = yes
pppoptfile = $LOGS/lac.ppp
END
}
start capture lac tcpdump -U -i lac0 -w "$LOGS/capture.pcap" udp port 1701
lac_as user
wait_for 60 'the refusal in the log' logged l2tpd-lns 'user user is refused \(ChapMd5\): wrong secret'
wait_for 20 'pppd to be told' logged lac.pppd 'CHAP authentication failed'
wait_for 20 'the L2TP session to end' logged l2tpd-lns 'the peer failed authentication: wrong secret'
stop xl2tpd-lac
nothing_left 12 lac
nothing_left 5 lns
ctl lns show history | tee "$LOGS/history.txt"
grep -q 'authentication' "$LOGS/history.txt" || fail 'the history does not say it'
logged l2tpd-lns 'CDN: result 3' || fail 'no CDN with result 3'
logged l2tpd-lns 'PPP disconnect cause 16' || fail 'no cause 16 of RFC 3145'

lac_as fixed
wait_for 60 'PPP at the LAC' has_ppp_links lac 1
ip -n lac -o -4 addr show | grep -q 'inet 10.99.7.7 peer 10.99.0.1' || fail 'not the fixed address'
pings lac 10.99.0.1
stop xl2tpd-lac
nothing_left 12 lac
stop l2tpd-lns
[ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
nothing_left 3 lns
