#!/bin/bash
# the link cut and healed: both ends notice in the computed time, nothing is left meanwhile, persist brings it back

bring_up
cut_link
wait_for $((DETECTION + ALLOWANCE)) 'both ends to notice' both_empty
took_between $((WAITS - 1)) $((DETECTION + ALLOWANCE)) 'noticed'
heal_link
# One attempt may be under way with its last wait, then the longest backoff with jitter, then the dialling itself.
wait_for $((WAITS + 3 + 5 + ALLOWANCE)) 'PPP again' has_ppp_links lac 1
up
stop_both
