#!/bin/bash
# an LNS whose PPP address is its tunnel's, built-in PPP: the tunnel keeps its way with a default route that replaces another, and kill -9 puts that back

. "$here/routes.sh"
own_address built-in
