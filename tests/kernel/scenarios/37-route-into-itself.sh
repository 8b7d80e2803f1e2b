#!/bin/bash
# a route that leads the tunnel into its own session is named, and the tunnel guarded (kernel data plane, pppd)

. "$here/routes.sh"
route_into_itself pppd
