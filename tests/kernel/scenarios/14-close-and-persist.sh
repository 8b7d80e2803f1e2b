#!/bin/bash
# l2tpctl closes a session, then a tunnel: both go from the kernel and persist brings them back

bring_up
first=$(ip -n lac l2tp show session)
ctl lac session close one
wait_for 15 'a new session' new_session "$first"
up
has_tunnels lac 1 || fail 'the tunnel should have stayed'
second=$(ip -n lac l2tp show tunnel)
ctl lns show tunnels
ctl lac tunnel close up
wait_for 15 'a new tunnel' new_tunnel "$second"
up
ctl lac show history
stop_both
