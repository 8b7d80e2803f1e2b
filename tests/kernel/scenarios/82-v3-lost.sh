#!/bin/bash
# L2TPv3, an end killed with -9, then the link cut and healed: noticed in the computed time, nothing left, back by itself

. "$here/v3.sh"
v3_lost udp 6
