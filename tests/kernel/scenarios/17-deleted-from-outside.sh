#!/bin/bash
# a session, then a tunnel, deleted by ip l2tp del: noticed, said, made again; our own deletions are not taken for that

ids() { ip -n lac l2tp show session | sed -n 's/^Session \([1-9][0-9]*\) in tunnel \([0-9]*\).*/\2 \1/p'; }

bring_up
read -r tunnel session < <(ids)
ip -n lac l2tp del session tunnel_id "$tunnel" session_id "$session"
wait_for 5 'the LAC to notice the session' logged l2tpd-lac "Another program deleted session $session of tunnel $tunnel"
wait_for $((10 + ALLOWANCE)) 'a new session' eval '[ "$(ids)" != "" ] && [ "$(ids)" != "'"$tunnel $session"'" ]'
up
read -r tunnel session < <(ids)
ip -n lac l2tp del tunnel tunnel_id "$tunnel"
wait_for 5 'the LAC to notice the tunnel' logged l2tpd-lac "Another program deleted tunnel $tunnel"
logged l2tpd-lac 'is down, it had . sessions: .*deleted in the kernel from outside' || fail 'no reason in the log'
ctl lac show history | tee "$LOGS/history"
grep -q 'deleted in the kernel from outside' "$LOGS/history" || fail 'no reason in the history'
wait_for $((15 + ALLOWANCE)) 'a new tunnel' eval '[ "$(ids)" != "" ] && [ "$(ids)" != "'"$tunnel $session"'" ]'
up
before=$(grep -c 'Another program' "$LOGS/l2tpd-lac.log")
stop_both
[ "$(grep -c 'Another program' "$LOGS/l2tpd-lac.log")" = "$before" ] || fail 'its own deletion was taken for that of another'
not logged l2tpd-lns 'Another program' || fail 'the LNS took a deletion in another namespace for one of its own'
