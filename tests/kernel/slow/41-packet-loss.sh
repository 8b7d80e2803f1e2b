#!/bin/bash
# a link that loses everything without going down, then one in five packets: noticed, then set up all the same

bring_up
ip netns exec lns tc qdisc add dev lns0 root netem loss 100%
# pppd's farewell is lost as well, and asked for again: it is killed when its time is up (shutdown.ppp-wait, 5 s).
wait_for $((DETECTION + 5 + ALLOWANCE)) 'both ends to notice' both_empty
took_between $((WAITS - 1)) $((DETECTION + 5 + ALLOWANCE)) 'noticed'
ip netns exec lns tc qdisc change dev lns0 root netem loss 20% delay 20ms 5ms
ip netns exec lac tc qdisc add dev lac0 root netem loss 20% delay 20ms 5ms
# pppd does not repeat CHAP's Success: where that is lost, its peer waits until IPCP gives up, 45 s, and all is set up again.
wait_for 130 'PPP on the bad link' has_ppp_links lac 1
ip netns exec lns tc qdisc del dev lns0 root
ip netns exec lac tc qdisc del dev lac0 root
wait_for 60 'PPP at the LNS' has_ppp_links lns 1
stop_both
