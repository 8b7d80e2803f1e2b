#!/bin/bash
# L2TPv3, two sites bridged: 1,500-octet frames with and without a VLAN tag, circuit status from the far host to the near interface

. "$here/v3.sh"
v3_bridged udp 4
