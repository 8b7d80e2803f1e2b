#!/bin/bash
# the LAC killed with -9: the LNS notices in the computed time; a restart removes what was left, only ours, and recovers

bring_up
# A tunnel of somebody else's, and a pppd of somebody else's child, are not ours to remove.
ip -n lac l2tp add tunnel tunnel_id 4000000 peer_tunnel_id 4000000 encap ip local $LAC4 remote $LNS4
ip -n lac l2tp add session tunnel_id 4000000 session_id 4000000 peer_session_id 4000000

kill_hard l2tpd-lac
wait_for $((DETECTION + ALLOWANCE)) 'the LNS to notice' has_sessions lns 0
took_between $((WAITS - 1)) $((DETECTION + ALLOWANCE)) 'the LNS noticed'
nothing_left 5 lns
start_l2tpd lac
up
has_tunnels lac 2 || fail "tunnels at the LAC: $(ip -n lac l2tp show tunnel)"
has_sessions lac 2 || fail "sessions at the LAC: $(ip -n lac l2tp show session)"
[ "$(pppd_count lac)" -eq 1 ] || fail "$(pppd_count lac) pppd at the LAC"
ip -n lac l2tp del session tunnel_id 4000000 session_id 4000000
ip -n lac l2tp del tunnel tunnel_id 4000000
stop_both
