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
  read -r _ octets _ <<< "$before"
  [ "$octets" -gt 20000 ] || fail "the pings were not counted: $before"
done
# The PPP interface counts what goes through it; LCP and authentication, a few dozen packets, do not.
for side in lac lns; do
  read -r sent received < <(in_ns $side cat /sys/class/net/ppp0/statistics/tx_packets /sys/class/net/ppp0/statistics/rx_packets | xargs)
  ctl $side --json show sessions > "$LOGS/$side.json"
  for pair in "transmitPackets $sent" "receivePackets $received"; do
    read -r member least <<< "$pair"
    ours=$(grep -o '"'$member'": *[0-9]*' "$LOGS/$side.json" | head -n 1 | grep -o '[0-9]*$')
    say "$side: $member $ours, of ppp0 $least"
    [ "$ours" -ge "$least" ] && [ "$ours" -le $((least + 60)) ] || fail "$member $ours does not fit $least of ppp0"
  done
  ctl $side show session "$(grep -o '"name": *"[^"]*"' "$LOGS/$side.json" | head -n 1 | cut -d '"' -f 4)" | tee "$LOGS/$side.session"
  grep -qi 'transmit.*octets' "$LOGS/$side.session" || fail 'l2tpctl show session tells no octets'
done
stop_both
