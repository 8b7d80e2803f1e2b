# L2TPv3 scenarios, as functions of the transport (udp or ip): a scenario file loads this and calls one.

# --- configuration by transport

v3_address() { case $1 in 4) echo $LNS4 ;; 6) echo $LNS6 ;; esac; }

# v3_listen TRANSPORT FAMILY: an entry of listen; V3_LISTEN: more of its keys over IP
V3_LISTEN=
v3_listen() {
  case $1 in
    udp) echo "\"$(v3_address "$2")\"" ;;
    ip) echo "{ address: \"$(v3_address "$2")\", transport: ip$V3_LISTEN }" ;;
  esac
}

# v3_remote TRANSPORT FAMILY: the keys of a tunnel that say whom to dial, and over what
v3_remote() {
  case $1 in
    udp) echo "lns: \"$(v3_address "$2")\"" ;;
    ip) echo "lns: \"$(v3_address "$2")\", transport: ip" ;;
  esac
}

# v3_filter TRANSPORT: for tcpdump
v3_filter() { case $1 in udp) echo 'udp port 1701 or ip[6:2] & 0x1fff != 0' ;; ip) echo 'ip proto 115 or ip6 proto 115 or ip[6:2] & 0x1fff != 0' ;; esac; }

# v3_lns TRANSPORT: the responder's file but for the endpoints, each to be added as a line "      NAME: { ... }"
v3_lns() {
  { top_config lns; cat << END; } > "$LOGS/lns.yaml"
$LNS_TOP
listen: [ $(v3_listen "$1" 4), $(v3_listen "$1" 6) ]
ppp:
  # One host has all the sessions, and may answer by another's interface: that is no forged source here.
  server: { auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.250, source-check: false }
  built: { backend: built-in, source-check: false, auth: chap, local: 10.99.1.1, pool: 10.99.1.10-10.99.1.250, users: { user: { password: pass } } }
peers:
  any:
    protocol: v3
    secret: $SECRET
    $LNS_PEER
    lns: { $LNS_SESSION }
    endpoints:
END
}

# v3_lac: the initiator's, but for the tunnels, each a line "  NAME: { ... }"
v3_lac() {
  { top_config lac; cat << END; } > "$LOGS/lac.yaml"
$LAC_TOP
ppp:
  client: { user: user, password: pass }
  built: { backend: built-in, user: user, password: pass }
tunnels:
END
}

# v3_wire TRANSPORT FAMILY NAME LNS-SESSION LAC-SESSION: one tunnel with one session, both called NAME
v3_wire() {
  echo "      $3: { $4 }" >> "$LOGS/lns.yaml"
  cat >> "$LOGS/lac.yaml" << END
  $3: { $(v3_remote "$1" "$2"), protocol: v3, secret: $SECRET, $V3_TUNNEL backoff: { initial: 1s, maximum: 2s }, sessions: { $3: { $5 } } }
END
}
V3_TUNNEL=

# One after the other: both at once would make each other slow enough to give up.
v3_start() {
  start_l2tpd lns
  wait_for 90 'the LNS to be ready' logged l2tpd-lns 'Ready: '
  start_l2tpd lac
}

# v3_patient: for scenarios in which nobody dies; a slow guest must not look like one who did
v3_patient() { HELLO=30 RETRANSMIT=1 CAP=4 RETRIES=10; }

# --- what is there

has_interface() { ip -n "$1" -o link show dev "$2" up 2> /dev/null | grep -q ' state UP '; }
no_interface() { ! ip -n "$1" link show dev "$2" > /dev/null 2>&1; }
is_dormant() { ip -n "$1" -o link show dev "$2" | grep -q ' state DORMANT '; }
v3_empty() { is_empty "$1" && [ -z "$(ip -n "$1" -o link show | grep -E ': (l2tp|pw|eth[46])')" ]; }
v3_nothing_left() {
  local side
  for side in lac lns; do wait_for 5 "nothing left in $side" v3_empty $side; done
}
# fact SIDE SESSION NAME: one fact as l2tpctl tells it
fact() { ctl "$1" show session "$2" | sed -n "s/^$3: *//p"; }
fact_is() { [ "$(fact "$1" "$2" "$3")" = "$4" ]; }

# --- the bodies

