#!/bin/bash
# sequence numbers both ways: the kernel sends and requires them, a reordering link costs nothing

LAC_SESSION='sequencing: true
        reorder-timeout: 200ms'
LNS_SESSION='sequencing: true
      reorder-timeout: 200ms'
bring_up
for side in lac lns; do
  in_ns $side grep -Eq '^ +[0-9]+/[0-9]+/R/S/' /proc/net/pppol2tp || fail "no sequencing at the $side: $(in_ns $side cat /proc/net/pppol2tp)"
done
ip netns exec lac tc qdisc add dev lac0 root netem delay 30ms reorder 50%
in_ns lac ping -q -n -c 10 -i 0.05 -W 3 10.99.0.1 || fail 'packets were lost'
stop_both
