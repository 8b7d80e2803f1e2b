#!/bin/bash
# The steps of docs/vpn-concentrator.md, run as they are on the page, with two clients behind one NAT: l2tpd, and xl2tpd with pppd
. "$here/ipsec.sh"

# Equivalents of what a guest without systemd and without a network cannot do:
# - apt-get: the packages must be installed on the host, whose root the guest has; that of charon-systemd starts its unit;
# - the package l2tpd: its user, its programs in their places and its examples;
# - systemctl: charon-systemd with Debian's configuration and ExecStartPost of the drop-in as it was at the last daemon-reload; l2tpd as the
#   user and with the capabilities of its unit; nftables by `nft -f`. A unit that runs is not started again.
# strongSwan's log goes to a file in addition. Plugins of packages that the page does not name are off (one tests all ciphers at start),
# except forecast: the page turns it off, and connmark, which is in one of its packages.
SERVER=192.0.2.1 NAT=198.51.100.2 WEB=203.0.113.1
PAGE=$here/../../docs/vpn-concentrator.md CONFIG=$here/../../config
export LOGS

apt-get() {
  local package
  [ "$1" = install ] || return 1
  for package in "${@:2}"; do
    [[ $package == --* ]] || dpkg-query -W -f '${db:Status-Status}\n' "$package" | grep -qx installed || { echo "no $package"; return 1; }
  done
  case " $* " in *' charon-systemd '*) systemctl start strongswan ;; esac
}

