#!/bin/bash
# nat-zones: two, then ten clients behind one NAT with strongSwan, most of them from port 1701; one reconnects, the others do not notice
. "$(dirname "${BASH_SOURCE[0]}")/../ipsec.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../nat.sh"

CLIENTS=10
port_of() { [ $(($1 % 4)) -eq 3 ] && echo $((10000 + $1)) || echo 1701; }
nat_world

start_charon lns < <(ipsec_server l2tp $LNS4 'mark_in = %unique' 'mark_out = %unique')
concentrator 'nat-zones: true'
clients_up() { # FROM TO
  local number
  for ((number = $1; number <= $2; number++)); do client "$number"; done
  for ((number = $1; number <= $2; number++)); do
    load_charon "client$number"
    start_l2tpd "client$number"
  done
  for ((number = $1; number <= $2; number++)); do wait_for 60 "PPP at client $number" has_ppp_links "client$number" 1; done
}
ping_all() { # TO
  ping_from $(seq "$1")
}

load_charon lns
start_l2tpd lns
wait_for 60 'the LNS to listen' listening lns
in_ns lns nft list table ip l2tpd_nat_zones > /dev/null || fail 'no table'
clients_up 1 2
ping_all 2
[ "$(ctl lns show tunnels | grep -c "$LAC4:")" -eq 2 ] || fail "not two tunnels from the NAT's address: $(ctl lns show tunnels)"
clients_up 3 $CLIENTS
ping_all $CLIENTS
in_ns lns nft list table ip l2tpd_nat_zones > "$LOGS/table.txt"
has_tunnels lns $CLIENTS || fail "tunnels at the LNS: $(tunnels lns)"

say 'client 1 reconnects, with new associations; the others stay as they are'
others=$(ctl lns show tunnels | grep "$LAC4:" | awk '{ print $1 }' | sort)
stop l2tpd-client1
swan client1 --terminate --ike l2tp > /dev/null || true
wait_for 10 'its tunnel to go' has_tunnels lns $((CLIENTS - 1))
start_l2tpd client1
wait_for 60 'PPP at client 1 again' has_ppp_links client1 1
ping_all $CLIENTS
[ "$(ctl lns show tunnels | grep "$LAC4:" | awk '{ print $1 }' | sort | comm -12 - <(echo "$others") | wc -l)" -ge $((CLIENTS - 1)) ] ||
  fail 'another client had to connect again'

say 'a killed daemon leaves the table, the next start replaces it, a stop removes it'
kill_hard l2tpd-lns
in_ns lns nft list table ip l2tpd_nat_zones > /dev/null || fail 'the table went with the daemon'
start_l2tpd lns
wait_for 60 'the LNS to listen again' listening lns
wait_for 60 'client 2 to come back' has_ppp_links client2 1
stop l2tpd-lns
! in_ns lns nft list table ip l2tpd_nat_zones > /dev/null 2>&1 || fail 'the table is left'
