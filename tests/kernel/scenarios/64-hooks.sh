#!/bin/bash
# hooks at both ends: in order, with their facts; one that fails and one that hangs cost nothing but a line

# Nothing here is about dead peers: no slow guest is to be taken for one.
CAP=2 RETRIES=6 WAITS=12 DETECTION=$((HELLO + 12))

world
chap_secret lns user pass
cat > "$LOGS/hook" << 'END'
#!/bin/bash
[ "$2" != hang ] || exec sleep 600
[ "$2" != fail ] || exit 3
echo "$L2TPD_EVENT $L2TPD_TUNNEL ${L2TPD_SESSION:-}" >> "$1.events"
env | grep ^L2TPD_ | sort > "$1.$L2TPD_EVENT"
END
chmod +x "$LOGS/hook"
hooks() { # SIDE
  printf 'hooks:\n'
  for event in tunnel-up session-up network-up session-down tunnel-down; do
    printf '  %s: [%s/hook, %s/%s]\n' $event "$LOGS" "$LOGS" "$1"
  done
}
LNS_TOP=$(hooks lns-hook) LAC_TOP=$(hooks lac-hook)
lns_config
lac_config
start_in_turn
up
events() { [ -e "$LOGS/$1-hook.events" ] && [ "$(cut -d ' ' -f 1 "$LOGS/$1-hook.events" | xargs)" = "$2" ]; }
for side in lac lns; do
  wait_for 10 "the hooks of the $side" events $side 'tunnel-up session-up network-up'
  for fact in 'L2TPD_INTERFACE=ppp0' "L2TPD_ROLE=$side"; do
    grep -qx "$fact" "$LOGS/$side-hook.network-up" || fail "$side: no $fact: $(cat "$LOGS/$side-hook.network-up")"
  done
done
grep -q '=10.99.0.1$' "$LOGS/lac-hook.network-up" || fail 'the address of the peer is missing'
stop l2tpd-lac
wait_for 10 'the last hooks of the LNS' events lns 'tunnel-up session-up network-up session-down tunnel-down'
events lac 'tunnel-up session-up network-up session-down tunnel-down' || fail "the LAC's hooks at the end: $(cat "$LOGS/lac-hook.events")"
grep -qx 'L2TPD_END_CAUSE=ShutDown' "$LOGS/lac-hook.tunnel-down" || fail "no cause: $(cat "$LOGS/lac-hook.tunnel-down")"
grep -qx 'L2TPD_RESULT_CODE=6' "$LOGS/lns-hook.tunnel-down" || fail "no result: $(cat "$LOGS/lns-hook.tunnel-down")"
stop l2tpd-lns
nothing_left 5

LAC_TOP="hooks: { timeout: 2s, session-up: [$LOGS/hook, x, hang], tunnel-up: [$LOGS/hook, x, fail], network-up: /nonexistent/hook }"
lns_config
lac_config
start_l2tpd lns
wait_for 120 'the LNS to be ready' logged_times l2tpd-lns 'Ready: ' 2
start_l2tpd lac
up
wait_for 20 'the failure to be told' logged l2tpd-lac 'tunnel-up'
wait_for 20 'the hanging one to be told' logged l2tpd-lac 'session-up'
wait_for 5 'it to be gone' no_process 'sleep 600'
stop_both