# v3_pseudowires TRANSPORT: {IPv4, IPv6} x {Ethernet, PPP} at once, with cookies, sublayer, sequencing and SHA-1
v3_pseudowires() {
  local transport=$1 family
  v3_patient
  world
  chap_secret lns user pass
  LNS_SESSION='sequencing: true, reorder-timeout: 100ms'
  v3_lns "$transport"
  v3_lac
  for family in 4 6; do
    v3_wire "$transport" $family eth$family \
      "pseudowire: { cookie: 8, interface: \"{end-id}\", addresses: [10.98.$family.1/24] }" \
      "sequencing: true, reorder-timeout: 100ms, pseudowire: { cookie: 4, interface: \"{peer}\", addresses: [10.98.$family.2/24] }"
  done
  v3_wire "$transport" 4 ppp4 'ppp: server' 'sequencing: true, ppp: client'
  v3_wire "$transport" 6 ppp6 'ppp: built' 'sequencing: true, ppp: built'
  start capture lns tcpdump -i lns0 -U -w "$LOGS/link.pcap" "$(v3_filter "$transport")"
  v3_start
  for family in 4 6; do
    wait_for 90 "the interface over IPv$family at the LAC" has_interface lac eth$family
    wait_for 20 "the interface over IPv$family at the LNS" has_interface lns eth$family
    pings lac 10.98.$family.1
    pings lns 10.98.$family.2
  done
  wait_for 30 'PPP over both at the LAC' has_ppp_links lac 2
  wait_for 20 'PPP over both at the LNS' has_ppp_links lns 2
  pings lac 10.99.0.1
  pings lac 10.99.1.1
  pings lns 10.99.0.10
  has_sessions lac 4 && has_tunnels lns 4 || fail "not four sessions: $(ip -n lac l2tp show session)"
  ctl lac show sessions | tee "$LOGS/sessions.txt"
  grep -Eq '^[0-9/]+ +eth6/eth6 .* network-up +eth6 ' "$LOGS/sessions.txt" || fail 'l2tpctl does not show the interface'
  ip -n lac l2tp show session | tee "$LOGS/kernel.txt"
  [ "$(grep -c 'sequence numbering: send recv' "$LOGS/kernel.txt")" -eq 4 ] || fail 'no sequence numbers'
  # What the LNS wants to see has eight octets, what the LAC wants has four.
  [ "$(grep -Ec ' cookie [0-9a-f]{16} +peer cookie [0-9a-f]{8}( |$)' "$LOGS/kernel.txt")" -eq 2 ] || fail 'not the cookies that were asked for'
  ! ip -n lac l2tp show tunnel | grep -q 'UDP checksum: disabled' || fail 'UDP checksums are off'
  v3_wrong_cookie "$transport" lns eth4/eth4
  stop_both
  v3_nothing_left
  kill "${PIDS[capture]}"; wait "${PIDS[capture]}" || true
  if [ "$transport" = ip ]; then
    v3_one_conversation "$LOGS/link.pcap" "$LOGS/one.pcap"
    v3_digests "$LOGS/one.pcap"
  else
    v3_digests "$LOGS/link.pcap"
  fi
}

# v3_wrong_cookie TRANSPORT SENDER SESSION: data of SENDER gets another cookie on its way; the LAC drops and counts it
v3_wrong_cookie() {
  local rule
  case $1 in
    udp) rule='udp sport 1701 @th,64,16 0x0003 @th,128,32 set 0x12345678' ;;
    ip) rule='meta l4proto 115 @th,0,32 != 0 @th,32,32 set 0x12345678' ;;
  esac
  in_ns "$2" nft -f - << END
table inet forge {
  chain out {
    type filter hook output priority 0
    $rule
  }
}
END
  ! in_ns lac ping -q -n -c 3 -i 0.2 -W 1 10.98.4.1 || fail 'a wrong cookie was accepted'
  in_ns "$2" nft delete table inet forge
  local dropped
  dropped=$(fact lac "$3" traffic.receive-cookie-discards)
  [ "$dropped" -ge 3 ] || fail "$dropped data messages with a wrong cookie were counted"
  say "$dropped data messages with a wrong cookie were dropped"
  pings lac 10.98.4.1
}

