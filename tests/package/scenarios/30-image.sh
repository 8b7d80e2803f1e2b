# the OCI image: digests right, the same octets twice, unpacked into namespaces it is LNS and LAC on the userspace data plane, without a container runtime

layout=$SCRATCH/layout
mkdir -p "$layout"
tar -C "$layout" -xf "$IMAGE" || fail 'no archive'

say 'every blob is what its name says, and the index leads to all of them'
for blob in "$layout"/blobs/sha256/*; do
  [ "$(sha256sum "$blob" | cut -d ' ' -f 1)" = "${blob##*/}" ] || fail "the digest of $blob is wrong"
done
[ "$(cat "$layout/oci-layout")" = '{"imageLayoutVersion":"1.0.0"}' ] || fail 'oci-layout'
blob_of() { sed -n "s/.*\"$2\":\\[*{\"mediaType\":\"[^\"]*\",\"digest\":\"sha256:\\([0-9a-f]*\\)\".*/\\1/p" "$1"; }
manifest=$(blob_of "$layout/index.json" manifests)
config=$(blob_of "$layout/blobs/sha256/$manifest" config)
layer=$(blob_of "$layout/blobs/sha256/$manifest" layers)
[ "$(printf '%s\n' "$manifest" "$config" "$layer" | sort)" = "$(ls "$layout/blobs/sha256")" ] || fail 'index, manifest and blobs do not agree'
[ "$(gzip -dc "$layout/blobs/sha256/$layer" | sha256sum | cut -d ' ' -f 1)" = "$(sed -n 's/.*"diff_ids":\["sha256:\([0-9a-f]*\)".*/\1/p' "$layout/blobs/sha256/$config")" ] ||
  fail 'diff_id'
skopeo inspect "oci-archive:$IMAGE" > "$LOGS/inspect.json" || fail 'skopeo does not read it'
skopeo inspect --config "oci-archive:$IMAGE" > "$LOGS/config.json" && grep -q '"/usr/sbin/l2tpd"' "$LOGS/config.json" || fail 'skopeo reads no entry point'
skopeo inspect "docker-archive:$IMAGE" > /dev/null || fail 'docker load would not read it'
version=$(sed -n 's/.*"org.opencontainers.image.version":"\([^"]*\)".*/\1/p' "$layout/blobs/sha256/$config")
first=$(sha256sum < "$IMAGE")
created=$(sed -n 's/^{"created":"\([^"]*\)".*/\1/p' "$layout/blobs/sha256/$config")
SOURCE_DATE_EPOCH=$(date -d "$created" +%s) "$HERE/../../packaging/make-image" "$version" > /dev/null || fail 'no second image'
[ "$(sha256sum < "$IMAGE")" = "$first" ] || fail 'made again, it has other octets'

declare -A CONTAINER=()
# What `podman run --cap-add NET_ADMIN --device /dev/net/tun` makes: namespaces, the image as root, few capabilities, entry point and command.
container() { # NAME ROOT: runs until it is killed; output in container-NAME.txt
  nsenter --net="/run/netns/$PREFIX-$1" unshare --mount --pid --fork --uts --ipc --kill-child bash -c '
    set -eu
    mount --make-rprivate /
    mount -t proc proc "$1/proc"
    mount -t tmpfs -o mode=755 tmpfs "$1/dev"
    for device in null zero random urandom; do : > "$1/dev/$device"; mount --bind "/dev/$device" "$1/dev/$device"; done
    mkdir "$1/dev/net"; mknod -m 666 "$1/dev/net/tun" c 10 200
    # Of docker and podman by default those that matter here, and NET_ADMIN.
    exec setpriv --no-new-privs --bounding-set -all,+net_admin,+net_raw,+net_bind_service,+kill,+chown,+dac_override,+sys_chroot \
      env -i PATH=/usr/sbin:/usr/bin DOTNET_EnableDiagnostics=0 chroot "$1" /usr/sbin/l2tpd --config /etc/l2tpd/l2tpd.yaml
  ' container "$2" > "$LOGS/container-$1.txt" 2>&1 < /dev/null &
  CHILDREN+=($!)
  CONTAINER[$1]=$!
}
new_container() { # NAME < a file for conf.d
  local root=$SCRATCH/image-$1
  mkdir "$root" && tar -C "$root" -xzf "$layout/blobs/sha256/$layer" || fail 'the layer cannot be unpacked'
  cat > "$root/etc/l2tpd/conf.d/test.yaml"
  new_space "$1"
}
# Nothing before it is l2tpd: a program that starts while the devices are still empty files waits for ever for octets of /dev/urandom.
daemon_of() {
  local pid
  pid=$(tr -d ' ' < "/proc/${CONTAINER[$1]}/task/${CONTAINER[$1]}/children") && [ "$(cat "/proc/$pid/comm")" = l2tpd ] && echo "$pid"
}
# As `podman exec` does.
ctl() { local name=$1 pid; shift; pid=$(daemon_of "$name") && nsenter --target "$pid" --mount --pid --net -- chroot "$SCRATCH/image-$name" /usr/bin/l2tpctl "$@"; }

say 'an LNS and a LAC of the image'
new_container lns < <(lns_yaml)
new_container lac < <(lac_yaml)
join_roots lns 192.0.2.1/24 lac 192.0.2.2/24
container lns "$SCRATCH/image-lns"
container lac "$SCRATCH/image-lac"
for name in lns lac; do wait_for 30 "the network of $name" has_network $name; done
ctl lns show status | grep -Eq 'data-plane: +userspace' || fail "another data plane: $(ctl lns show status | grep data-plane)"
ip netns exec "$PREFIX-lac" ping -q -c 2 -i 0.2 -W 2 10.0.0.1 > "$LOGS/ping.txt" || fail 'no ping through the session'

say 'it ends at SIGTERM, as `podman stop` sends it'
kill -TERM "$(daemon_of lns)"
wait "${CONTAINER[lns]}" || fail "it ended with $?"
