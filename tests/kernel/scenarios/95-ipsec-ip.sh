#!/bin/bash
# ipsec: required over IP protocol 115, Ethernet over IPv4 and IPv6: only ESP on the wire; without associations no data leaves or gets in

. "$here/v3.sh"
. "$here/ipsec.sh"

# Nothing on the wire but what the scenario sends, and no tunnel that ends while it has no association.
HELLO=300 RETRANSMIT=1 CAP=4 RETRIES=10
IPSEC_INSIDE=ip
V3_LISTEN=', ipsec: required'
V3_TUNNEL='ipsec: required,'
FORGED=5

clear_on_wire() { tcpdump -n -r "$1" 'ip proto 115 or ip6 proto 115' 2> /dev/null | wc -l; }
# What came out of the pseudowire of what was forged. Its EtherType is nobody's.
received() { tcpdump -n -e -r "$LOGS/forged$1.pcap" 2> /dev/null | grep -c 0x88b5 || true; }
has_received() { [ "$(received "$1")" -eq "$2" ]; }
# One without an SPI is the kernel's note that a packet waits for an association.
is_unprotected() { [ -z "$(ip -n "$1" xfrm state | grep 'proto esp' | grep -v 'spi 0x00000000'; ip -n "$1" xfrm policy | grep 'proto 115')" ]; }
clear_text_table() { in_ns "$1" nft list table inet l2tpd_clear_text; }
more_drops() { [ "$(ipsec_drops "$1" "$2")" -ge "$3" ]; }
pings_all() { pings lac 10.98.4.1; pings lac 10.98.6.1; pings lns 10.98.4.2; pings lns 10.98.6.2; }

# forge FAMILY: data as the LAC's kernel sends it, past its IPsec: addresses, session, cookie and sublayer are right; a broadcast inside
forge() {
  local session cookie from to hardware
  read -r session cookie < <(ip -n lac l2tp show session | awk -v name="eth$1" '
    /^ *Peer session/ { session = $3; sub(/,/, "", session) }
    /interface name:/ { mine = $3 == name }
    mine && $1 == "cookie" { print session, $2; exit }')
  [ -n "$session" ] && [ -n "$cookie" ] || fail "no session and cookie of eth$1: $(ip -n lac l2tp show session)"
  case $1 in 4) from=$LAC4 to=$LNS4 ;; 6) from=$LAC6 to=$LNS6 ;; esac
  hardware=$(in_ns lns cat /sys/class/net/lns0/address)
  in_ns lac python3 - "$1" "$from" "$to" "$session" "$cookie" "$hardware" $FORGED << 'END' || fail 'nothing was forged'
import socket, struct, sys
family, source, target, session, cookie, hardware, count = sys.argv[1:]
frame = b'\xff' * 6 + b'\x02\0\0\0\0\x01' + b'\x88\xb5' + bytes(46)
sublayer = bytes(4)
data = struct.pack('>I', int(session)) + bytes.fromhex(cookie) + sublayer + frame
if family == '4':
    addresses = socket.inet_aton(source) + socket.inet_aton(target)
    header = struct.pack('>BBHHHBB', 0x45, 0, 20 + len(data), 1, 0, 64, 115)
    total = sum(struct.unpack('>9H', header + addresses))
    total = (total & 0xffff) + (total >> 16)
    packet = header + struct.pack('>H', ~(total + (total >> 16)) & 0xffff) + addresses + data
else:
    addresses = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, target)
    packet = struct.pack('>IHBB', 0x60000000, len(data), 115, 64) + addresses + data
link = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
for _ in range(int(count)):
    link.sendto(packet, ('lac0', 0x0800 if family == '4' else 0x86dd, 0, 0, bytes.fromhex(hardware.replace(':', ''))))
END
}

# forged_is_dropped FAMILY: and counted; the interface gets nothing
forged_is_dropped() {
  local counted received
  counted=$(clear_drops lns) received=$(received "$1")
  forge "$1"
  wait_for 10 "the forged data over IPv$1 to be counted" more_clear_drops lns $((counted + FORGED))
  [ "$(received "$1")" -eq "$received" ] || fail "forged data over IPv$1 came out of the pseudowire"
}