# v3_one_conversation FILE NEW: the control messages of one tunnel. Over IP tshark tells tunnels by their two addresses alone, and takes the nonce of
# one for another's.
v3_one_conversation() {
  local ours theirs
  read -r theirs ours < <(tshark -r "$1" -Y 'l2tp.avp.message_type == 2' -T fields -e l2tp.ccid -e l2tp.avp.assigned_control_conn_id 2>> "$LOGS/tshark.log" | tail -n 1)
  tshark -r "$1" -w "$2" -Y "(l2tp.avp.message_type == 1 && l2tp.avp.assigned_control_conn_id == $theirs) || l2tp.ccid == $theirs || l2tp.ccid == $ours" 2>> "$LOGS/tshark.log"
}

# v3_digests FILE: tshark finds every digest good, and would find a wrong one
v3_digests() {
  local count wrong
  count=$(tshark -r "$1" -Y 'l2tp.avp.message_digest' 2>> "$LOGS/tshark.log" | wc -l)
  wrong=$(tshark -r "$1" -o "l2tp.shared_secret:$SECRET" -Y l2tp.incorrect_digest 2>> "$LOGS/tshark.log" | wc -l)
  # A whole conversation: SCCRQ, SCCRP, SCCCN, ICRQ, ICRP, ICCN, CDN, StopCCN and two ACKs at least.
  [ "$count" -ge 10 ] && [ "$wrong" -eq 0 ] || fail "tshark: $count messages with a digest, $wrong of them wrong"
  wrong=$(tshark -r "$1" -o l2tp.shared_secret:other -Y l2tp.incorrect_digest 2>> "$LOGS/tshark.log" | wc -l)
  [ "$wrong" -ge 10 ] || fail 'tshark does not look at digests'
  say "tshark: $count digests, all good"
}

# v3_bridged TRANSPORT FAMILY: hosts at two sites, each behind a bridge; frames of 1,500 octets, tagged and not; circuit status follows the far host
v3_bridged() {
  local side host
  v3_patient
  world
  for side in lac lns; do
    namespace host-$side
    ip -n $side link add br0 type bridge
    ip -n $side link set br0 up
    ip link add port0 netns $side type veth peer name eth0 netns host-$side
    ip -n $side link set port0 master br0 up
    case $side in lac) host=2 ;; lns) host=1 ;; esac
    ip -n host-$side addr add 10.97.0.$host/24 dev eth0
    ip -n host-$side link set eth0 up
    ip -n host-$side link add link eth0 name eth0.7 type vlan id 7
    ip -n host-$side addr add 10.97.7.$host/24 dev eth0.7
    ip -n host-$side link set eth0.7 up
  done
  v3_lns "$1"
  v3_lac
  v3_wire "$1" "$2" site 'pseudowire: { interface: pw0, bridge: br0, mtu: 1500 }' 'pseudowire: { interface: "l2tp-{peer}", bridge: br0, mtu: 1500 }'
  v3_start
  wait_for 90 'the pseudowire at the LAC' has_interface lac l2tp-site
  wait_for 20 'the pseudowire at the LNS' has_interface lns pw0
  wait_for 40 'the far host' in_ns host-lac ping -q -c 1 -W 1 10.97.0.1
  in_ns host-lac ping -q -n -c 3 -i 0.2 -W 2 -s 1472 -M do 10.97.0.1 || fail 'no frame of 1,500 octets came through'
  in_ns host-lns ping -q -n -c 3 -i 0.2 -W 2 -s 1472 -M do 10.97.7.2 || fail 'no tagged frame of 1,500 octets came through'

  fact_is lac site/site pseudowire.peer-circuit active || fail "the LAC says: $(fact lac site/site pseudowire.peer-circuit)"
  ip -n host-lac link set eth0 down
  wait_for 10 'the interface at the LNS to be dormant' is_dormant lns pw0
  ctl lns show sessions > "$LOGS/sessions.txt"
  local name
  name=$(awk 'NR == 2 { print $1 }' "$LOGS/sessions.txt")
  fact_is lns "$name" pseudowire.peer-circuit 'down, receive-fault, transmit-fault' || fail "the LNS says: $(fact lns "$name" pseudowire.peer-circuit)"
  is_dormant lac l2tp-site && fail 'the LAC thinks the LNS end is down'
  ip -n host-lac link set eth0 up
  wait_for 10 'the interface at the LNS to be up' has_interface lns pw0
  wait_for 40 'the far host again' in_ns host-lns ping -q -c 1 -W 1 10.97.0.2

  # The interface itself set down is a circuit that is down, too; the session stays.
  ip -n lns link set pw0 down
  wait_for 10 'the interface at the LAC to be dormant' is_dormant lac l2tp-site
  fact_is lac site/site pseudowire.peer-circuit down || fail "the LAC says: $(fact lac site/site pseudowire.peer-circuit)"
  ip -n lns link set pw0 up
  wait_for 10 'the interface at the LAC to be up' has_interface lac l2tp-site
  has_sessions lac 1 && has_sessions lns 1 || fail 'a session was lost'
  stop_both
  v3_nothing_left
}

