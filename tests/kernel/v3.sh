# L2TPv3 scenarios, as functions of the transport (udp or ip): a scenario file loads this and calls one.

# --- configuration by transport

v3_address() { case $1 in 4) echo $LNS4 ;; 6) echo $LNS6 ;; esac; }

# v3_listen TRANSPORT FAMILY: an entry of listen
v3_listen() {
  case $1 in
    udp) echo "\"$(v3_address "$2")\"" ;;
    ip) echo "{ address: \"$(v3_address "$2")\", transport: ip }" ;;
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
  server: { auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.250 }
  built: { backend: built-in, auth: chap, local: 10.99.1.1, pool: 10.99.1.10-10.99.1.250, users: { user: { password: pass } } }
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

v3_start() {
  start_l2tpd lns
  start_l2tpd lac
}

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
  local transport=$1 family tunnel peer
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
  grep -Eq '^eth6/eth6 .* network-up +eth6 ' "$LOGS/sessions.txt" || fail 'l2tpctl does not show the interface'
  ip -n lac l2tp show session | tee "$LOGS/kernel.txt"
  [ "$(grep -c 'sequence numbering: send recv' "$LOGS/kernel.txt")" -eq 4 ] || fail 'no sequence numbers'
  [ "$(grep -Ec '^ +cookie [0-9a-f]{16}$' "$LOGS/kernel.txt")" -ge 2 ] || fail 'no cookies of eight octets are sent'
  [ "$(grep -Ec '^ +peer cookie [0-9a-f]{8}$' "$LOGS/kernel.txt")" -eq 2 ] || fail 'no cookies of four octets are expected'
  v3_wrong_cookie "$transport" lns eth4/eth4
  stop_both
  v3_nothing_left
  kill "${PIDS[capture]}"; wait "${PIDS[capture]}" || true
  v3_digests "$LOGS/link.pcap"
}

# v3_wrong_cookie TRANSPORT SENDER SESSION: data of SENDER gets another cookie on its way; the LAC drops and counts it
v3_wrong_cookie() {
  local rule
  case $1 in
    udp) rule='udp sport 1701 @th,64,32 0x00030000 @th,128,32 set 0x12345678' ;;
    ip) rule='meta l4proto 115 @th,0,32 != 0 @th,32,32 set 0x12345678' ;;
  esac
  case $1 in udp) rule='udp sport 1701 @th,64,16 0x0003 @th,128,32 set 0x12345678' ;; esac
  in_ns "$2" nft -f - << END
table inet forge { chain out { type filter hook output priority 0; $rule; } }
END
  ! in_ns lac ping -q -n -c 3 -i 0.2 -W 1 10.98.4.1 || fail 'a wrong cookie was accepted'
  in_ns "$2" nft delete table inet forge
  local dropped
  dropped=$(fact lac "$3" traffic.receive-cookie-discards)
  [ "$dropped" -ge 3 ] || fail "$dropped data messages with a wrong cookie were counted"
  say "$dropped data messages with a wrong cookie were dropped"
  pings lac 10.98.4.1
}

# v3_digests FILE: tshark finds every digest good, and would find a wrong one
v3_digests() {
  local count wrong
  count=$(tshark -r "$1" -Y 'l2tp.avp.message_digest' 2>> "$LOGS/tshark.log" | wc -l)
  wrong=$(tshark -r "$1" -o "l2tp.shared_secret:$SECRET" -Y l2tp.incorrect_digest 2>> "$LOGS/tshark.log" | wc -l)
  [ "$count" -gt 10 ] && [ "$wrong" -eq 0 ] || fail "tshark: $count messages with a digest, $wrong of them wrong"
  wrong=$(tshark -r "$1" -o l2tp.shared_secret:other -Y l2tp.incorrect_digest 2>> "$LOGS/tshark.log" | wc -l)
  [ "$wrong" -gt 10 ] || fail 'tshark does not look at digests'
  say "tshark: $count digests, all good"
}
