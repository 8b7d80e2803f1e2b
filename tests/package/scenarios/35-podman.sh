# the commands of docs/container.md with Debian's podman: loaded by its name, an LNS behind a published port, reload, stop; read-only

# The command of a page that begins with these words, with its continued lines.
command_of() { # WORDS
  awk -v words="    $1" '
    index($0, words) == 1 { inside = 1 }
    inside { line = $0; sub(/^ +/, "", line); more = sub(/\\$/, "", line); printf "%s", line; if (!more) exit }
  ' "$HERE/../../docs/container.md"
}
# What podman and its network programs write outside of its storage ends with this scenario's mounts.
for directory in /run /var/lib /dev/shm; do mount -t tmpfs -o mode=755 podman "$directory" || fail "no tmpfs at $directory"; done
if [ -d /etc/cni/net.d ]; then
  cp -a /etc/cni/net.d "$SCRATCH/net.d" && mount --bind "$SCRATCH/net.d" /etc/cni/net.d || fail 'no directory of networks'
fi
# Storage of its own, plain directories: an overlay on an overlay is refused.
mkdir -p "$SCRATCH/podman" "$SCRATCH/conf.d" "$SCRATCH/lac.d"
printf '[storage]\ndriver = "vfs"\nrunroot = "%s/run"\ngraphroot = "%s/graph"\n' "$SCRATCH/podman" "$SCRATCH/podman" \
  > "$SCRATCH/storage.conf"
export CONTAINERS_STORAGE_CONF=$SCRATCH/storage.conf
# crun takes no machine with both versions of cgroups. The mount is this scenario's.
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
  umount -R -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup || fail 'no cgroup2'
fi
# In a build environment root may not raise limits, and has no cgroup of its own.
RUN="--cgroups=disabled --ulimit nofile=$(ulimit -Hn):$(ulimit -Hn) --ulimit nproc=4096:4096"
# The machine that podman runs on is a namespace: published ports are there.
for name in host lac; do new_space "$name"; done
join_roots host 192.0.2.1/24 lac 192.0.2.2/24
podman() { nsenter --net="/run/netns/$PREFIX-host" podman "$@"; }
remove_containers() { podman rm --all --force --time 5; podman network prune --force; } > /dev/null 2>&1
trap 'remove_containers; clean_up' EXIT

say 'loaded, the image has the name that the page runs'
podman load -i "$IMAGE" > "$LOGS/load.txt" 2>&1 || fail "$(cat "$LOGS/load.txt")"
NAME=$(sed -n 's/^Loaded image.*: //p' "$LOGS/load.txt")
case $NAME in localhost/l2tpd:?*) ;; *) fail "the image is called $NAME" ;; esac

lns_yaml 0.0.0.0:1701 > "$SCRATCH/conf.d/lns.yaml"
lac_yaml > "$SCRATCH/lac.d/lac.yaml"
chmod 600 "$SCRATCH"/*.d/*.yaml

say 'the command of the page'
command=$(command_of 'podman run')
# The page names a directory of the host and a release.
command=${command//\/srv\/l2tpd\/conf.d/$SCRATCH/conf.d}
command=$(echo "$command" | sed "s#l2tpd:[0-9][^ ]*\$#$NAME#; s#^podman run#podman run $RUN#")
say "$command"
eval "$command" > "$LOGS/run.txt" 2>&1 || fail "$(cat "$LOGS/run.txt")"
podman run $RUN -d --name lac --read-only --tmpfs /run/l2tpd --security-opt no-new-privileges --cap-add NET_ADMIN --device /dev/net/tun \
  --network="ns:/run/netns/$PREFIX-lac" -v "$SCRATCH/lac.d:/etc/l2tpd/conf.d:ro" "$NAME" > "$LOGS/run-lac.txt" 2>&1 ||
  fail "$(cat "$LOGS/run-lac.txt")"
ctl() { local name=$1; shift; podman exec "$name" l2tpctl "$@"; }
for name in l2tpd lac; do wait_for 30 "the network of $name" has_network $name; done
ip netns exec "$PREFIX-lac" ping -q -c 2 -i 0.2 -W 2 10.0.0.1 > "$LOGS/ping.txt" || fail 'no ping through the session'

say 'the commands for a running one'
podman exec l2tpd l2tpctl reload > "$LOGS/reload.txt" 2>&1 || fail "$(cat "$LOGS/reload.txt")"
podman stop --time 30 l2tpd > /dev/null || fail 'podman stop'
[ "$(podman inspect --format '{{.State.ExitCode}}' l2tpd)" = 0 ] || fail 'it did not end with 0'
podman logs l2tpd > "$LOGS/lns.txt" 2>&1
tail -n 1 "$LOGS/lns.txt" | grep -q 'Stopped' || fail "its last line: $(tail -n 1 "$LOGS/lns.txt")"
