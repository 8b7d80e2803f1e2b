#!/bin/bash
# Static tunnels between two l2tpd with keepalive, UDP and IP: the link cut and healed, one end restarted

. "$here/static.sh"
KEEPALIVE='keepalive: { interval: 2s, retransmit-initial: 500ms, retransmit-cap: 1s, max-retransmits: 2 },'
world
static_top lac
static_top lns
static_end lac udp $LAC4 $LNS4 4 "$KEEPALIVE"
static_end lac ip $LAC6 $LNS6 6 "$KEEPALIVE"
static_end lns udp $LNS4 $LAC4 4 "$KEEPALIVE"
static_end lns ip $LNS6 $LAC6 6 "$KEEPALIVE"
start_l2tpd lns
start_l2tpd lac
both_links() { for side in lac lns; do for wire in wire4 wire6; do "$1" $side $wire || return 1; done; done; }
wait_for 90 'all interfaces up' both_links link_up
for side in lac lns; do wait_for 90 "the daemon of $side ready" logged l2tpd-$side Ready: ; done
pings lac 10.97.4.2
pings lac 10.97.6.2

# The last HELLO was answered at most 2 s before the cut; the next one goes unanswered for 0.5 + 1 + 1 s.
cut_link
wait_for 20 'all interfaces down' both_links link_down
took_between 2 $((5 + ALLOWANCE)) 'the interfaces were down'
tells_of_silence() { ctl lac show history | grep -q 'no longer answers HELLO'; }
wait_for 30 'the history to tell of the silence' tells_of_silence
has_sessions lac 2 || fail 'sessions went with the silence'

# Asked again all the time: an answer within a retransmission's wait.
heal_link
wait_for 20 'all interfaces up again' both_links link_up
took_between 0 $((2 + ALLOWANCE)) 'the interfaces were up'
pings lac 10.97.4.2
pings lns 10.97.6.1

# An end that begins anew has other sequence numbers, and is understood.
stop l2tpd-lac
start_l2tpd lac
wait_for 90 'the interface of the restarted end' link_up lac wire4
wait_for 60 'the daemon ready' logged_times l2tpd-lac 'Ready:' 2
wait_for 20 'all interfaces up' both_links link_up
pings lac 10.97.4.2
stop_both
