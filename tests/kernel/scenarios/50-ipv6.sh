#!/bin/bash
# L2TP over IPv6, PPP and pings inside

LNS_LISTEN=$LNS6
LAC_REMOTE=$LNS6
bring_up
ip -n lac l2tp show tunnel | grep -q "$LNS6" || fail "not over IPv6: $(ip -n lac l2tp show tunnel)"
pings lns 10.99.0.10
stop_both