systemctl() {
  local verb=$1 unit; shift
  case "$verb ${1:-}" in
    'daemon-reload ') sed -n 's/^ExecStartPost=//p' /etc/systemd/system/strongswan.service.d/*.conf > "$LOGS/post.sh" ;;
    'enable --now') shift ;;
    'start '?* | 'restart '?*) ;;
    *) echo "systemctl $verb $*"; return 1 ;;
  esac
  for unit; do
    if [ "$verb" = restart ]; then stop_unit "$unit"; fi
    if ! unit_runs "$unit"; then "unit_$unit"; fi
  done
}

# An ended process that init has not waited for has no executable.
unit_runs() { [ -e "/run/unit-$1.pid" ] && readlink "/proc/$(cat "/run/unit-$1.pid")/exe" > /dev/null; }

stop_unit() {
  unit_runs "$1" || return 0
  kill "$(cat "/run/unit-$1.pid")"
  wait_for 30 "the end of $1" not unit_runs "$1"
}

unit_nftables() { nft -f /etc/nftables.conf; }

unit_strongswan() {
  # A socket that is left says nothing about the new process.
  rm -f /run/charon.vici
  /usr/sbin/charon-systemd < /dev/null >> "$LOGS/charon-server.out" 2>&1 &
  echo $! > /run/unit-strongswan.pid
  wait_for 120 'the VICI socket' test -S /run/charon.vici
  if [ -e "$LOGS/post.sh" ]; then bash -e "$LOGS/post.sh"; fi
}

unit_l2tpd() {
  local capabilities=+net_admin,+net_raw,+net_bind_service
  install -d -o l2tpd -g l2tpd /run/l2tpd /var/lib/l2tpd
  setpriv --reuid l2tpd --regid l2tpd --clear-groups --no-new-privs --inh-caps "-all,$capabilities" --ambient-caps "-all,$capabilities" \
    --bounding-set "-all,$capabilities" /usr/sbin/l2tpd --config /etc/l2tpd/l2tpd.yaml < /dev/null > "$LOGS/l2tpd-server.log" 2>&1 &
  echo $! > /run/unit-l2tpd.pid
  wait_for 60 'the server' logged l2tpd-server 'Ready: '
}
export -f apt-get systemctl unit_runs stop_unit unit_nftables unit_strongswan unit_l2tpd not wait_for centiseconds logged say fail

# page LANGUAGE NUMBER: that block of sections 1 to 4
page() {
  awk -v fence="\`\`\`$1" -v number="$2" '/^## 5/ { exit } $0 == fence { on = ++count == number; next } /^```/ { on = 0 } on' "$PAGE"
}

run_page() {
  local number block
  mkdir -p /etc/l2tpd
  page yaml 1 > /etc/l2tpd/l2tpd.yaml
  grep -q '^listen:' /etc/l2tpd/l2tpd.yaml || fail 'the page has no configuration'
  for ((number = 1; ; number++)); do
    block=$(page sh $number)
    [ -n "$block" ] || break
    say "page, block $number"
    in_ns server bash -ec "$block" || fail "block $number of the page fails: $block"
  done
  [ $number -ge 6 ] || fail "only $((number - 1)) blocks of commands on the page"
}

packaged() { # What the package l2tpd installs.
  grep -q '^l2tpd:' /etc/group || echo 'l2tpd:x:950:' >> /etc/group
  grep -q '^l2tpd:' /etc/passwd || echo 'l2tpd:x:950:950::/var/lib/l2tpd:/usr/sbin/nologin' >> /etc/passwd
  ln -sf "$(readlink -f "$L2TPD")" /usr/sbin/l2tpd
  ln -sf "$(readlink -f "$L2TPCTL")" /usr/bin/l2tpctl
  mkdir -p /usr/share/doc/l2tpd/examples
  cp -r "$CONFIG"/examples/. "$CONFIG/nftables" /usr/share/doc/l2tpd/examples/
  cat > /etc/strongswan.d/scenario.conf << END
charon-systemd {
  filelog {
    log {
      path = $LOGS/charon-server.log
      default = 1
      flush_line = yes
    }
  }
}
END
  for file in $(dpkg-query -L libstrongswan-extra-plugins libcharon-extra-plugins 2> /dev/null); do
    case $file in */forecast.conf) ;; /etc/strongswan.d/charon/*.conf) sed -i 's/load = yes/load = no/' "$file" ;; esac
  done
  chgrp l2tpd /dev/ppp
  chmod 660 /dev/ppp
}

internet() { # server - web, which is a router too - nat - client1, client2
  local number
  for name in server web nat client1 client2; do namespace $name; done
  link server eth0 $SERVER/24 web wan0 192.0.2.254/24
  link nat out0 $NAT/24 web nat0 198.51.100.254/24
  ip -n web addr add $WEB/32 dev lo
  ip -n server route add default via 192.0.2.254
  ip -n nat route add default via 198.51.100.254
  ip -n nat link add inside type bridge
  ip -n nat addr add 10.8.0.1/24 dev inside
  ip -n nat link set inside up
  in_ns nat nft 'table ip nat { chain out { type nat hook postrouting priority srcnat; oifname "out0" masquerade; }; }'
  for number in 1 2; do
    link "client$number" up0 "10.8.0.1$number/24" nat "down$number" 0.0.0.0/32
    ip -n nat link set "down$number" master inside
    ip -n "client$number" route add default via 10.8.0.1
  done
}

explains() { # NAME TEXT
  local answer
  answer=$(in_ns server l2tpctl explain "$1" 2>&1) || true
  echo "$answer" >> "$LOGS/explain.txt"
  [[ $answer == *"$2"* ]]
}
dropped() { # TEXT OF THE RULE: packets
  in_ns server nft list table inet l2tp_ipsec | awk -v rule="$1" 'index($0, rule) && match($0, /counter packets [0-9]+/) {
    print substr($0, RSTART + 16, RLENGTH - 16) }'
}
more_dropped() { [ "$(dropped "$1")" -gt "$2" ]; }

client1_config() { # KEY
  { top_config client1; echo 'strongswan: { socket: /run/swan-client1/vici }'
    sed "s/a long pre-shared key/$1/" /usr/share/doc/l2tpd/examples/ipsec-client.yaml; } > "$LOGS/client1.yaml"
}

# As NetworkManager-l2tp does it: strongSwan's own connection, then xl2tpd.
client2() { # PASSWORD
  ppp_options "$LOGS/client2.ppp" noauth 'name bob' "password $1" refuse-eap refuse-pap refuse-chap refuse-mschap 'mtu 1400' 'mru 1400'
  start_xl2tpd client2 << END
[lac office]
lns = $SERVER
autodial = yes
redial = yes
redial timeout = 1
pppoptfile = $LOGS/client2.ppp
END
}

web_by_tunnel() { # SIDE
  wait_for 60 "PPP of $1" has_ppp_links "$1" 1
  ip -n "$1" route replace $WEB/32 dev "$(ip -n "$1" -o link show | grep -o 'ppp[0-9]*' | head -n 1)"
}

IPSEC_CHARON='retransmit_tries = 2
  retransmit_timeout = 1.0'
ipsec_modules
packaged
internet
start_charon client1 < /dev/null
client2_connection() { IPSEC_IKE=${1:-$IPSEC_IKE} ipsec_client l2tp $SERVER 1701; }
IPSEC_PLUGINS=openssl start_charon client2 < <(client2_connection aes128-sha1-modp1024 | grep -v start_action)
start web-capture web tcpdump -U -n -s 200 -i wan0 -w "$LOGS/wan.pcap"
run_page
[ "$(stat -c %G /run/charon.vici)" = l2tpd ] || fail "strongSwan was not restarted with the drop-in: $(ls -l /run/charon.vici)"
plugins=" $(in_ns server swanctl --stats | sed -n 's/^loaded plugins: *//p') "
case $plugins in
  *' connmark '* | *' forecast '*) fail "a plugin that the page turns off is loaded:$plugins" ;;
  *' openssl '*) ;;
  *) fail "the plugin openssl is not loaded:$plugins" ;;
