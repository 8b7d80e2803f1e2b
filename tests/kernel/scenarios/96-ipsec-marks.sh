#!/bin/bash
# marks by rules of the operator: clients behind one NAT from two ports by the kernel, one reconnects; from one port in userspace
. "$(dirname "${BASH_SOURCE[0]}")/../ipsec.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../nat.sh"

port_of() { [ "$1" -eq 3 ] && echo 11701 || echo 1701; }
nat_world
start_charon lns < <(ipsec_server l2tp $LNS4 'mark_in = %unique' 'mark_out = %unique')
concentrator 'marks: true'
for number in 1 2 3; do client $number; done
load_charon lns
start_l2tpd lns
wait_for 60 'the LNS to listen' listening lns

# Of each outbound association: the port at the NAT, and the mark.
elements() {
  in_ns lns ip xfrm state | awk -v nat="$LAC4" '
    $1 == "src" { out = $4 == nat }
    out && $1 == "mark" { split($2, mark, "/") }
    out && $1 == "encap" { print $7 " : " mark[1] }' | paste -sd,
}
associations() { [ "$(elements | tr ',' '\n' | sort -u | grep -c .)" -eq "$1" ]; }
# In one transaction: no datagram meets an empty map.
set_marks() { printf 'flush map ip marks ports\nadd element ip marks ports { %s }\n' "$(elements)" | in_ns lns nft -f -; }
tunnel_of_client1() { ctl lns show tunnels | awk -v address="$LAC4:1701" 'index($0, address) { print $1 }'; }
# ping_until FILE: by client 1, until the file exists. Each run waits for its answers.
ping_until() { until [ -e "$1" ]; do in_ns client1 ping -q -n -c 5 -i 0.2 -W 3 10.99.0.1 || return 1; done; }
without_mark() { ctl lns show status | awk '/^ipsec-drops.without-mark:/ { print $2 }'; }
some_without_mark() { [ "$(without_mark)" -gt 0 ]; }
tunnels_in_detail() {
  local id
  for id in $(ctl lns show tunnels | grep "$LAC4:" | awk '{ print $1 }'); do ctl lns show tunnel "$id"; done
}
# Each client that is up, by its session at the LNS: the interface of a client may be one that it is about to lose.
networks_up() { [ "$(ctl lns show sessions --filter state=network-up --columns user | grep -c '^user')" -eq "$1" ]; }
marks_of_tunnels() { tunnels_in_detail | tee "$LOGS/tunnels.txt" | grep '^ipsec-mark: *0x' | sort -u | wc -l; }

say 'no rule knows the associations yet: nothing is answered, and what comes is counted'
for number in 1 2 3; do load_charon client$number; done
for number in 1 2 3; do start_l2tpd client$number; done
wait_for 60 'three associations' associations 3
wait_for 60 'a datagram without mark' some_without_mark
has_tunnels lns 0 || fail "a tunnel without mark: $(ctl lns show tunnels)"
stop l2tpd-client2

say 'with one map: two clients from different ports, by the kernel'
in_ns lns nft -f - << END
table ip marks {
  map ports { type inet_service : mark; elements = { $(elements) } }
  chain in { type filter hook prerouting priority -310; udp dport 4500 meta mark set udp sport map @ports; }
}
END
in_ns lns nft list table ip marks > "$LOGS/table.txt"
for number in 1 3; do wait_for 60 "PPP at client $number" has_ppp_links client$number 1; done
ping_from 1 3
[ "$(marks_of_tunnels)" -eq 2 ] || fail "not two tunnels with a mark each: $(cat "$LOGS/tunnels.txt")"

say 'client 3 reconnects, with a new association and a new mark; client 1 does not notice'
tunnel=$(tunnel_of_client1) marks=$(elements)
ping_until "$LOGS/enough" > "$LOGS/through.txt" 2>&1 &
through=$!
stop l2tpd-client3
swan client3 --terminate --ike l2tp > /dev/null || true
wait_for 10 'its association to end' associations 2
set_marks
start_l2tpd client3
wait_for 20 'its new association' associations 3
[ "$(elements)" != "$marks" ] || fail "no new mark: $marks"
set_marks
wait_for 60 'PPP at client 3 again' has_ppp_links client3 1
ping_from 1 3
touch "$LOGS/enough"
wait $through || fail "client 1 had no answer: $(cat "$LOGS/through.txt")"
! grep 'packet loss' "$LOGS/through.txt" | grep -v ' 0% packet loss' || fail 'client 1 lost packets'
[ "$(tunnel_of_client1)" = "$tunnel" ] || fail 'client 1 had to connect again'

say 'two clients from one port, in userspace'
stop l2tpd-client3
stop l2tpd-lns
concentrator 'marks: true' userspace
start_l2tpd lns
wait_for 60 'the LNS to listen in userspace' listening lns
start_l2tpd client2
wait_for 60 'PPP of both clients in userspace' networks_up 2
for number in 1 2; do wait_for 20 "an answer for client $number" in_ns client$number ping -q -n -c 1 -W 1 10.99.0.1; done
ping_from 1 2
[ "$(ctl lns show tunnels | grep -c "$LAC4:1701")" -eq 2 ] || fail "not two tunnels from one address and port: $(ctl lns show tunnels)"
[ "$(marks_of_tunnels)" -eq 2 ] || fail "the two have not a mark each: $(cat "$LOGS/tunnels.txt")"
