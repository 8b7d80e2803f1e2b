#!/bin/bash
# The unit under a real systemd, with the drop-in for pppd or as it is. A scenario loads this and calls `systemd_unit pppd` or
# `systemd_unit built-in`.

# Nothing here is about dead peers: no slow guest is to be taken for one.
CAP=2 RETRIES=6 WAITS=12 DETECTION=$((HELLO + 12))

# systemd is process 1 of a pid namespace of its own, in the LNS's network namespace. What it starts sees the repository's build as installed.
systemd_unit() { # BACKEND
local backend=$1
world
chap_secret lns user pass
units=/run/systemd/system
# Another scenario of this guest may have left its drop-ins.
rm -rf $units/l2tpd.service.d
mkdir -p $units/l2tpd.service.d /etc/l2tpd /opt/l2tpd
cp "$here/../../systemd/l2tpd.service" $units/
case $backend in
  pppd) cp "$here/../../systemd/examples/pppd.conf" $units/l2tpd.service.d/ ;;
  built-in)
    # As the package does.
    systemd-sysusers "$here/../../packaging/deb/l2tpd.sysusers" || fail 'no user'
    systemd-tmpfiles --create "$here/../../packaging/deb/l2tpd.tmpfiles" || fail '/dev/ppp has no other group'
    LNS_PPP=$'backend: built-in\n        users: { user: { password: pass } }' ;;
esac
mkdir -p /opt/l2tpctl
ln -sf /opt/l2tpd/l2tpd /usr/sbin/l2tpd
ln -sf /opt/l2tpctl/l2tpctl /usr/bin/l2tpctl
mount --bind "$(dirname "$(readlink -f "$L2TPD")")" /opt/l2tpd
mount --bind "$(dirname "$(readlink -f "$L2TPCTL")")" /opt/l2tpctl
# In addition to the unit as it is: a start as slow as the guest may be, and a watchdog that the test can wait for.
cat > $units/l2tpd.service.d/test.conf << 'END'
[Service]
TimeoutStartSec=200s
WatchdogSec=15s
END
# Before the unit comes sysinit.target: what this machine has installed for its own start does not belong here, and some of it waits for ever (systemd-binfmt for its automount).
for wanted in /{lib,etc}/systemd/system/sysinit.target.wants/*; do
  [ "${wanted##*/}" = systemd-journald.service ] || ln -sf /dev/null "$units/${wanted##*/}"
done
cat > $units/l2tpd-test.target << 'END'
[Unit]
DefaultDependencies=no
Wants=systemd-journald.socket systemd-journald.service
END
lns_config
sed -i '/^control:/d; /^state-file:/d; s/^log:.*/log: { format: journal }/' "$LOGS/lns.yaml"
install -m 600 "$LOGS/lns.yaml" /etc/l2tpd/l2tpd.yaml
[ "$backend" = pppd ] || { chgrp l2tpd /etc/l2tpd /etc/l2tpd/l2tpd.yaml; chmod 750 /etc/l2tpd; chmod 640 /etc/l2tpd/l2tpd.yaml; }

cat > "$LOGS/systemd-start" << 'END'
mount --bind /etc/netns/lns/ppp /etc/ppp
[ -e /sys/fs/cgroup/cgroup.procs ] || { mkdir -p /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup; }
exec env container=other /lib/systemd/systemd --system --unit=l2tpd-test.target --log-target=console --show-status=no
END
ip netns exec lns unshare --mount --pid --fork --mount-proc bash "$LOGS/systemd-start" < /dev/null > "$LOGS/systemd.log" 2>&1 &
PIDS[unshare]=$!
inside() { nsenter --target "$SYSTEMD" --mount --pid -- "$@"; }
pings_quietly() { in_ns lac ping -q -n -c 1 -W 1 10.99.0.1; }
find_systemd() { SYSTEMD=$(pgrep -x systemd -P "${PIDS[unshare]}"); }
wait_for 20 'systemd' find_systemd
is_up() { inside systemctl is-active --quiet l2tpd-test.target; }
wait_for 60 'its target' is_up
show() { inside systemctl show l2tpd --property "$1" --value; }
journal() { inside journalctl --no-pager -o cat -u l2tpd; }
journal_has() { journal | grep -Eq -- "$1"; }

# What it says of other units of this machine is not ours.
said=$(inside systemd-analyze verify --man=no $units/l2tpd.service 2>&1 | grep l2tpd) || true
[ -z "$said" ] || fail "systemd-analyze: $said"
# The unit has to load what the guest has loaded before.
modprobe -r l2tp_ip6 l2tp_ip || true
[ ! -e /sys/module/l2tp_ip ] || fail 'l2tp_ip cannot be unloaded'

failed_start() { { journal; inside systemctl list-jobs --no-pager; inside systemctl status --no-pager -l l2tpd; } > "$LOGS/l2tpd-lns.log" 2>&1 || true; fail "$1"; }
started=$SECONDS
inside timeout 200 systemctl start l2tpd || failed_start 'the unit did not start'
start=$((SECONDS - started))
[ "$(show ActiveState)/$(show SubState)" = active/running ] || failed_start 'the unit is not running'
for module in l2tp_ip l2tp_ip6; do [ -e /sys/module/$module ] || failed_start "$module is not loaded"; done
main=$(show MainPID)
user=root
[ "$backend" = pppd ] || user=l2tpd
[ "$(stat -c %U "/proc/$(pgrep -x l2tpd -P "$SYSTEMD")")" = "$user" ] || failed_start "it does not run as $user"
say "READY after $start s, main process $main, $(show NRestarts) restarts"
lac_config
start_l2tpd lac
up || failed_start 'no PPP'
journal_has 'ppp[0-9]' || failed_start 'nothing in the journal'

sed -i 's/^host-name: .*/host-name: renamed/' /etc/l2tpd/l2tpd.yaml
inside systemctl reload l2tpd || failed_start 'no reload'
wait_for 20 'the reload' journal_has '^Read .* again'
[ "$(show MainPID)" = "$main" ] || failed_start 'the reload restarted it'
pings lac 10.99.0.1
sed -i '1i no-such-key: 1' /etc/l2tpd/l2tpd.yaml
! inside systemctl reload l2tpd || failed_start 'a bad file did not fail the reload'
[ "$(show MainPID)/$(show ActiveState)" = "$main/active" ] || failed_start 'a bad file ended it'
sed -i 1d /etc/l2tpd/l2tpd.yaml

# A daemon that does not answer is killed and started again, and clears up what the first left.
inside kill -STOP "$main"
is_new() { [ "$(show MainPID)" -gt 0 ] && [ "$(show MainPID)" != "$main" ] && [ "$(show ActiveState)" = active ]; }
wait_for $((30 + 2 * start + ALLOWANCE)) 'the watchdog to start it again' is_new
[ "$(show NRestarts)" = 1 ] || failed_start "$(show NRestarts) restarts"
wait_for $((DETECTION + 120)) 'the session to be back' pings_quietly

inside timeout 40 systemctl stop l2tpd || failed_start 'no stop'
[ "$(show Result)" = success ] || failed_start "the result is $(show Result)"
wait_for 10 'nothing left in lns' is_empty lns
stop l2tpd-lac 60
nothing_left 10
inside systemctl exit || true
}