esac
explains $NAT 'there is no session, tunnel, user' || fail 'something is known of a client that never came'

say '--- the key differs, the proposals differ, nothing follows IKE, the password differs: what explain says'
wait_for 60 'charon of client 1' test -S /run/swan-client1/vici
load_charon client2
client1_config 'another key'
start_l2tpd client1
wait_for 60 'a wrong key' explains $NAT 'IKE failed: the pre-shared keys of the two ends differ'
client_explains() { [[ $(ctl client1 explain office 2>&1) == *"IPsec with $SERVER: the pre-shared keys of the two ends differ"* ]]; }
wait_for 60 'a wrong key at the client too' client_explains
stop l2tpd-client1
swan client2 --initiate --child l2tp > "$LOGS/initiate.txt" 2>&1 && fail 'a proposal that the server has not'
wait_for 20 'no common proposal' explains $NAT 'IKE failed: the two ends have no proposal in common'
# The best that Windows has in common with the server: it needs a plugin of libstrongswan-standard-plugins.
client2_connection aes256-sha1-ecp384 > /run/swan-client2/connections.conf
swan client2 --load-conns --file /run/swan-client2/connections.conf
swan client2 --initiate --child l2tp > "$LOGS/initiate.txt" 2>&1 || fail "$(cat "$LOGS/initiate.txt")"
swan client2 --list-sas | grep ECP_384 || fail "not the group that the client proposes: $(swan client2 --list-sas)"
wait_for 20 'IPsec without L2TP' explains $NAT 'no SCCRQ has come out of IPsec'
client2 wrong
wait_for 60 'a wrong password' explains bob 'authentication failed'
stop xl2tpd-client2

say '--- two clients behind one NAT'
client1_config "$IPSEC_PSK"
start_l2tpd client1
client2 builder
web_by_tunnel client1
web_by_tunnel client2
# The client has its address some time before the server has made its end ready.
wait_for 30 "explain's word that alice is up" explains alice 'the network is up'
wait_for 30 "explain's word that bob is up" explains bob 'the network is up'
for number in 1 2; do in_ns "client$number" ping -q -n -i 0.2 -c 10 -W 3 $WEB > "$LOGS/ping-$number.txt" & pings[number]=$!; done
for number in 1 2; do wait "${pings[number]}" || fail "client $number does not reach the internet"; done
lost=$(grep -L ' 0% packet loss' "$LOGS"/ping-?.txt || true)
if [ -n "$lost" ]; then
  in_ns server nft list ruleset > "$LOGS/ruleset.txt"
  in_ns server cat /proc/net/xfrm_stat > "$LOGS/xfrm_stat.txt"
  in_ns server ip -s xfrm state > "$LOGS/state.txt"
  in_ns server ip -s xfrm policy > "$LOGS/policy.txt"
  in_ns server ss -anup > "$LOGS/ss.txt"
  in_ns server l2tpctl show status > "$LOGS/status.txt"
  in_ns server cat /proc/net/nf_conntrack > "$LOGS/conntrack.txt" || true
  in_ns server ip -s l2tp show session > "$LOGS/l2tp.txt" || true
  fail "packets are lost: $lost"
