#!/bin/bash
# Clients behind one NAT with strongSwan. nat-zones: two, then ten, most of them from port 1701; one reconnects, the others do not notice.
# marks, with rules of the operator: three from different ports by the kernel, two from port 1701 in userspace
. "$(dirname "${BASH_SOURCE[0]}")/../ipsec.sh"

CLIENTS=10
ipsec_modules
world                       # lac is the NAT router here
ip -n lac link add inside type bridge
ip -n lac addr add 10.8.0.1/24 dev inside
ip -n lac link set inside up
in_ns lac nft -f - << 'END'
table ip nat {
  chain out {
    type nat hook postrouting priority srcnat
    oifname "lac0" masquerade
  }
}
END
port_of() { [ $(($1 % 4)) -eq 3 ] && echo $((10000 + $1)) || echo 1701; }

start_charon lns < <(ipsec_server l2tp $LNS4 'mark_in = %unique' 'mark_out = %unique')
concentrator() { # LISTEN [DATA-PLANE]
  cat > "$LOGS/lns.yaml" << END
$(top_config lns | sed "s/^data-plane: kernel/data-plane: ${2:-kernel}/")
listen: { address: $LNS4, ipsec: required, $1 }
peers: { any: { lns: { ppp: subscribers } } }
ppp:
  subscribers: { backend: built-in, auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.99, users: { user: { password: pass } } }
END
}
client() { # NUMBER
  namespace "client$1"
  ip link add up0 netns "client$1" type veth peer name "down$1" netns lac
  ip -n "client$1" addr add "10.8.0.$((10 + $1))/24" dev up0
  ip -n "client$1" link set up0 up
  ip -n lac link set "down$1" master inside up
  ip -n "client$1" route add default via 10.8.0.1
  start_charon "client$1" < <(ipsec_client l2tp $LNS4 "$(port_of "$1")")
  cat > "$LOGS/client$1.yaml" << END
$(top_config "client$1")
tunnels:
  up:
    lns: $LNS4
    source-port: $(port_of "$1")
    ipsec: required
    backoff: { initial: 1s, maximum: 2s }
    sessions: { one: { ppp: { backend: built-in, user: user, password: pass } } }
END
}
clients_up() { # FROM TO
  local number
  for ((number = $1; number <= $2; number++)); do client "$number"; done
  for ((number = $1; number <= $2; number++)); do
    load_charon "client$number"
    start_l2tpd "client$number"
  done
  for ((number = $1; number <= $2; number++)); do wait_for 60 "PPP at client $number" has_ppp_links "client$number" 1; done
}
ping_all() { # TO: all at once
  local number pids=() pid
  for ((number = 1; number <= $1; number++)); do
    in_ns "client$number" ping -q -n -c 5 -i 0.3 -W 3 10.99.0.1 > "$LOGS/ping-$number.txt" & pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || fail "a client has no answer: $(grep -H received "$LOGS"/ping-*.txt)"; done
  ! grep -L ' 0% packet loss' "$LOGS"/ping-*.txt | grep . || fail "packets are lost: $(grep -H received "$LOGS"/ping-*.txt)"
}

concentrator 'nat-zones: true'
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

say 'marks: rules of the operator give the mark by the port of UDP encapsulation; without them nothing comes in, and is counted'
for number in 2 4 5 6 8 9 10; do stop "l2tpd-client$number"; done
concentrator 'marks: true'
start_l2tpd lns
wait_for 60 'the LNS to listen with marks' listening lns
without_mark() { ctl lns show status | awk '/^ipsec-drops.without-mark:/ { print $2 }'; }
some_without_mark() { [ "$(without_mark)" -gt 0 ]; }
wait_for 60 'a datagram without mark' some_without_mark
has_tunnels lns 0 || fail "a tunnel without mark: $(ctl lns show tunnels)"
# Of each outbound association: the port at the NAT, and the mark.
elements() {
  in_ns lns ip xfrm state | awk -v nat="$LAC4" '
    $1 == "src" { out = $4 == nat }
    out && $1 == "mark" { split($2, mark, "/") }
    out && $1 == "encap" { print $7 " : " mark[1] }' | paste -sd,
}
in_ns lns nft -f - << END
table ip marks {
  map ports { type inet_service : mark; elements = { $(elements) } }
  chain in { type filter hook prerouting priority -310; udp dport 4500 meta mark set udp sport map @ports; }
}
END
for number in 1 3 7; do wait_for 60 "PPP at client $number with marks" has_ppp_links "client$number" 1; done
rm -f "$LOGS"/ping-*.txt
pids=()
for number in 1 3 7; do
  in_ns "client$number" ping -q -n -c 5 -i 0.3 -W 3 10.99.0.1 > "$LOGS/ping-$number.txt" & pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || fail "a client has no answer with marks: $(grep -H received "$LOGS"/ping-*.txt)"; done
for id in $(ctl lns show tunnels | grep "$LAC4:" | awk '{ print $1 }'); do ctl lns show tunnel "$id"; done > "$LOGS/marked.txt"
[ "$(grep -c '^ipsec-mark: *0x' "$LOGS/marked.txt")" -eq 3 ] || fail "not three tunnels with a mark: $(cat "$LOGS/marked.txt")"
[ "$(grep '^ipsec-mark:' "$LOGS/marked.txt" | sort -u | wc -l)" -eq 3 ] || fail 'the marks are not different'

say 'marks alone, without a zone and without another port: two clients from port 1701 on the userspace data plane'
for number in 3 7; do stop "l2tpd-client$number"; done
stop l2tpd-lns
concentrator 'marks: true' userspace
start_l2tpd lns
wait_for 60 'the LNS to listen in userspace' listening lns
start_l2tpd client2
for number in 1 2; do wait_for 60 "PPP at client $number in userspace" has_ppp_links "client$number" 1; done
ping_all 2
[ "$(ctl lns show tunnels | grep -c "$LAC4:1701")" -eq 2 ] || fail "not two tunnels from one address and port: $(ctl lns show tunnels)"