ipsec_world
# In a slow guest the first nft, which loads modules, takes longer than the daemon waits for it.
nft list tables
v3_lns ip
v3_lac
for family in 4 6; do
  v3_wire ip $family eth$family \
    "pseudowire: { cookie: 8, interface: eth$family, addresses: [10.98.$family.1/24] }" \
    "pseudowire: { cookie: 8, interface: eth$family, addresses: [10.98.$family.2/24] }"
done
start wire lns tcpdump -U -n -i lns0 -w "$LOGS/wire.pcap" not arp
v3_start
for family in 4 6; do
  wait_for 90 "the interface over IPv$family at the LAC" has_interface lac eth$family
  wait_for 20 "the interface over IPv$family at the LNS" has_interface lns eth$family
done
for family in 4 6; do
  start forged$family lns tcpdump --immediate-mode -U -n -i eth$family -w "$LOGS/forged$family.pcap" 'ether proto 0x88b5'
done
pings_all
[ "$(swan lns --list-sas | tee "$LOGS/sas.txt" | grep -c 'INSTALLED, TRANSPORT')" -eq 2 ] || fail 'not two associations in transport mode'
for side in lac lns; do clear_text_table $side || fail "no table at the $side"; done
[ "$(clear_drops lns)" -eq 0 ] || fail "$(clear_drops lns) dropped in clear text before the attack"
stop wire
[ "$(tcpdump -n -r "$LOGS/wire.pcap" 'ip proto 50' 2> /dev/null | wc -l)" -ge 12 ] || fail 'no ESP over IPv4'
[ "$(tcpdump -n -r "$LOGS/wire.pcap" 'ip6 proto 50' 2> /dev/null | wc -l)" -ge 12 ] || fail 'no ESP over IPv6'
[ "$(clear_on_wire "$LOGS/wire.pcap")" -eq 0 ] || fail 'IP protocol 115 in clear text on the wire'

say 'forged data beside the associations'
for family in 4 6; do wait_for 10 "the capture on eth$family" logged forged$family 'listening on'; done
for family in 4 6; do forged_is_dropped $family; done
pings_all

say 'no associations, and no policies of strongSwan either'
stop charon-lac
stop charon-lns
for side in lac lns; do wait_for 10 "no association and no policy at the $side" is_unprotected $side; done
start silence lns tcpdump -U -n -i lns0 -w "$LOGS/silence.pcap" not arp
wait_for 10 'the capture' logged silence 'listening on'
declare -A unsent=()
for side in lac lns; do unsent[$side]=$(ipsec_drops $side not-sent); done
for family in 4 6; do
  ! in_ns lac ping -q -n -c 3 -i 0.2 -W 1 10.98.$family.1 || fail "a ping from the LAC over IPv$family without an association"
  ! in_ns lns ping -q -n -c 3 -i 0.2 -W 1 10.98.$family.2 || fail "a ping from the LNS over IPv$family without an association"
done
stop silence
left=$(clear_on_wire "$LOGS/silence.pcap")
[ "$left" -eq 0 ] || fail "$left packets of IP protocol 115 left in clear text"
for side in lac lns; do wait_for 5 "what the $side did not send to be counted" more_drops $side not-sent $((${unsent[$side]} + 6)); done
for family in 4 6; do forged_is_dropped $family; done

say 'what is forged is right: without the rules it gets in'
clear_text_table lns > "$LOGS/table.nft"
in_ns lns nft flush chain inet l2tpd_clear_text input
for family in 4 6; do
  before=$(received $family)
  forge $family
  wait_for 10 "the forged data over IPv$family in the pseudowire" has_received $family $((before + FORGED))
done
{ echo 'delete table inet l2tpd_clear_text'; cat "$LOGS/table.nft"; } | in_ns lns nft -f -

say 'new associations, the same tunnels'
ipsec_charons
for family in 4 6; do wait_for 30 "a ping over IPv$family" in_ns lac ping -q -n -c 1 -W 1 10.98.$family.1; done
pings_all
ctl lns show status | grep ipsec-drops
for family in 4 6; do stop forged$family; done
ipsec_stop
v3_nothing_left
for side in lac lns; do ! clear_text_table $side || fail "the table is left at the $side"; done
