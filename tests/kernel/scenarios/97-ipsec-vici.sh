#!/bin/bash
# strongSwan by VICI at both ends: connections from YAML, a wrong key in words at both ends, SAs and tunnel end together, rekeying under
# traffic, charon killed and restarted

. "$here/ipsec.sh"

vici_lns_config() {
  { top_config lns; cat << END; } > "$LOGS/lns.yaml"
strongswan: { socket: /run/swan-lns/vici }
listen:
  - { address: $LNS4, ipsec: { psk: "$IPSEC_PSK" } }
peers:
  any:
    lns:
      ppp: { backend: built-in, auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.250, mtu: 1400, users: { user: { password: pass } } }
END
}

vici_lac_config() { # PSK
  { top_config lac; cat << END; } > "$LOGS/lac.yaml"
strongswan: { socket: /run/swan-lac/vici }
tunnels:
  up:
    lns: $LNS4
    ipsec: { psk: "$1" }
    backoff: { initial: 1s, maximum: 2s }
    sessions:
      one:
        backoff: { initial: 1s, maximum: 2s }
        ppp: { backend: built-in, user: user, password: pass, mtu: 1400 }
END
}

sas() { swan "$1" --list-sas 2> /dev/null | grep -c 'INSTALLED' || true; }
has_sas() { [ "$(sas "$1")" -eq "$2" ]; }
connection() { swan "$1" --list-conns | sed -n "s/^\(l2tpd-$2[^:]*\):.*/\1/p" | head -n 1; }
has_connection() { [ -n "$(connection "$1" "$2")" ]; }
vici_up() { wait_for 60 "charon of $1" test -S "/run/swan-$1/vici"; }

# A wrong key shows when the retransmissions are over.
IPSEC_CHARON='retransmit_tries = 2
  retransmit_timeout = 1.0'
ipsec_modules
world
start_charon lns < /dev/null
start_charon lac < /dev/null
vici_up lns
vici_up lac
vici_lns_config
vici_lac_config 'another key'
start_l2tpd lns
wait_for 60 'the LNS to listen' listening lns
start_l2tpd lac

say '--- a wrong key'
wait_for 60 'the reason at the LAC' logged l2tpd-lac "IPsec with $LNS4: the pre-shared keys of the two ends differ"
wait_for 5 'the reason at the LNS' logged l2tpd-lns "IKE with $LAC4 failed: the pre-shared keys of the two ends differ"

say '--- the right key, by a reload'
vici_lac_config "$IPSEC_PSK"
ctl lac reload
wait_for 90 'PPP at the LAC' has_ppp_links lac 1
pings lac 10.99.0.1
has_sas lac 1 && has_sas lns 1 || fail "not one SA at each end: $(swan lns --list-sas)"
name=$(ctl lns show tunnels --json | grep -o '"name":"[^"]*"' | head -n 1 | cut -d '"' -f 4)
ctl lns show tunnel "$name" --json | grep -q "\"ipsecIdentity\":\"$LAC4\"" || fail "no identity: $(ctl lns show tunnel "$name")"

say '--- rekeying under traffic'
link=$(ip -n lac l2tp show tunnel)
in_ns lac ping -q -n -i 0.05 -w 9 10.99.0.1 > "$LOGS/ping.txt" 2>&1 &
ping=$!
connection=$(connection lac dial)
sleep 0.5
swan lac --rekey --child "$connection"
sleep 1.5
swan lns --rekey --child "$(connection lns listen)"
sleep 1.5
swan lac --rekey --ike "$connection"
sleep 2.5
wait $ping || true
cat "$LOGS/ping.txt"
loss=$(sed -n 's/.* \([0-9]*\)\(\.[0-9]*\)\?% packet loss.*/\1/p' "$LOGS/ping.txt")
[ "${loss:-100}" -le 2 ] || fail "lost $loss % while keys changed"
[ "$(ip -n lac l2tp show tunnel)" = "$link" ] || fail 'the tunnel was lost while keys changed'

say '--- charon of the LNS killed and restarted'
kill_hard charon-lns
wait_for 10 'the loss in the log' logged l2tpd-lns 'strongSwan: strongSwan has closed the connection'
rm -f /run/swan-lns/vici
start_charon lns < /dev/null
vici_up lns
wait_for 20 'the connections again' has_connection lns listen
wait_for 10 'a ping' in_ns lac ping -q -n -c 1 -W 1 10.99.0.1

say '--- the tunnel ends with its SA'
new=$(ip -n lac l2tp show tunnel)
# Without its connection, and so without its trap, strongSwan makes no SA when the next packet comes.
printf 'connections {\n}\n' > /run/swan-lac/none.conf
swan lac --load-conns --file /run/swan-lac/none.conf
swan lac --terminate --ike "$connection" > /dev/null || true
wait_for 20 'the end in words' logged l2tpd-lac 'the IPsec security association of the tunnel was deleted'
wait_for 60 'a new tunnel' new_tunnel "$new"
wait_for 20 'PPP at the LAC' has_ppp_links lac 1
wait_for 10 'one SA at the LNS' has_sas lns 1

say '--- a client that lost its state is back before its tunnel has ended'
adopted() { grep -c 'adopting 1 children' "$LOGS/charon-lns.log" || true; }
before=$(adopted)
kill_hard l2tpd-lac
kill_hard charon-lac
ip -n lac xfrm state flush
ip -n lac xfrm policy flush
rm -f /run/swan-lac/vici
start_charon lac < /dev/null
vici_up lac
start_l2tpd lac
wait_for 60 'PPP at the LAC' has_ppp_links lac 1
# What strongSwan takes for the rekeying of the former SA would leave that one until the end of its lifetime.
[ "$(adopted)" -gt "$before" ] || fail 'the client came back too late: strongSwan did not adopt its former SA'
# Rekeyed ones too. Not those of the kernel: the charon of the LNS that was killed left some.
former_has_ended() { has_tunnels lns 1 && [ "$(swan lns --list-sas | grep -c 'reqid')" -eq 1 ]; }
wait_for 40 'one tunnel and one CHILD_SA at the LNS' former_has_ended
pings lac 10.99.0.1

say '--- the SA ends with its tunnel, at both ends'
stop l2tpd-lac
[ $STATUS -eq 0 ] || fail "l2tpd-lac ended with $STATUS"
wait_for 15 'no SA at the LNS' has_sas lns 0
wait_for 5 'no SA at the LAC' has_sas lac 0
stop l2tpd-lns
nothing_left 5
