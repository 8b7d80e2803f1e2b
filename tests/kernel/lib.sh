# What the scenarios are written with. Two network namespaces, lac and lns, joined by a link; programs started in them whose
# output is kept; waits that end; assertions that end the scenario and say why.

LAC4=10.9.0.1 LNS4=10.9.0.2 LAC6=fd00:9::1 LNS6=fd00:9::2
declare -A PIDS=()        # name of a program -> pid of the process that runs it

say() { printf '[%6.1f] %s\n' "$(cut -d ' ' -f 1 /proc/uptime)" "$*"; }
fail() {
  say "FAILED: $*"
  for log in "$LOGS"/*.log; do
    [ "$log" = "$LOGS/scenario.log" ] || { echo "--- $(basename "$log")"; tail -n 25 "$log"; }
  done
  exit 1
}

# --- the world

# namespace NAME: with an /etc/ppp of its own
namespace() {
  mkdir -p "/etc/netns/$1/ppp"
  : > "/etc/netns/$1/ppp/options"
  ip netns add "$1"
  ip -n "$1" link set lo up
}

# link SIDE DEVICE ADDRESS SIDE DEVICE ADDRESS
link() {
  ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
  ip -n "$1" addr add "$3" dev "$2"
  ip -n "$4" addr add "$6" dev "$5"
  ip -n "$1" link set "$2" up
  ip -n "$4" link set "$5" up
}

world() {
  namespace lac
  namespace lns
  link lac lac0 $LAC4/24 lns lns0 $LNS4/24
  ip -n lac addr add $LAC6/64 dev lac0 nodad
  ip -n lns addr add $LNS6/64 dev lns0 nodad
}

# Every namespace of the guest is ours.
tear_down() {
  local status=$? side pids
  trap - EXIT
  for side in $(ip netns list | cut -d ' ' -f 1); do
    pids=$(ip netns pids "$side" 2> /dev/null) && [ -z "$pids" ] || kill -9 $pids 2> /dev/null || true
  done
  for side in $(ip netns list | cut -d ' ' -f 1); do
    ip netns del "$side" 2> /dev/null || true
    rm -rf "/etc/netns/$side"
  done
  exit $status
}

in_ns() { local side=$1; shift; ip netns exec "$side" "$@"; }

# chap_secret SIDE USER SECRET: a line both for proving and for checking
chap_secret() { echo "\"$2\" * \"$3\" *" >> "/etc/netns/$1/ppp/chap-secrets"; chmod 600 "/etc/netns/$1/ppp/chap-secrets"; }

# --- programs

# start NAME SIDE COMMAND...: in the background; output in $LOGS/NAME.log. `ip netns exec` becomes the command, so the pid is its own.
start() {
  local name=$1 side=$2; shift 2
  ip netns exec "$side" "$@" < /dev/null >> "$LOGS/$name.log" 2>&1 &
  PIDS[$name]=$!
}

running() { kill -0 "${PIDS[$1]}" 2> /dev/null; }

# stop NAME [SECONDS]: SIGTERM, and it must end in time; leaves its exit status in STATUS
stop() {
  kill -TERM "${PIDS[$1]}"
  ended "$1" "${2:-30}"
}

ended() {
  wait_for "$2" "$1 to end" not running "$1"
  STATUS=0
  wait "${PIDS[$1]}" || STATUS=$?
}

not() { ! "$@"; }

# wait_for SECONDS WHAT COMMAND...: until the command succeeds; leaves the seconds it took in TOOK
wait_for() {
  local limit=$1 what=$2 begin end; shift 2
  begin=$(centiseconds); end=$((begin + limit * 100))
  until "$@" > /dev/null 2>&1; do
    [ "$(centiseconds)" -lt $end ] || fail "waited $limit s for $what"
    sleep 0.1
  done
  TOOK=$(( ($(centiseconds) - begin) / 100 ))
  say "$what: after $TOOK s"
}

centiseconds() { local up; read -r up _ < /proc/uptime; echo $((10#${up/./})); }

logged() { grep -Eq -- "$2" "$LOGS/$1.log"; }

# --- what the kernel has

tunnels() { ip -n "$1" l2tp show tunnel | grep -c '^Tunnel' || true; }
# A PPPoL2TP tunnel socket of the old interface counts as session 0 of its tunnel: not a session.
sessions() { ip -n "$1" l2tp show session | grep -Ec '^Session [1-9]' || true; }
has_sessions() { [ "$(sessions "$1")" -eq "$2" ]; }
has_tunnels() { [ "$(tunnels "$1")" -eq "$2" ]; }
ppp_links() { ip -n "$1" -o -4 addr show up | grep -c ' ppp[0-9]* ' || true; }
has_ppp_links() { [ "$(ppp_links "$1")" -eq "$2" ]; }
pppd_count() {
  local pid count=0
  for pid in $(ip netns pids "$1"); do
    [ "$(cat "/proc/$pid/comm" 2> /dev/null)" != pppd ] || count=$((count + 1))
  done
  echo $count
}
no_pppd() { [ "$(pppd_count "$1")" -eq 0 ]; }

# nothing_left SECONDS [SIDE...]: no kernel object, no PPP link, no pppd; both sides when none is named
nothing_left() {
  local side limit=$1; shift
  [ $# -gt 0 ] || set -- lac lns
  for side in "$@"; do
    wait_for "$limit" "nothing left in $side" is_empty "$side"
  done
}
is_empty() { has_sessions "$1" 0 && has_tunnels "$1" 0 && has_ppp_links "$1" 0 && no_pppd "$1"; }

pings() { # SIDE ADDRESS
  in_ns "$1" ping -q -n -c 3 -i 0.2 -W 2 "$2" || fail "no ping from $1 to $2"
}

# --- xl2tpd

# start_xl2tpd SIDE < its configuration, without the global section
start_xl2tpd() {
  local side=$1 directory=$LOGS/xl2tpd-$1
  mkdir -p "$directory"
  { printf '[global]\nport = 1701\nauth file = %s/secrets\ndebug tunnel = yes\ndebug state = yes\ndebug avp = yes\n' "$directory"; cat; } > "$directory/conf"
  [ -e "$directory/secrets" ] || echo "* * sesame" > "$directory/secrets"
  # Its control pipe cannot live on a 9p file system.
  start "xl2tpd-$side" "$side" "$XL2TPD" -D -c "$directory/conf" -p "/run/xl2tpd-$side.pid" -C "/run/xl2tpd-$side.control"
}

ppp_options() { # FILE LINE...
  local file=$1; shift
  printf '%s\n' "$@" "logfile ${file%.ppp}.pppd.log" noccp nobsdcomp nodeflate novj noipdefault nodefaultroute debug > "$file"
}

# --- l2tpd

# Timers of both sides, and what follows from them. A dead peer is noticed after a HELLO went unanswered: at the latest
# HELLO + sum of the waits after last hearing from it, at the earliest the waits alone.
HELLO=3 RETRANSMIT=0.5 CAP=1 RETRIES=3
WAITS=4                   # 0.5 + 1 + 1 + 1 and rounded up
DETECTION=$((HELLO + WAITS))
: "${ALLOWANCE:=3}"         # s; the guest is slow, and looking takes time too: the suite measures how slow

timers() { echo "timers: { hello-interval: ${HELLO}s, retransmit-initial: ${RETRANSMIT}s, retransmit-cap: ${CAP}s, max-retransmits: $RETRIES }"; }

# lns_config, lac_config: one peer, one tunnel, one session with CHAP. Scenarios change them through these variables, each a
# line of YAML in its place.
SECRET=sesame
LNS_LISTEN=$LNS4 LNS_TOP= LNS_PEER= LNS_SESSION= LNS_PPP= LAC_REMOTE=$LNS4 LAC_TOP= LAC_TUNNEL= LAC_SESSION= LAC_PPP=

top_config() { # SIDE
  cat << END
host-name: $1
data-plane: kernel
control: { socket: /run/l2tpd-$1/control.sock }
state-file: /run/l2tpd-$1/state.json
log: { format: console }
$(timers)
END
}

lns_config() {
  { top_config lns; cat << END; } > "$LOGS/lns.yaml"
$LNS_TOP
listen: "$LNS_LISTEN"
peers:
  any:
    secret: $SECRET
    $LNS_PEER
    lns:
      $LNS_SESSION
      ppp:
        auth: chap
        local: 10.99.0.1
        pool: 10.99.0.10-10.99.0.250
        $LNS_PPP
END
}

lac_config() { # [SIDE]
  local side=${1:-lac}
  lac_top "$side"
  cat >> "$LOGS/$side.yaml" << END
      one:
        backoff: { initial: 1s, maximum: 2s }
        $LAC_SESSION
        ppp:
          user: user
          password: pass
          $LAC_PPP
END
}

lac_top() { # SIDE: all but the sessions
  { top_config "$1"; cat << END; } > "$LOGS/$1.yaml"
$LAC_TOP
tunnels:
  up:
    lns: "$LAC_REMOTE"
    secret: $SECRET
    backoff: { initial: 1s, maximum: 2s }
    $LAC_TUNNEL
    sessions:
END
}

start_l2tpd() { # SIDE
  mkdir -p "/run/l2tpd-$1"
  start "l2tpd-$1" "$1" "$L2TPD" --config "$LOGS/$1.yaml"
}

ctl() { # SIDE ARGUMENT...
  local side=$1; shift
  in_ns "$side" "$L2TPCTL" --socket "/run/l2tpd-$side/control.sock" "$@"
}

# Both daemons with the configuration as written, until PPP has addresses at both ends.
bring_# Both daemons with the configuration as written, one after the other: two that start at once cost a busy guest more than twice the time.
start_in_turn() {
  start_l2tpd lns
  wait_for 120 'the LNS to be ready' logged l2tpd-lns 'Ready: '
  start_l2tpd lac
}

up() {
  [ -e /run/netns/lac ] || world
  chap_secret lns user pass
  lns_config
  lac_config
  start_l2tpd lns
  start_l2tpd lac
  up
}

up() {
  wait_for 90 'PPP at the LAC' has_ppp_links lac 1
  wait_for 20 'PPP at the LNS' has_ppp_links lns 1
  pings lac 10.99.0.1
}

listening() { in_ns "$1" ss -Huln sport = :1701 | grep -q .; }
new_session() { has_sessions lac 1 && [ "$(ip -n lac l2tp show session)" != "$1" ]; }
new_tunnel() { has_tunnels lac 1 && [ "$(ip -n lac l2tp show tunnel)" != "$1" ]; }
both_empty() { is_empty lac && is_empty lns; }
no_process() { ! pgrep -f "$1" > /dev/null; }
logged_times() { [ "$(grep -Ec -- "$2" "$LOGS/$1.log")" -ge "$3" ]; }

# The kernel's own counters of the one session: "tx-packets tx-octets rx-packets rx-octets". iproute2 shows none.
kernel_counters() {
  in_ns "$1" cat /proc/net/pppol2tp | awk '/SESSION \047/ { session = 1; line = 0 } session && ++line == 3 { print $2, $3; exit }' |
    sed 's|\([0-9]*\)/\([0-9]*\)/[0-9]* *\([0-9]*\)/\([0-9]*\)/.*|\1 \2 \3 \4|'
}

stop_both() {
  stop l2tpd-lac
  [ $STATUS -eq 0 ] || fail "l2tpd-lac ended with $STATUS"
  stop l2tpd-lns
  [ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
  nothing_left 5
}

# took_between LEAST MOST WHAT: about the seconds the last wait_for took
took_between() {
  [ "$TOOK" -ge "$1" ] && [ "$TOOK" -le "$2" ] || fail "$3 after $TOOK s, not within $1 to $2 s"
}

cut_link() { ip -n lns link set lns0 down; say 'link cut'; }
heal_link() { ip -n lns link set lns0 up; ip -n lns addr replace $LNS6/64 dev lns0 nodad; say 'link healed'; }
kill_hard() { kill -9 "${PIDS[$1]}"; wait "${PIDS[$1]}" 2> /dev/null || true; say "killed $1"; }
