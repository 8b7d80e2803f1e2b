# install, edit, start without root, instances, reload good and bad, upgrade, remove, purge: nothing left

# Names of everything in the root's own file system but what systemd and dpkg write by themselves.
names() {
  inside one find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /root -o -path /var/log \
    -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/systemd -o -path /var/tmp \) -prune -o -print | sort
}
show() { inside one systemctl show "$1" --property "$2" --value; }
status_of() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$(outer_pid "$1")/status"; }
# The process as this machine numbers it: of the root's process 1 all are descendants, and the daemon's name is enough with its unit.
outer_pid() { local pid; for pid in $(cat "$SCRATCH/cgroup/$PREFIX-one/system.slice/$1/cgroup.procs" "$SCRATCH/cgroup/$PREFIX-one/system.slice/system-l2tpd.slice/$1/cgroup.procs" 2> /dev/null); do echo "$pid"; return; done; }
is_up() { inside one l2tpctl "$@" show sessions | grep -q network-up; }

new_root one
boot one
names > "$LOGS/before.txt"

say 'installed, it neither runs nor starts with the machine'
install_deb one "$DEB_BEFORE" || fail 'dpkg -i'
[ "$(inside one systemctl is-enabled l2tpd)" = disabled ] || fail 'enabled by the installation'
[ "$(show l2tpd ActiveState)" = inactive ] || fail 'started by the installation'
[ "$(inside one stat -c '%a %U %G' /etc/l2tpd /etc/l2tpd/l2tpd.yaml | tr '\n' ' ')" = '2750 root l2tpd 640 root l2tpd ' ] || fail 'permissions of /etc/l2tpd'
inside one l2tpd --check /etc/l2tpd/l2tpd.yaml > /dev/null || fail 'the configuration as installed has errors'
[ "$(inside one stat -c '%a %G' /dev/ppp)" = '660 l2tpd' ] || fail '/dev/ppp is not for the daemon'
said=$(inside one systemd-analyze verify --man=no l2tpd.service l2tpd@x.service 2>&1) || true
[ -z "$said" ] || fail "systemd-analyze: $said"

say 'ten lines of YAML and a credential; then it runs as its own user'
inside one sh -c 'umask 077; echo tunnel-secret > /etc/l2tpd/tunnel-secret; chgrp root /etc/l2tpd/tunnel-secret'
write one /etc/systemd/system/l2tpd.service.d/credentials.conf < "$HERE/../../systemd/examples/credentials.conf"
write one /etc/l2tpd/l2tpd.yaml << 'END_OF_YAML'
listen: 127.0.0.1:1701
peers:
  anyone:
    secret-credential: tunnel-secret
    lns:
      ppp:
        backend: built-in
        local: 10.0.0.1
        pool: 10.0.0.10-10.0.0.250
        auth: chap
        users:
          alice: { password: wonderland }
END_OF_YAML
[ "$(inside one stat -c '%a %G' /etc/l2tpd/l2tpd.yaml)" = '640 l2tpd' ] || fail 'the edited file has other permissions'
inside one systemctl daemon-reload
inside one systemctl enable --now l2tpd > /dev/null 2>&1 || fail 'it does not start'
user=$(inside one id -u l2tpd)
[ "$(status_of l2tpd.service Uid | cut -f 1)" = "$user" ] || fail "it does not run as l2tpd: $(status_of l2tpd.service Uid)"
# NET_BIND_SERVICE 10, NET_ADMIN 12, NET_RAW 13.
[ "$(status_of l2tpd.service CapBnd)" = 0000000000003400 ] || fail "capabilities $(status_of l2tpd.service CapBnd)"
[ "$(status_of l2tpd.service NoNewPrivs)/$(status_of l2tpd.service Seccomp)" = 1/2 ] || fail 'no sandbox'

say 'a second daemon beside it, which dials the first'
write one /etc/l2tpd/client/l2tpd.yaml << 'END_OF_YAML'
tunnels:
  office:
    lns: 127.0.0.1
    secret: tunnel-secret
    backoff: { initial: 1s, maximum: 2s }
    sessions:
      main:
        ppp: { user: alice, password: wonderland, backend: built-in, default-route: false }
END_OF_YAML
inside one l2tpd --instance client --check /etc/l2tpd/client/l2tpd.yaml >> "$LOGS/check.txt" 2>&1 || fail "$(cat "$LOGS/check.txt")"
inside one systemctl enable --now l2tpd@client > /dev/null 2>&1 || fail 'the instance does not start'
wait_for 20 'the session of the instance' is_up --instance client
wait_for 20 'the session of the LNS' is_up
[ "$(status_of l2tpd@client.service Uid | cut -f 1)" = "$user" ] || fail 'the instance does not run as l2tpd'

say 'a good file is taken, a bad one fails the reload and changes nothing'
main=$(show l2tpd MainPID)
inside one sed -i '1i host-name: renamed' /etc/l2tpd/l2tpd.yaml
inside one systemctl reload l2tpd || fail 'no reload'
inside one sed -i '1i no-such-key: 1' /etc/l2tpd/l2tpd.yaml
! inside one systemctl reload l2tpd 2> /dev/null || fail 'a bad file did not fail the reload'
[ "$(show l2tpd ActiveState)/$(show l2tpd MainPID)" = "active/$main" ] || fail 'a bad file ended it'
inside one journalctl --no-pager -o cat -u l2tpd | grep -q 'no-such-key' || fail 'the journal does not name the bad key'
inside one sed -i 1d /etc/l2tpd/l2tpd.yaml
inside one systemctl reload l2tpd || fail 'no reload after the correction'
is_up || fail 'a reload ended the session'

