#!/bin/bash
# the unit and its drop-in for pppd under a real systemd: READY from inside the sandbox, PPP by pppd, reload good and bad, a hung daemon found by the watchdog, stop

. "$here/systemd.sh"
systemd_unit pppd
