#!/bin/bash
# source check on the kernel data plane where there is no nft: by rp_filter of the interface, and said

. "$here/sources.sh"
source_world
configure 'backend: built-in, users: { user: { password: pass } }'
mkdir -p /run/l2tpd-lns
start l2tpd-lns lns sh -c "mount --bind /dev/null '$(readlink -f "$(command -v nft)")' && exec '$L2TPD' --config '$LOGS/lns.yaml'"
wait_for 120 'the LNS to be ready' logged l2tpd-lns 'Ready: '
start_l2tpd lac
both_up
logged l2tpd-lns 'are checked by rp_filter, and over IPv4 only' || fail 'nothing is said of the missing table'
[ "$(in_ns lns cat /proc/sys/net/ipv4/conf/ppp0/rp_filter)" = 1 ] || fail 'rp_filter is not set'
forged_is_dropped 4
stop_both
