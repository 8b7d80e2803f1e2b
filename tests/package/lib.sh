# Words that the scenarios of the grade `package` are written with: clean Debian roots in which systemd runs as process 1 of namespaces of
# its own. Needs root, network namespaces and cgroup2; no container runtime.
#   $DEB, $DEB_BEFORE   the package of this tree, and one that it upgrades
#   $IMAGE              the OCI image of this tree
#   $BASE               the clean root, which nobody changes
#   $LOGS               a directory for what is worth keeping

set -u
SCRATCH=$(mktemp -d /tmp/l2tpd-package-XXXXXX)
PREFIX=lp$$
declare -A INIT=() STARTER=()
CHILDREN=()

say() { echo "# $*"; }

fail() {
  echo "# failed: $*"
  local name
  for name in "${!INIT[@]}"; do
    inside "$name" journalctl --no-pager -o short-precise -n 80 > "$LOGS/journal-$name.txt" 2>&1
    sed "s/^/# $name: /" "$LOGS/journal-$name.txt" | grep -v ' systemd\[1\]: \(Reached\|Started\|Finished\|Starting\)' | tail -n 40
  done
  exit 1
}

wait_for() { # SECONDS WHAT COMMAND...
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "$what did not come"
    sleep 0.2
  done
}

# A clean root by name, with a network namespace of the same name. What is written goes to a layer of its own.
new_root() { # NAME
  local root=$SCRATCH/$1
  mkdir -p "$root" "$SCRATCH/layer-$1"
  # An overlay on an overlay is refused: a tmpfs below is none.
  mountpoint -q "$SCRATCH/layer-$1" || mount -t tmpfs layer "$SCRATCH/layer-$1"
  mkdir -p "$SCRATCH/layer-$1/upper" "$SCRATCH/layer-$1/work"
  mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$SCRATCH/layer-$1/upper,workdir=$SCRATCH/layer-$1/work" "$root" 2> /dev/null ||
    { mount --bind "$SCRATCH/layer-$1/upper" "$root" && cp -a "$BASE/." "$root/"; } || fail "no root $1"
  new_space "$1"
}

# Two roots joined by a link: eth0 in both.
join_roots() { # NAME ADDRESS/LENGTH NAME ADDRESS/LENGTH
  ip link add "${PREFIX}a" netns "$PREFIX-$1" type veth peer name "${PREFIX}b" netns "$PREFIX-$3" || fail 'no link'
  ip -n "$PREFIX-$1" link set "${PREFIX}a" name eth0
  ip -n "$PREFIX-$3" link set "${PREFIX}b" name eth0
  ip -n "$PREFIX-$1" address add "$2" dev eth0; ip -n "$PREFIX-$1" link set eth0 up
  ip -n "$PREFIX-$3" address add "$4" dev eth0; ip -n "$PREFIX-$3" link set eth0 up
}

# The network namespace of a root, with or without one.
new_space() { ip netns add "$PREFIX-$1" && ip -n "$PREFIX-$1" link set lo up || fail "no namespace $1"; }

# lns_yaml [LISTEN]: an LNS at 192.0.2.1 with one user
lns_yaml() {
  cat << END_OF_YAML
listen: ${1:-192.0.2.1:1701}
peers:
  any:
    secret: tunnel-secret
    lns:
      ppp: { backend: built-in, local: 10.0.0.1, pool: 10.0.0.10-10.0.0.20, auth: chap, users: { alice: { password: wonderland } } }
END_OF_YAML
}

# A LAC with a session of that user.
lac_yaml() {
  cat << 'END_OF_YAML'
tunnels:
  office:
    lns: 192.0.2.1
    secret: tunnel-secret
    backoff: { initial: 1s, maximum: 2s }
    sessions:
      main: { ppp: { user: alice, password: wonderland, backend: built-in } }
END_OF_YAML
}

# As a scenario's ctl reaches the daemon of that name.
has_network() { ctl "$1" show sessions | grep -q network-up; }

# Starts systemd in a root and waits until it has started everything.
boot() { # NAME
  local group=$SCRATCH/cgroup/$PREFIX-$1
  mountpoint -q "$SCRATCH/cgroup" || { mkdir -p "$SCRATCH/cgroup" && mount -t cgroup2 cgroup2 "$SCRATCH/cgroup"; } || fail 'no cgroup2'
  mkdir -p "$group"
  (
    echo 0 > "$group/cgroup.procs"
    exec nsenter --net="/run/netns/$PREFIX-$1" unshare --mount --pid --fork --uts --ipc --cgroup "$HERE/boot" "$SCRATCH/$1" "$1"
  ) > "$LOGS/console-$1.txt" 2>&1 < /dev/null &
  STARTER[$1]=$!
  wait_for 20 "process 1 of $1" find_init "$1"
  wait_for 60 "systemd of $1" is_booted "$1"
}

find_init() {
  local pid
  pid=$(cat "/proc/${STARTER[$1]}/task/${STARTER[$1]}/children") || return 1
  pid=${pid%% *}
  [ "$(cat "/proc/$pid/comm")" = systemd ] && INIT[$1]=$pid
}
is_booted() { inside "$1" systemctl is-system-running | grep -Eq '^(running|degraded)$'; }

# Runs a command in a root whose systemd runs, as its own shell would.
inside() { # NAME COMMAND...
  local name=$1; shift
  nsenter --target "${INIT[$name]}" --mount --pid --net --uts --ipc --cgroup -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    DEBIAN_FRONTEND=noninteractive TERM=dumb "$@"
}
# A file into a root: write NAME PATH < CONTENT. As a shell with umask 022 writes it.
write() { inside "$1" sh -c 'umask 022; mkdir -p "${1%/*}"; cat > "$1"' sh "$2"; }
install_deb() { inside "$1" sh -c 'cat > /root/l2tpd.deb' < "$2"; inside "$1" dpkg --force-confold -i /root/l2tpd.deb > "$LOGS/dpkg-$1.txt" 2>&1; }

halt() { # NAME: ends everything in it at once
  [ -z "${INIT[$1]:-}" ] || kill -KILL "${INIT[$1]}" 2> /dev/null
  [ -z "${STARTER[$1]:-}" ] || wait "${STARTER[$1]}" 2> /dev/null
  unset "INIT[$1]" "STARTER[$1]"
  find "$SCRATCH/cgroup/$PREFIX-$1" -depth -type d -exec rmdir {} + 2> /dev/null
}

clean_up() {
  local name pid path
  # unshare ignores SIGTERM; its child dies with it (--kill-child).
  for pid in "${CHILDREN[@]}"; do kill -KILL "$pid" 2> /dev/null; wait "$pid" 2> /dev/null; done
  for name in "${!STARTER[@]}"; do halt "$name"; done
  for path in "/run/netns/$PREFIX-"*; do [ ! -e "$path" ] || ip netns delete "${path##*/}"; done
  # From the last mount to the first.
  for path in $(awk -v s="$SCRATCH/" 'index($5, s) == 1 { print $5 }' /proc/self/mountinfo | tac); do umount "$path" || umount -l "$path"; done
  rm -rf "$SCRATCH"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
