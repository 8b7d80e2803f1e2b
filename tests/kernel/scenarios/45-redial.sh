#!/bin/bash
# A LAC dials again over real pppd: the next LNS where a port is refused, an interface of a fixed name after the peer's CDN and StopCCN, refused credentials

# Nothing here is about dead peers: no slow guest is to be taken for one.
CAP=2 RETRIES=6 WAITS=12 DETECTION=$((HELLO + 12))

LAC_REMOTE="$LNS4:1799"
LAC_PPP='interface: ppp77'
world
chap_secret lns user pass
lns_config
lac_config
sed -i "s|lns: \"$LAC_REMOTE\"|lns: [\"$LAC_REMOTE\", \"$LNS4\"]|" "$LOGS/lac.yaml"
start_in_turn
up
# Nothing listens on 1799: two refusals, half a second apart, and not the seconds of a silent LNS.
logged l2tpd-lac 'nothing listens at .*:1799: it refused [23] SCCRQs' || fail 'the refused port was not told'

# outage WHAT COMMAND...: from the peer's end of the call until its network answers again
outage() {
  local what=$1 begin; shift
  "$@"
  begin=$(centiseconds)
  wait_for 20 "the link to go after $what" has_ppp_links lac 0
  wait_for 40 "the link to come back after $what" has_ppp_links lac 1
  wait_for 20 "an answer after $what" in_ns lac ping -q -n -c 1 -W 1 10.99.0.1
  OUTAGE=$(( $(centiseconds) - begin ))
  say "outage after $what: $((OUTAGE / 100)).$((OUTAGE % 100 / 10)) s"
}
close_session() { ctl lns session close "$(peer_session)"; }
close_both() { close_session; ctl lns tunnel close "$(peer_tunnel)"; }
peer_session() { ctl lns --json show sessions | sed -n 's/.*"name": *"\(any[^"]*\)".*/\1/p' | head -n 1; }
peer_tunnel() { ctl lns --json show tunnels | sed -n 's/.*"name": *"\(any[^"]*\)".*/\1/p' | head -n 1; }

outage CDN close_session
# A pppd whose peer has terminated LCP stays for its restart timer, 3 s, in which the wait of the back-off passes; then the call and PPP. Before, pppd was
# killed after 5 s and the name was taken.
[ "$OUTAGE" -le $((500 + ALLOWANCE * 100)) ] || fail "too long an outage"
retries=$(grep -c 'trying again' "$LOGS/l2tpd-lac.log")
outage 'CDN and StopCCN' close_both
[ "$OUTAGE" -le $((600 + ALLOWANCE * 100)) ] || fail "too long an outage"
again=$(grep -c 'trying again' "$LOGS/l2tpd-lac.log")
say "lines of retries: $retries, then $again"
! grep -E 'did not end within|File exists|killed' "$LOGS/l2tpd-lac.log" || fail 'pppd was killed, or the name was taken'
! grep -E 'CDN: result (4|5)' "$LOGS"/l2tpd-*.log || fail 'a CDN for want of facilities'
ip -n lac -o link show ppp77 | grep -q UP || fail 'not the interface of the fixed name'
stop_both

# A wrong password, towards another make of LNS.
rm -f "$LOGS/l2tpd-lac.log"
ppp_options "$LOGS/lns.ppp" auth require-chap 'name lns'
start_xl2tpd lns << END
[lns default]
ip range = 10.99.0.10-10.99.0.20
local ip = 10.99.0.1
require authentication = yes
challenge = yes
pppoptfile = $LOGS/lns.ppp
END
sed -i -e 's/password: pass/password: wrong/' "$LOGS/lac.yaml"
sed -i -e 's/^      one:/      one:\n        retry: { give-up-after: 3 }/' "$LOGS/lac.yaml"
start_l2tpd lac
wait_for 60 'it to be given up' logged l2tpd-lac 'up/one: given up after 3 refusals in a row: LNS .* refused the credentials of user user'
ends=$(grep -c 'Session up/one of tunnel up is down' "$LOGS/l2tpd-lac.log")
right=$(grep -Ec 'WRN.*Session up/one of tunnel up is down: LNS 10.9.0.2:1701 .*refused the credentials of user user' "$LOGS/l2tpd-lac.log")
say "$right of $ends ends are called a refusal"
[ "$ends" -eq 3 ] && [ "$right" -eq 3 ] || fail 'not every end is called a refusal, or none is a warning'
ctl lac show history | tee "$LOGS/history.txt"
sleep 3
[ "$(grep -c 'Session up/one of tunnel up is down' "$LOGS/l2tpd-lac.log")" -eq 3 ] || fail 'it went on'
stop l2tpd-lac
nothing_left 12 lac
stop xl2tpd-lns
