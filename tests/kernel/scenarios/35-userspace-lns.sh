#!/bin/bash
# userspace data plane as LNS on one shared interface: xl2tpd and pppd come in with CHAP and MS-CHAPv2, IPv4 and IPv6; a wrong password

world
modprobe tun || fail 'this kernel has no TUN'
{ top_config lns | sed 's/data-plane: kernel/data-plane: userspace/'; cat << END; } > "$LOGS/lns.yaml"
listen: "$LNS4"
peers:
  any: { secret: $SECRET, lns: { ppp: subscribers } }
ppp:
  subscribers:
    backend: built-in
    interface: { shared: subs0 }
    auth: [mschap-v2, chap]
    name: lns
    local: 10.99.0.1
    pool: 10.99.0.0/24
    dns: 10.99.0.1
    ipv6: true
    mss-clamp: true
    echo-interval: 3s
    echo-failures: 2
    users: { user: { password: pass }, bad: { password: other } }
END
chap_secret lac user pass
chap_secret lac bad pass
start_l2tpd lns
# Listening comes before the shared interface.
wait_for 60 'the LNS to be ready' logged l2tpd-lns 'Ready'
ip -n lns route | grep -q '^10.99.0.0/24 dev subs0' || fail 'no route to the pool before the first session'

lac_up() { # PPPD-OPTION...
  ppp_options "$LOGS/lac.ppp" noauth usepeerdns +ipv6 "$@"
  start_xl2tpd lac << END
[lac out]
lns = $LNS4
challenge = yes
autodial = yes
pppoptfile = $LOGS/lac.ppp
END
}
link_local() { ip -n "$1" -o -6 addr show dev "$2" | awk '{ sub("/.*", "", $4); print $4; exit }'; }
address() { ip -n lac -o -4 addr show | awk '/ ppp[0-9]* / { print $4 }'; }

for method in 'refuse-mschap-v2:ChapMd5' 'refuse-chap:MsChapV2'; do
  say "method ${method#*:}"
  lac_up 'name user' refuse-pap refuse-mschap "${method%:*}"
  wait_for 60 'PPP at the LAC' has_ppp_links lac 1
  pings lac 10.99.0.1
  pings lns "$(address)"
  in_ns lac ping -6 -q -n -c 3 -i 0.2 -W 2 "$(link_local lns subs0)%ppp0" || fail 'no IPv6 ping to the LNS'
  in_ns lns ping -6 -q -n -c 3 -i 0.2 -W 2 "$(link_local lac ppp0)%subs0" || fail 'no IPv6 ping to the LAC'
  logged l2tpd-lns "user user is authenticated by ${method#*:}" || fail "not authenticated by ${method#*:}"
  stop xl2tpd-lac
  nothing_left 12 lac
done
has_tunnels lns 0 || fail 'the LNS uses its kernel'

say 'a wrong password'
lac_up 'name bad'
wait_for 60 'the refusal in the log' logged l2tpd-lns 'user bad is refused'
wait_for 20 'the L2TP session to end' logged l2tpd-lns 'the peer failed authentication: wrong secret'
logged l2tpd-lns 'PPP disconnect cause 16' || fail 'no cause 16 of RFC 3145'
stop xl2tpd-lac
nothing_left 12 lac

stop l2tpd-lns
[ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
[ -z "$(ip -n lns -o link show type tun)" ] || fail 'an interface is left at the LNS'