say 'shells complete the names of the daemon'
complete_bash() { inside one bash -c '. /usr/share/bash-completion/completions/l2tpctl; COMP_LINE=$1 COMP_POINT=${#1}; _l2tpctl; printf "%s\n" "${COMPREPLY[@]}"' bash "$1"; }
complete_fish() { inside one env HOME=/root fish --no-config -c "source /usr/share/fish/vendor_completions.d/l2tpctl.fish; complete -C '$1'"; }
complete_zsh() { inside one zsh -f -c 'compadd() { shift; print -l -- "$@" }; LBUFFER=$1; . /usr/share/zsh/vendor-completions/_l2tpctl' zsh "$1"; }
for shell in bash fish zsh; do
  complete_$shell 'l2tpctl show stat' | grep -qx status || fail "$shell does not complete a command: $(complete_$shell 'l2tpctl show stat')"
  complete_$shell 'l2tpctl --instance client tunnel close off' | grep -qx office || fail "$shell does not complete a tunnel"
  complete_$shell 'l2tpctl show session anyo' | grep -q '^anyone.one' || fail "$shell does not complete a session"
  complete_$shell 'l2tpctl show session ali' | grep -qx alice || fail "$shell does not complete a user"
done

say 'started before its address is there, it waits, and receives then'
inside one sed -i 's/^listen: .*/listen: [127.0.0.1:1701, 192.0.2.7:1701]/' /etc/l2tpd/l2tpd.yaml
inside one systemctl restart l2tpd || fail 'no start without the address'
inside one l2tpctl show status | grep -q '192.0.2.7:1701 (waits: no interface has this address)' || fail 'show status does not say that it waits'
inside one ip address add 192.0.2.7/32 dev lo
inside one sed -i 's/lns: .*/lns: 192.0.2.7/' /etc/l2tpd/client/l2tpd.yaml
inside one systemctl reload l2tpd@client || fail 'no reload of the instance'
wait_for 20 'a session by the address that came' sh -c "nsenter --target ${INIT[one]} --mount --pid --net -- l2tpctl show tunnels | grep -q 192.0.2.7"
journal_says() { inside one journalctl --no-pager -o cat -u l2tpd | grep -q -- "$1"; }
wait_for 10 'a line that the address is there' journal_says 'The listener 192.0.2.7:1701 has its address now'
wait_for 20 'the session of the instance' is_up --instance client
main=$(show l2tpd MainPID)

say 'an upgrade keeps the configuration and restarts what runs'
inside one sha256sum /etc/l2tpd/l2tpd.yaml /etc/l2tpd/client/l2tpd.yaml > "$LOGS/sums"
inside one chmod 0600 /etc/l2tpd/tunnel-secret
inside one chmod 2770 /etc/l2tpd
client=$(show l2tpd@client MainPID)
install_deb one "$DEB" || fail "the upgrade: $(cat "$LOGS/dpkg-one.txt")"
inside one sha256sum -c < "$LOGS/sums" > /dev/null || fail 'the configuration was changed'
[ "$(inside one stat -c '%a %G' /etc/l2tpd)" = '2770 l2tpd' ] || fail 'permissions of the administrator were changed'
[ "$(show l2tpd ActiveState)" = active ] && [ "$(show l2tpd MainPID)" != "$main" ] || fail 'it was not restarted'
[ "$(show l2tpd@client ActiveState)" = active ] && [ "$(show l2tpd@client MainPID)" != "$client" ] || fail 'the instance was not restarted'
[ "$(inside one systemctl is-enabled l2tpd)" = enabled ] || fail 'it is no longer enabled'
wait_for 30 'the session after the upgrade' is_up
wait_for 30 'the session of the instance after the upgrade' is_up --instance client

say 'a stopped one stays stopped at an upgrade'
inside one systemctl stop l2tpd@client
install_deb one "$DEB" || fail 'dpkg -i again'
[ "$(show l2tpd@client ActiveState)" = inactive ] || fail 'the upgrade started what was stopped'
inside one systemctl start l2tpd@client

say 'removed, nothing of it runs, and the configuration stays'
inside one dpkg --remove l2tpd > "$LOGS/remove.txt" 2>&1 || fail 'dpkg --remove'
[ -z "$(inside one pgrep -x l2tpd)" ] || fail 'a daemon still runs'
inside one sha256sum -c < "$LOGS/sums" > /dev/null || fail 'remove took the configuration'

say 'purged, nothing of it is left'
# What the administrator wrote is the administrator's to remove.
inside one rm -r /etc/l2tpd/client /etc/l2tpd/tunnel-secret /etc/systemd/system/l2tpd.service.d
inside one dpkg --purge l2tpd > "$LOGS/purge.txt" 2>&1 || fail 'dpkg --purge'
inside one systemctl daemon-reload
names > "$LOGS/after.txt"
left=$(diff "$LOGS/before.txt" "$LOGS/after.txt" | sed -n 's/^[<>]/&/p')
[ -z "$left" ] || fail "left over or missing: $left"
[ -z "$(inside one find /run -name '*l2tpd*')" ] || fail "left in /run: $(inside one find /run -name '*l2tpd*')"
[ -z "$(inside one systemctl list-units --all --plain --no-legend 'l2tpd*')" ] || fail 'units are left'
