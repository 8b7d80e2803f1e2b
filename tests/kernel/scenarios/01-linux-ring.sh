#!/bin/bash
# every call of the ring L2tpd.Linux on this kernel (tests/L2tpd.Linux.Probe)

namespace lac
in_ns lac "$(dirname "$L2TPD")/L2tpd.Linux.Probe" || fail 'a check failed'
