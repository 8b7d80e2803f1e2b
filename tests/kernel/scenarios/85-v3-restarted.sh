#!/bin/bash
# L2TPv3, the dialling end killed with -9 and started again at once: its pseudowires come back long before the old tunnels are found dead

. "$here/v3.sh"
v3_restarted udp 4
