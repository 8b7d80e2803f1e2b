#!/bin/bash
# the same with pppd

. "$here/routes.sh"
own_address pppd