# v3_lost TRANSPORT FAMILY: kill -9 of one end, a cut link: noticed in the computed time, nothing left, back by itself
v3_lost() {
  world
  chap_secret lns user pass
  v3_lns "$1"
  v3_lac
  v3_wire "$1" "$2" wire 'pseudowire: { interface: pw0, addresses: [10.98.0.1/24] }' 'pseudowire: { interface: pw0, addresses: [10.98.0.2/24] }'
  v3_wire "$1" "$2" ppp 'ppp: server' 'ppp: client'
  v3_start
  v3_both_up
  kill_hard l2tpd-lac
  wait_for $((DETECTION + ALLOWANCE)) 'the LNS to notice' has_tunnels lns 0
  took_between $((WAITS - 1)) $((DETECTION + ALLOWANCE)) 'the LNS noticed'
  wait_for 5 'nothing left at the LNS' v3_empty lns
  start_l2tpd lac
  v3_both_up
  has_tunnels lac 2 && has_sessions lac 2 || fail "left from before: $(ip -n lac l2tp show tunnel) $(ip -n lac l2tp show session)"
  [ "$(pppd_count lac)" -eq 1 ] || fail "$(pppd_count lac) pppd at the LAC"
  cut_link
  # Two tunnels at each end, each noticed at a time of its own.
  wait_for $((DETECTION + ALLOWANCE)) 'both ends to notice' eval 'has_tunnels lac 0 && has_tunnels lns 0'
  v3_nothing_left
  heal_link
  v3_both_up
  stop_both
  v3_nothing_left
}

# v3_restarted TRANSPORT FAMILY: the interfaces' names are held by the sessions of the crashed daemon, whose tunnels nobody finds dead for five minutes
v3_restarted() {
  HELLO=300 RETRANSMIT=1 CAP=4 RETRIES=5 WAITS=20
  world
  v3_lns "$1"
  v3_lac
  v3_wire "$1" "$2" wire 'pseudowire: { interface: pw0, addresses: [10.98.0.1/24] }' 'pseudowire: { interface: pw0, addresses: [10.98.0.2/24] }'
  v3_wire "$1" "$2" tag \
    'pseudowire: { type: vlan, vlan: 100, interface: pwtag, addresses: [10.98.1.1/24] }' \
    'pseudowire: { type: vlan, vlan: 100, interface: pwtag, addresses: [10.98.1.2/24] }'
  v3_start
  wait_for 90 'the first pseudowire' in_ns lac ping -q -c 1 -W 1 10.98.0.1
  wait_for 20 'the second pseudowire' in_ns lac ping -q -c 1 -W 1 10.98.1.1
  kill_hard l2tpd-lac
  start_l2tpd lac
  wait_for 150 'the first pseudowire again' in_ns lac ping -q -c 1 -W 1 10.98.0.1
  wait_for 20 'the second pseudowire again' in_ns lac ping -q -c 1 -W 1 10.98.1.1
  not logged l2tpd-lac 'exists already' || fail 'a pseudowire was refused although it could be made'
  ctl lns show history | tee "$LOGS/history.txt"
  [ "$(grep -c 'pseudowire in a new tunnel' "$LOGS/history.txt")" -ge 2 ] || fail 'the sessions of the earlier tunnels did not end as replaced'
  has_sessions lns 2 || fail "not two sessions: $(ip -n lns l2tp show session)"
  # The CDNs that nobody answers tell that nobody is there.
  wait_for $((WAITS + ALLOWANCE)) 'the earlier tunnels to be found dead' has_tunnels lns 2
  stop_both
  v3_nothing_left
}

