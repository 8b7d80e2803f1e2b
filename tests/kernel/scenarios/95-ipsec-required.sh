#!/bin/bash
# ipsec: required with strongSwan at both ends, IPv4 and IPv6: only ESP on the wire, clear text is dropped by the kernel and counted
. "$(dirname "${BASH_SOURCE[0]}")/../ipsec.sh"

# Only what the scenario sends moves the counters.
HELLO=300
FORGED=5

# sccrq ADDRESS PORT: sends it in clear text from the LAC, and prints the type of the message that answers it within 3 s
sccrq() {
  in_ns lac python3 - "$1" "$2" << 'END'
import socket, struct, sys
def avp(kind, value): return struct.pack('>HHH', 0x8000 | 6 + len(value), 0, kind) + value
avps = b''.join([
    avp(0, b'\0\1'),        # Message Type: SCCRQ
    avp(2, b'\1\0'),        # Protocol Version
    avp(7, b'forged'),      # Host Name
    avp(3, b'\0\0\0\3'),    # Framing Capabilities
    avp(9, b'\0\7')])       # Assigned Tunnel ID
family, kind, protocol, _, target = socket.getaddrinfo(sys.argv[1], sys.argv[2], type=socket.SOCK_DGRAM)[0]
with socket.socket(family, kind, protocol) as peer:
    peer.settimeout(3)
    peer.sendto(struct.pack('>6H', 0xc802, 12 + len(avps), 0, 0, 0, 0) + avps, target)
    try:
        print(struct.unpack_from('>H', peer.recv(2048), 18)[0])
    except socket.timeout:
        print('nothing')
END
}

# ids FAMILY: tunnel and session of that address family at the LNS
ids() {
  local address tunnel
  case $1 in 4) address=$LNS4 ;; 6) address=$LNS6 ;; esac
  tunnel=$(ip -n lns l2tp show tunnel | awk -v from="$address" '
    /^Tunnel/ { id = $2; sub(/,/, "", id) }
    $1 == "From" && $2 == from { print id }')
  echo "$tunnel $(ip -n lns l2tp show session | awk -v tunnel="$tunnel" '/^Session [1-9]/ && $5 == tunnel { print $2 }')"
}

# session_received TUNNEL SESSION: packets that the kernel of the LNS received for it
session_received() {
  in_ns lns cat /proc/net/pppol2tp | awk -v name="$1/$2'" '
    $1 == "SESSION" { mine = $3 == name; line = 0 }
    mine && ++line == 3 { split($3, received, "/"); print received[1] }'
}
has_received() { [ "$(session_received "$1" "$2")" -eq "$3" ]; }

# forge clear|esp FAMILY TUNNEL SESSION: data messages from the LAC's address and port, past its IPsec or through it
forge() {
  local from to port hardware
  case $2 in 4) from=$LAC4 to=$LNS4 port=1701 ;; 6) from=$LAC6 to=$LNS6 port=1702 ;; esac
  hardware=$(in_ns lns cat /sys/class/net/lns0/address)
  in_ns lac python3 - "$@" "$from" "$to" "$port" "$hardware" $FORGED << 'END' || fail 'nothing was forged'