fi
in_ns server l2tpctl show sessions

say '--- full-size TCP segments, both ways'
in_ns web iperf3 -s -B $WEB -D --logfile "$LOGS/iperf-web.txt"
in_ns client1 iperf3 -c $WEB -n 300K > "$LOGS/iperf.txt" || fail "no TCP: $(cat "$LOGS/iperf.txt")"
in_ns client2 iperf3 -c $WEB -n 300K -R >> "$LOGS/iperf.txt" || fail "no TCP: $(cat "$LOGS/iperf.txt")"

say '--- attacks: clear text to the server, out of it, and subscribers on the host'
in_ns server iperf3 -s -D --logfile "$LOGS/iperf-server.txt"
clear='udp dport 1701 meta' # "ipsec missing" or, of other versions, "secpath missing"
before=$(dropped "$clear")
in_ns web bash -c "printf '\\xc8\\x02\\x00\\x14\\0\\0\\0\\0\\0\\0\\0\\0\\x80\\x08\\0\\0\\0\\0\\0\\x01' > /dev/udp/$SERVER/1701"
in_ns web bash -c "printf '\\x40\\x02\\x00\\x0c\\0\\x01\\0\\x01\\xff\\x03\\xc0\\x21' > /dev/udp/$SERVER/1701"
wait_for 5 'clear text to be counted, control and data' more_dropped "$clear" $((before + 1))
before=$(dropped 'udp sport 1701')
in_ns server python3 -c "import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
try: s.sendto(struct.pack('!HHHH', 1701, 1701, 12, 0) + b'ping', ('$WEB', 0))
except PermissionError: pass"
wait_for 5 'clear text out to be counted' more_dropped 'udp sport 1701' "$before"
in_ns client1 timeout 3 bash -c 'exec 3<> /dev/tcp/10.99.0.1/5201' 2> /dev/null && fail 'a subscriber reaches a service of the host'
chain=$(in_ns server nft list chain inet l2tp_ipsec from_subscribers)
[ "$(sed -n 's/.*counter packets \([0-9]*\) .*drop/\1/p' <<< "$chain")" -ge 1 ] || fail "subscribers are not counted: $chain"
in_ns web timeout 3 bash -c "exec 3<> /dev/tcp/$SERVER/5201" 2> /dev/null && fail 'the host is open to the internet'
in_ns client1 ping -q -n -c 2 -W 3 "$(ip -n client2 -o -4 addr show | sed -n 's/.* inet \(10\.99[0-9.]*\).*/\1/p')" &&
  fail 'subscribers reach each other'

stop l2tpd-client1
stop xl2tpd-client2
stop web-capture
in_wan() { tcpdump -n -r "$LOGS/wan.pcap" "$@" 2> /dev/null | wc -l; }
[ "$(in_wan "src $SERVER and udp port 1701")" -eq 0 ] || fail 'L2TP left in clear text'
[ "$(in_wan "icmp and src $SERVER and dst $WEB")" -ge 20 ] || fail 'no masquerade'
[ "$(in_wan 'net 10.99.0.0/16')" -eq 0 ] || fail "a subscriber's address on the wire"
[ "$(in_wan 'ip[6:2] & 0x3fff != 0')" -eq 0 ] || fail 'fragments'
for way in "src $NAT and dst $SERVER" "src $SERVER and dst $NAT"; do
  largest=$(largest_packet "$LOGS/wan.pcap" "udp port 4500 and $way")
  say "largest ESP packet, $way: $largest octets"
  [ "${largest:-0}" -ge 1440 ] && [ "$largest" -le 1500 ] || fail "largest ESP packet, $way: $largest octets"
done