v3_both_up() {
  wait_for 90 'the pseudowire at the LAC' has_interface lac pw0
  wait_for 20 'the pseudowire at the LNS' has_interface lns pw0
  wait_for 60 'PPP at the LAC' has_ppp_links lac 1
  pings lac 10.98.0.1
  pings lac 10.99.0.1
}

# v3_vlan TRANSPORT FAMILY: type 4 with a tag of ours, with a tag of the host's, and a peer that has it as type 5; what cannot be set up says so
v3_vlan() {
  v3_patient
  world
  LNS_PEER='pseudowires: [ethernet, vlan]'
  v3_lns "$1"
  v3_lac
  v3_wire "$1" "$2" tag \
    'pseudowire: { type: vlan, vlan: 100, interface: tagged, addresses: [10.98.1.1/24] }' \
    'pseudowire: { type: vlan, vlan: 100, addresses: [10.98.1.2/24] }'
  # Without vlan the frames are as the host makes them.
  v3_wire "$1" "$2" raw 'pseudowire: { type: vlan, interface: raw }' 'pseudowire: { type: vlan, interface: raw }'
  v3_wire "$1" "$2" type 'pseudowire: { type: vlan, interface: never }' 'pseudowire: { type: ethernet }'
  v3_wire "$1" "$2" nobr 'pseudowire: { interface: pwa }' 'pseudowire: { interface: pwb, bridge: nobridge }'
  v3_wire "$1" "$2" same 'pseudowire: { interface: pwc }' 'pseudowire: { interface: lac0 }'
  v3_start
  wait_for 90 'the tagged pseudowire' eval 'ip -n lac -o addr show | grep -q 10.98.1.2'
  local sub device
  sub=$(ip -n lac -o -4 addr show | sed -n 's/^[0-9]*: \([^ ]*\) .* 10.98.1.2.*/\1/p')
  device=${sub%.100}
  [ "$sub" = "$device.100" ] || fail "the interface of tagged frames is called $sub"
  # The address may be there a moment before the kernel says that the interface is up.
  wait_for 5 "$sub to be up" has_interface lac "$sub"
  start capture lac tcpdump -i "$device" --immediate-mode -U -w "$LOGS/vlan.pcap"
  wait_for 20 'the tagged interface at the LNS' has_interface lns tagged
  wait_for 5 'tcpdump' logged capture listening
  in_ns lac ping -q -n -c 3 -i 0.2 -W 2 -s "$(($(cat_mtu lac "$sub") - 28))" -M do 10.98.1.1 || fail 'no ping with a tag'
  wait_for 10 'three pings with a tag to be captured' eval '[ "$(tcpdump -r "$LOGS/vlan.pcap" vlan 100 and icmp 2> /dev/null | wc -l)" -ge 6 ]'
  kill "${PIDS[capture]}"; wait "${PIDS[capture]}" || true
  [ "$(tcpdump -r "$LOGS/vlan.pcap" not vlan 2> /dev/null | wc -l)" -eq 0 ] || fail 'frames without a tag were sent'

  wait_for 20 'the pseudowire without a tag of its own' has_interface lns raw
  local side host=1
  for side in lns lac; do
    ip -n $side link add link raw name raw.9 type vlan id 9
    ip -n $side addr add 10.98.9.$host/24 dev raw.9
    ip -n $side link set raw.9 up
    host=$((host + 1))
  done
  pings lac 10.98.9.1

  wait_for 20 'the type to be refused' logged l2tpd-lac 'type/type.*trying again|result code 14|type 4 \(Ethernet VLAN\) here'
  wait_for 20 'the missing bridge to be told of' logged l2tpd-lac 'bridge nobridge: there is no such interface'
  wait_for 20 'the log line on the name in use' logged l2tpd-lac 'an interface lac0 exists already'
  no_interface lac pwb && no_interface lns never || fail 'something is left of a session that failed'
  ctl lac show history > "$LOGS/history.txt"
  grep -q 'bridge nobridge: there is no such interface' "$LOGS/history.txt" || fail 'the history does not say why'
  stop_both
  v3_nothing_left
}

cat_mtu() { in_ns "$1" cat "/sys/class/net/$2/mtu"; }
