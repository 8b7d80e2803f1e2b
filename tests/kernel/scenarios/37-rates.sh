#!/bin/bash
# rates of subscribers on the kernel data plane: tbf and police on the session's interface, what passes in a flood each way, gone with the session

world
{ top_config lns; cat << END; } > "$LOGS/lns.yaml"
listen: "$LNS4"
peers:
  any: { secret: $SECRET, lns: { ppp: { backend: built-in, auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.12, rate: 50M,
         users: { user: { password: pass, rate: { down: 1M, up: 2M } } } } } }
END
lac_top lac
echo "      one: { ppp: { backend: built-in, user: user, password: pass } }" >> "$LOGS/lac.yaml"
start_in_turn
wait_for 60 'PPP at the LAC' has_ppp_links lac 1
wait_for 20 'PPP at the LNS' has_ppp_links lns 1
pings lac 10.99.0.1
in_ns lns tc qdisc show dev ppp0 | tee "$LOGS/qdisc.txt"
grep -q 'qdisc tbf 4c32: root .* rate 1Mbit' "$LOGS/qdisc.txt" || fail 'there is no tbf of 1 Mbit/s'
in_ns lns tc filter show dev ppp0 ingress | tee "$LOGS/filter.txt"
grep -q 'police .*rate 2Mbit' "$LOGS/filter.txt" || fail 'there is no police action of 2 Mbit/s'
! grep -q 'cannot be set' "$LOGS/l2tpd-lns.log" || fail 'the log says that rates cannot be set'

# bound BURST RATE: octets that may have passed since START, at RATE bit/s
bound() { echo $(($1 + $2 / 8 * ($(cut -d . -f 1 /proc/uptime) + 1 - START))); }
# 3,000 packets of 1,028 octets at once from the subscriber: half a second of 2 Mbit/s passes, then the rate. The answers are slower.
transmitted() { in_ns lns cat /sys/class/net/ppp0/statistics/tx_bytes; }
before=$(transmitted); START=$(cut -d . -f 1 /proc/uptime)
in_ns lac ping -q -n -c 3000 -l 3000 -s 1000 -W 2 10.99.0.1 | tee "$LOGS/flood.txt" || true
sent=$(($(transmitted) - before))
[ "$sent" -gt 20000 ] || fail "only $sent octets of answers left"
[ "$sent" -le "$(bound 32768 1000000)" ] || fail "$sent octets to the peer are more than 1 Mbit/s"
dropped=$(in_ns lns tc -s filter show dev ppp0 ingress | sed -n 's/.*dropped \([0-9]*\),.*/\1/p' | head -n 1)
[ "${dropped:-0}" -gt 1000 ] || fail "the police action dropped '$dropped' packets of 3,000"

stop l2tpd-lac 60
gone() { ! in_ns lns tc qdisc show | grep -q 'tbf 4c32:'; }
wait_for 20 'the rates to go with the session' gone
stop l2tpd-lns 60
[ $STATUS -eq 0 ] || fail "l2tpd-lns ended with $STATUS"
