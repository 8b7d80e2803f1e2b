#!/bin/bash
# built-in PPP as LNS: xl2tpd and pppd come in with PAP, CHAP and MS-CHAPv2; users from a secrets file, IPv4 and IPv6

world
cat > "$LOGS/lns.yaml" << END
$(top_config lns)
listen: "$LNS4"
peers:
  any:
    secret: $SECRET
    lns: { ppp: subscribers }
ppp:
  subscribers:
    backend: built-in
    auth: [mschap-v2, chap, pap]
    name: lns
    local: 10.99.0.1
    pool: 10.99.0.10-10.99.0.12
    dns: [10.99.0.2, 10.99.0.3]
    ipv6: true
    secrets-files: $LOGS/chap-secrets
    users:
      fixed: { password: pass, address: 10.99.7.7 }
END
printf '# client server secret addresses\nuser lns pass *\n"named one" * "pa ss" 10.99.8.8\n' > "$LOGS/chap-secrets"
chap_secret lac user pass
printf 'user * pass *\n' > /etc/netns/lac/ppp/pap-secrets
start_l2tpd lns
wait_for 60 'the LNS to listen' listening lns

lac_up() { # PPPD-OPTION...
  ppp_options "$LOGS/lac.ppp" noauth 'name user' usepeerdns +ipv6 "$@"
  start_xl2tpd lac << END
[lac out]
lns = $LNS4
challenge = yes
autodial = yes
pppoptfile = $LOGS/lac.ppp
END
}
link_local() { ip -n "$1" -o -6 addr show | awk '/ ppp[0-9]* / { sub("/.*", "", $4); print $4 }'; }

# What does not depend on the method, once.
rest() {
  in_ns lac ping -6 -q -n -c 3 -i 0.2 -W 2 "$(link_local lns)%ppp0" || fail 'no IPv6 ping to the LNS'
  in_ns lns ping -6 -q -n -c 3 -i 0.2 -W 2 "$(link_local lac)%ppp0" || fail 'no IPv6 ping to the LAC'
  ctl lns show sessions | tee "$LOGS/sessions.txt"
  grep -Eq 'ppp0 +10\.99\.0\.1[0-2]' "$LOGS/sessions.txt" || fail 'l2tpctl shows no interface or address'
}

for method in 'refuse-chap refuse-mschap refuse-mschap-v2:Pap' 'refuse-pap refuse-mschap refuse-mschap-v2:ChapMd5' 'refuse-pap refuse-chap refuse-mschap:MsChapV2'; do
  say "method ${method#*:}"
  # shellcheck disable=SC2086
  lac_up ${method%:*}
  wait_for 60 'PPP at the LAC' has_ppp_links lac 1
  wait_for 20 'PPP at the LNS' has_ppp_links lns 1
  pings lac 10.99.0.1
  pings lns "$(ip -n lac -o -4 addr show | awk '/ ppp[0-9]* / { print $4 }')"
  logged l2tpd-lns "user user is authenticated by ${method#*:}" || fail "not authenticated by ${method#*:}"
  no_pppd lns || fail 'a pppd runs at the LNS'
  [ "${method#*:}" != Pap ] || rest
  stop xl2tpd-lac
  nothing_left 12 lac
  nothing_left 5 lns
  [ -z "$(ip -n lns -o link show type ppp)" ] || fail 'an interface is left at the LNS'
done
logged lac.pppd '10.99.0.2' || fail 'pppd was told no name server'

stop l2tpd-lns
[ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
