#!/bin/bash
# the unit as it is under a real systemd, without root: built-in PPP on the kernel's data plane, reload good and bad, the watchdog, stop and nothing left

. "$here/systemd.sh"
systemd_unit built-in
