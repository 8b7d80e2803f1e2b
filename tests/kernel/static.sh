# Static tunnels: l2tpd at one end, at the other `ip l2tp` or l2tpd again. A scenario file loads this.

# Sequence numbers are tried where no end begins anew: the other would drop what is behind the numbers it has seen.
STATIC_SESSION=

# static_end SIDE TRANSPORT ADDRESS PEER NUMBER MORE: SIDE's file gets tunnel wireNUMBER to PEER with session lan: ids and cookies by NUMBER and side
static_end() {
  local side=$1 transport=$2 number=$5 own=1 other=2 ports=
  [ "$side" = lac ] || { own=2; other=1; }
  [ "$transport" = ip ] || ports="source-port: 500$own,"
  cat >> "$LOGS/$side.yaml" << END
  wire$number:
    { protocol: static, transport: $transport, local-address: "$3", remote: "$(static_remote "$transport" "$4" $other)", $ports
      tunnel-id: $number$own, peer-tunnel-id: $number$other, $6
      backoff: { initial: 1s, maximum: 2s },
      sessions: { lan: { session-id: ${number}0$own, peer-session-id: ${number}0$other, $STATIC_SESSION
        cookie: "$(cookie $own)", peer-cookie: "$(cookie $other)",
        pseudowire: { sublayer: default, interface: wire$number, addresses: [10.97.$number.$own/24] } } } }
END
}

static_remote() { if [ "$1" = ip ]; then echo "$2"; else echo "[$2]:500$3" | sed 's/^\[\([0-9.]*\)\]/\1/'; fi; }

# What data to that side must carry; the sides differ, so that a mix-up shows.
cookie() { case $1 in 1) echo 0123456789abcdef ;; 2) echo fedcba9876543210 ;; esac; }

# ip_l2tp_end SIDE TRANSPORT ADDRESS PEER NUMBER [MORE]: the same by hand
ip_l2tp_end() {
  local side=$1 transport=$2 number=$5 own=1 other=2 ports=
  [ "$side" = lac ] || { own=2; other=1; }
  [ "$transport" = ip ] || ports="udp_sport 500$own udp_dport 500$other"
  in_ns "$side" ip l2tp add tunnel tunnel_id "$number$own" peer_tunnel_id "$number$other" encap "$transport" local "$3" remote "$4" $ports
  in_ns "$side" ip l2tp add session name "wire$number" tunnel_id "$number$own" session_id "${number}0$own" peer_session_id "${number}0$other" \
    cookie "$(cookie $other)" peer_cookie "$(cookie $own)" l2spec_type default $6
  ip -n "$side" addr add "10.97.$number.$own/24" dev "wire$number"
  ip -n "$side" link set "wire$number" up
}

static_top() { { top_config "$1"; echo tunnels:; } > "$LOGS/$1.yaml"; }

link_up() { ip -n "$1" -o link show dev "$2" up 2> /dev/null | grep -q .; }
link_down() { ip -n "$1" -o link show dev "$2" | grep -q . && ! link_up "$1" "$2"; }

# static_by_hand TRANSPORT: wire4 over IPv4 with l2tpd at the LAC, wire6 over IPv6 with l2tpd at the LNS; `ip l2tp` at the other ends
static_by_hand() {
  local side
  world
  static_top lac
  static_end lac "$1" $LAC4 $LNS4 4 ''
  static_top lns
  STATIC_SESSION='sequencing: true,'
  static_end lns "$1" $LNS6 $LAC6 6 ''
  ip_l2tp_end lns "$1" $LNS4 $LAC4 4 ''
  ip_l2tp_end lac "$1" $LAC6 $LNS6 6 'seq both'
  start_l2tpd lac
  start_l2tpd lns
  wait_for 120 'the interface at the LAC' link_up lac wire4
  wait_for 30 'the interface at the LNS' link_up lns wire6
  pings lac 10.97.4.2
  pings lns 10.97.6.1
  # Bigger than a frame of the link has room for: it is sent in fragments.
  in_ns lac ping -q -n -c 2 -i 0.2 -W 2 -s 1400 10.97.4.2 || fail 'no ping of 1,428 octets'
  ip -n lac l2tp show tunnel; ip -n lac l2tp show session
  # Each end's kernel has, from l2tpd and from `ip l2tp`, one tunnel and one session that differ in ids and addresses only.
  for side in lac lns; do
    [ "$(ip -n $side l2tp show session | grep -Ec 'cookie (0123456789abcdef|fedcba9876543210)')" -eq 2 ] || fail "$side: cookies"
    [ "$(ip -n $side l2tp show session | grep -c 'sequence numbering: send recv')" -eq 1 ] || fail "$side: sequence numbers"
  done
  ctl lac show tunnels | tee "$LOGS/tunnels.txt"
  grep -Eq '^wire4 .*established' "$LOGS/tunnels.txt" || fail 'l2tpctl does not show the tunnel'
  ctl lac show sessions | grep -Eq '^[0-9/]+ +wire4/lan .*network-up +wire4' || fail 'l2tpctl does not show the session'
}

# static_reload: the session goes with its line, and comes again with it
static_reload() {
  cp "$LOGS/lac.yaml" "$LOGS/lac.full"
  sed -i 's/session-id: 401/session-id: 409/' "$LOGS/lac.yaml"
  kill -HUP "${PIDS[l2tpd-lac]}"
  wait_for 20 'another session' has_session lac 409
  cp "$LOGS/lac.full" "$LOGS/lac.yaml"
  kill -HUP "${PIDS[l2tpd-lac]}"
  wait_for 20 'the session again' has_session lac 401
  wait_for 20 'its interface' link_up lac wire4
  pings lac 10.97.4.2
  # What somebody deletes is set up again.
  ip -n lac l2tp del session tunnel_id 41 session_id 401
  wait_for 20 'the deleted session again' has_session lac 401
  wait_for 20 'its interface' link_up lac wire4
  pings lac 10.97.4.2
}

has_session() { ip -n "$1" l2tp show session | grep -q "^Session $2 "; }

# static_stop: l2tpd leaves nothing, what was set up by hand stays
static_stop() {
  stop l2tpd-lac
  [ $STATUS -eq 0 ] || fail "l2tpd-lac ended with $STATUS"
  stop l2tpd-lns
  [ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
  wait_for 5 'nothing of l2tpd left at the LAC' only_by_hand lac 61
  wait_for 5 'nothing of l2tpd left at the LNS' only_by_hand lns 42
}

only_by_hand() { has_tunnels "$1" 1 && has_sessions "$1" 1 && ip -n "$1" l2tp show tunnel | grep -q "^Tunnel $2,"; }