import socket, struct, sys
way, version, tunnel, session, source, target, port, hardware, count = sys.argv[1:]
family = socket.AF_INET if version == '4' else socket.AF_INET6
port, count = int(port), int(count)
def checksum(octets):
    total = sum(struct.unpack('>%dH' % (len(octets) // 2), octets))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return struct.pack('>H', ~total & 0xffff or 0xffff)
discard_request = b'\xff\x03\xc0\x21\x0b\x01\0\x10' + bytes(12)     # of LCP
data = struct.pack('>HHH', 2, int(tunnel), int(session)) + discard_request
if way == 'esp':
    with socket.socket(family, socket.SOCK_DGRAM) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        peer.bind((source, port))
        peer.connect((target, 1701))
        for _ in range(count): peer.send(data)
    sys.exit()
addresses = socket.inet_pton(family, source) + socket.inet_pton(family, target)
length = 8 + len(data)
ports = struct.pack('>HHH', port, 1701, length)
udp = ports + checksum(addresses + struct.pack('>II', length, 17) + ports + data) + data
if version == '4':
    header = struct.pack('>BBHHHBB', 0x45, 0, 20 + length, 1, 0, 64, 17)
    packet = header + checksum(header + addresses) + addresses + udp
else:
    packet = struct.pack('>IHBB', 0x60000000, length, 17, 64) + addresses + udp
link = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
for _ in range(count):
    link.sendto(packet, ('lac0', 0x0800 if version == '4' else 0x86dd, 0, 0, bytes.fromhex(hardware.replace(':', ''))))
END
}

datagrams() { ctl lns show status | awk '$1 == "counters.datagrams-received:" { print $2 }'; }
# Acknowledgements may still be on their way.
settled() { local first; first=$(datagrams); sleep 1; [ -n "$first" ] && [ "$(datagrams)" = "$first" ]; }
on_wire() { tcpdump -n -r "$LOGS/wire.pcap" "$1" 2> /dev/null | wc -l; }

ipsec_world
ipsec_tunnels 'echo-interval: never'
# The same listener without IPsec.
sed -i "s/^listen: \[/&{ address: \"$LNS4:1702\" }, /" "$LOGS/lns.yaml"
start lns-capture lns tcpdump -U -n -i lns0 -w "$LOGS/wire.pcap" not arp
ipsec_up
in_ns lac ping -q -n -c 3 -i 0.2 -W 2 -p c1ea7e57 10.99.0.1 || fail 'no ping through ESP'
swan lns --list-sas | tee "$LOGS/sas.txt"
[ "$(grep -c 'INSTALLED, TRANSPORT' "$LOGS/sas.txt")" -ge 2 ] || fail 'not two associations in transport mode'
[ "$(clear_drops lns)" -eq 0 ] || fail "$(clear_drops lns) dropped in clear text before the attack"
wait_for 20 'the end of the control messages' settled
before=$(datagrams)

say 'a SCCRQ in clear text to both listeners, from ports of the LAC without IPsec'
for target in $LNS4 $LNS6; do
  answer=$(sccrq $target 1701)
  [ "$answer" = nothing ] || fail "the SCCRQ to $target is answered: $answer"
done
wait_for 5 'clear text to be counted' more_clear_drops lns 2

say 'data in clear text into the sessions that are up, from the address and port of their peer'
for family in 4 6; do
  read -r tunnel session < <(ids $family)
  received=$(session_received "$tunnel" "$session") dropped=$(clear_drops lns)
  [ -n "$received" ] || fail "no session over IPv$family: $tunnel $session"
  forge clear $family "$tunnel" "$session"
  wait_for 5 "forged data over IPv$family to be counted" more_clear_drops lns $((dropped + FORGED))
  has_received "$tunnel" "$session" "$received" || fail "forged data over IPv$family got into the session"
done
[ "$(datagrams)" -eq "$before" ] || fail "the daemon received clear text: $(datagrams) datagrams, $before before"
has_tunnels lns 2 || fail 'a tunnel was lost'
pings lac 10.99.0.1

stop lns-capture
[ "$(on_wire 'ip proto 50 or ip6 proto 50')" -ge 20 ] || fail 'no ESP on the wire'
# Of L2TP only what was forged is not in ESP.
[ "$(on_wire 'udp and port 1701')" -eq $((2 + 2 * FORGED)) ] || fail 'clear text L2TP on the wire'
[ "$(on_wire "udp and port 1701 and (src host $LNS4 or src host $LNS6)")" -eq 0 ] || fail 'the LNS answers in clear text'
LC_ALL=C grep -aqP '\xc1\xea\x7e\x57\xc1\xea\x7e\x57' "$LOGS/wire.pcap" && fail 'the payload of a ping is readable on the wire'
grep -aq "user" "$LOGS/wire.pcap" && fail 'the name of the user is readable on the wire'

say 'what was sent is right: without IPsec the SCCRQ is answered, and in ESP the data get in'
answer=$(sccrq $LNS4 1702)
[ "$answer" = 2 ] || fail "not a SCCRP: $answer"
read -r tunnel session < <(ids 4)
received=$(session_received "$tunnel" "$session")
forge esp 4 "$tunnel" "$session"
wait_for 5 'the data in ESP in the session' has_received "$tunnel" "$session" $((received + FORGED))

ipsec_stop
