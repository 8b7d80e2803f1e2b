#!/bin/bash
# the LNS dials: an outgoing call through a LAC that accepts them, PPP with CHAP, pings

world
chap_secret lns user pass
{ top_config lac; cat << END; } > "$LOGS/lac.yaml"
listen: $LAC4
peers:
  any:
    secret: $SECRET
    accept: outgoing-calls
    lns: { ppp: { user: user, password: pass } }
END
{ top_config lns; cat << END; } > "$LOGS/lns.yaml"
tunnels:
  out:
    lns: $LAC4
    secret: $SECRET
    sessions:
      call:
        direction: outgoing
        called-number: "5550100"
        ppp: { auth: chap, local: 10.99.0.1, remote: 10.99.0.10 }
END
start_l2tpd lac
start_l2tpd lns
up
ctl lac --json show sessions | grep -q 5550100 || fail 'the LAC does not know the number called'
pings lns 10.99.0.10
stop_both
