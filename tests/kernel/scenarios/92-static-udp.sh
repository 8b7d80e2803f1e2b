#!/bin/bash
# Static tunnels over UDP against `ip l2tp`, at either end, IPv4 and IPv6; reload; deletion by others; nothing left

. "$here/static.sh"
static_by_hand udp
static_reload
static_stop
