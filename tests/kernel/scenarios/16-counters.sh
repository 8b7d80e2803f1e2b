#!/bin/bash
# the kernel, iproute2 and l2tpctl agree on ids, interface, packets and octets of a session

bring_up
in_ns lac ping -q -n -c 20 -i 0.05 -s 1000 -W 2 10.99.0.1 || fail 'packets were lost'
for side in lac lns; do
  # Asked until the kernel says the same before and after: LCP echoes count too.
  for _ in 1 2 3 4 5; do
    before=$(kernel_counters $side)
    ctl $side --json show sessions > "$LOGS/$side.json"
    [ "$(kernel_counters $side)" != "$before" ] || break
  done
  say "$side: kernel $before"
  read -r _ session _ _ tunnel < <(ip -n $side l2tp show session | grep '^Session')
  for fact in "$session" "$tunnel" ppp0 $before; do
    grep -Eq "[: \"]$fact([,\" }]|\$)" "$LOGS/$side.json" || fail "l2tpctl at the $side does not say $fact: $(cat "$LOGS/$side.json")"
  done
  # The PPP interface counts what goes through it; LCP and authentication, a few dozen packets, do not.
  read -r sent received < <(in_ns $side cat /sys/class/net/ppp0/statistics/tx_packets /sys/class/net/ppp0/statistics/rx_packets | xargs)
  read -r our_sent _ our_received _ <<< "$before"
  say "$side: $our_sent sent and $our_received received, of these $sent and $received through ppp0"
  [ "$our_sent" -ge "$sent" ] && [ "$our_sent" -le $((sent + 60)) ] || fail "$our_sent packets sent do not fit $sent of ppp0"
  [ "$our_received" -ge "$received" ] && [ "$our_received" -le $((received + 60)) ] || fail "$our_received packets received do not fit $received of ppp0"
  read -r _ octets _ <<< "$before"
  [ "$octets" -gt 20000 ] || fail "the pings were not counted: $before"
done
ctl lac show session up/one | tee "$LOGS/lac.session"
grep -q 'traffic.transmit-octets: *[1-9]' "$LOGS/lac.session" || fail 'l2tpctl show session tells no octets'
stop_both
