#!/bin/bash
# source check on the kernel data plane, built-in PPP: forged sources dropped over IPv4 and IPv6, a network behind a subscriber by a route, nothing left

. "$here/sources.sh"
source_check 'backend: built-in, users: { user: { password: pass } }'
