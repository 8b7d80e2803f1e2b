#!/bin/bash
# L2TPv3, VLAN pseudowires with and without a tag of ours; sessions that cannot be set up end with a reason and leave nothing

. "$here/v3.sh"
v3_vlan udp 4
