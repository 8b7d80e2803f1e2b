#!/bin/bash
# L2TPv3 over UDP, IPv4 and IPv6, Ethernet and PPP: cookies, sublayer, sequencing, SHA-1 digests that tshark agrees with; a wrong cookie is dropped

. "$here/v3.sh"
v3_pseudowires udp
