#!/bin/bash
# L2TPv3 over IP protocol 115, IPv4 and IPv6, Ethernet and PPP, otherwise as 80-v3-udp

. "$here/v3.sh"
v3_pseudowires ip
