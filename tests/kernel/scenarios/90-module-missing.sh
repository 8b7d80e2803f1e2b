#!/bin/bash
# a kernel without L2TP or PPPoL2TP: data-plane kernel is an error that names the module to load

world
lns_config
missing_module() { # MODULE...: unloaded and kept out
  local module
  for module in "$@"; do echo "install $module /bin/false"; done > /etc/modprobe.d/l2tpd-test.conf
}
try() { # MODULE
  start_l2tpd lns
  ended l2tpd-lns 15
  [ $STATUS -ne 0 ] || fail 'it ended with 0'
  logged l2tpd-lns "$1" || fail "the log does not name $1"
  rm "$LOGS/l2tpd-lns.log"
}
trap 'rm -f /etc/modprobe.d/l2tpd-test.conf; modprobe -a l2tp_ppp l2tp_eth l2tp_ip l2tp_ip6; tear_down' EXIT

rmmod l2tp_ppp
missing_module l2tp_ppp
try l2tp_ppp
rmmod l2tp_eth l2tp_netlink
missing_module l2tp_netlink l2tp_ppp l2tp_eth
try l2tp_netlink
