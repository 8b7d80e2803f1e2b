# For scenarios with clients of strongSwan behind one NAT, which is the namespace lac: their networks, and the configurations of both ends.
# port_of NUMBER is to be defined: the UDP port inside IPsec of each client.

nat_world() {
  ipsec_modules
  world
  ip -n lac link add inside type bridge
  ip -n lac addr add 10.8.0.1/24 dev inside
  ip -n lac link set inside up
  in_ns lac nft -f - << 'END'
table ip nat {
  chain out {
    type nat hook postrouting priority srcnat
    oifname "lac0" masquerade
  }
}
END
}

concentrator() { # LISTEN [DATA-PLANE]
  cat > "$LOGS/lns.yaml" << END
$(top_config lns | sed "s/^data-plane: kernel/data-plane: ${2:-kernel}/")
listen: { address: $LNS4, ipsec: required, $1 }
peers: { any: { lns: { ppp: subscribers } } }
ppp:
  subscribers: { backend: built-in, auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.99, users: { user: { password: pass } } }
END
}

client() { # NUMBER
  namespace "client$1"
  ip link add up0 netns "client$1" type veth peer name "down$1" netns lac
  ip -n "client$1" addr add "10.8.0.$((10 + $1))/24" dev up0
  ip -n "client$1" link set up0 up
  ip -n lac link set "down$1" master inside up
  ip -n "client$1" route add default via 10.8.0.1
  start_charon "client$1" < <(ipsec_client l2tp $LNS4 "$(port_of "$1")")
  cat > "$LOGS/client$1.yaml" << END
$(top_config "client$1")
tunnels:
  up:
    lns: $LNS4
    source-port: $(port_of "$1")
    ipsec: required
    backoff: { initial: 1s, maximum: 2s }
    sessions: { one: { ppp: { backend: built-in, user: user, password: pass } } }
END
}

ping_from() { # NUMBER...: all at once
  local number pids=() pid
  rm -f "$LOGS"/ping-*.txt
  for number; do
    in_ns "client$number" ping -q -n -c 5 -i 0.3 -W 3 10.99.0.1 > "$LOGS/ping-$number.txt" & pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || fail "a client has no answer: $(grep -H received "$LOGS"/ping-*.txt)"; done
  ! grep -L ' 0% packet loss' "$LOGS"/ping-*.txt | grep . || fail "packets are lost: $(grep -H received "$LOGS"/ping-*.txt)"
}
