#!/bin/bash
# Full-size TCP segments inside ESP: no fragment, no packet over 1,500 octets; AES-CBC and AES-GCM, with and without UDP encapsulation, IPv6
. "$here/ipsec.sh"

ipsec_world
ipsec_tunnels 'mtu: 1400'
ipsec_up
say 'full-size TCP segments both ways: AES-CBC and AES-GCM, with and without UDP encapsulation; IPv6 with AES-CBC'
interface_of() { ctl lac show session "$1/one" --json | grep -o '"interface": *"[^"]*"' | grep -o 'ppp[0-9]*'; }
associations() { # IPSEC_ESP and IPSEC_ENCAP as they are now, for the next packet
  ipsec_server four $LNS4 > /run/swan-lns/four.conf
  ipsec_client four $LNS4 1701 > /run/swan-lac/four.conf
  swan lns --load-conns --file /run/swan-lns/four.conf
  swan lac --load-conns --file /run/swan-lac/four.conf
  swan lac --terminate --ike four > /dev/null
  wait_for 20 'a new association' in_ns lac ping -q -n -c 1 -W 1 -I "$four" 10.99.0.1
}
segments() { # NAME INTERFACE FILTER LEAST: octets of the largest packet
  local capture=$LOGS/mtu-$1.pcap largest
  start "mtu-$1" lns tcpdump -U -n -s 120 -i lns0 -w "$capture" not arp
  wait_for 10 'the capture' test -s "$capture"
  in_ns lac iperf3 -c 10.99.0.1 --bind-dev "$2" -n 100K > "$LOGS/iperf.txt" || fail "$1: $(cat "$LOGS/iperf.txt")"
  in_ns lac iperf3 -c 10.99.0.1 --bind-dev "$2" -n 100K -R > "$LOGS/iperf.txt" || fail "$1: $(cat "$LOGS/iperf.txt")"
  sleep 0.5
  stop "mtu-$1"
  [ "$(tcpdump -n -r "$capture" 'ip[6:2] & 0x3fff != 0 or ip6 proto 44' 2> /dev/null | wc -l)" -eq 0 ] || fail "$1: fragments"
  largest=$(largest_packet "$capture" "$3")
  say "$1: largest packet $largest octets, no fragment"
  [ "${largest:-0}" -ge "$4" ] && [ "$largest" -le 1500 ] || fail "$1: largest packet $largest octets"
}
in_ns lns iperf3 -s -D --logfile "$LOGS/iperf-server.txt"
four=$(interface_of up) six=$(interface_of six)
segments ipv6-cbc "$six" 'ip6 proto 50' 1470
segments ipv4-cbc "$four" 'ip proto 50' 1450
IPSEC_ENCAP=yes associations
segments ipv4-cbc-udp "$four" 'udp port 4500' 1460
IPSEC_ESP=aes256gcm16 IPSEC_ENCAP=yes associations
segments ipv4-gcm-udp "$four" 'udp port 4500' 1450
IPSEC_ESP=aes256gcm16 associations
segments ipv4-gcm "$four" 'ip proto 50' 1440

ipsec_stop
