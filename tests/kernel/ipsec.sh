# For scenarios with IPsec: a charon of strongSwan in each namespace, with its own VICI socket, and no plugin that is not needed.

IPSEC_PSK='a long pre-shared key'
# The plugins of the package libstrongswan alone.
IPSEC_IKE=aes256-sha256-modp2048 IPSEC_ESP=aes256-sha1
# Plugins in addition to those, for the charons that are started from then on.
IPSEC_PLUGINS=
# yes: ESP in UDP although there is no NAT.
IPSEC_ENCAP=no
# What is inside: udp, or ip for IP protocol 115.
IPSEC_INSIDE=udp

ipsec_modules() {
  local module
  for module in drbg jitterentropy_rng echainiv af_key xfrm_user esp4 esp6 authenc cbc hmac sha1_generic sha256_generic \
    gcm ghash_generic seqiv \
    nft_xfrm nft_ct nft_nat nft_chain_nat nf_conntrack; do
    modprobe -q "$module" || say "no module $module"
  done
}

# start_charon SIDE < connections of swanctl.conf
start_charon() {
  local side=$1 directory=/run/swan-$1
  mkdir -p "$directory"
  { cat; printf 'secrets {\n ike-all {\n  secret = "%s"\n }\n}\n' "$IPSEC_PSK"; } > "$directory/swanctl.conf"
  cat > "$directory/strongswan.conf" << END
charon-systemd {
  load = random nonce aes sha1 sha2 hmac kdf gmp $IPSEC_PLUGINS pem pkcs1 x509 pubkey kernel-netlink socket-default vici
  threads = ${IPSEC_THREADS:-8}
  ${IPSEC_CHARON:-}
  plugins {
    vici {
      socket = unix://$directory/vici
    }
  }
  filelog {
    log {
      path = $LOGS/charon-$side.log
      default = 1
      flush_line = yes
    }
  }
  journal {
    default = -1
  }
}
swanctl {
  load = random nonce
}
END
  start "charon-$side" "$side" env "STRONGSWAN_CONF=$directory/strongswan.conf" /usr/sbin/charon-systemd
}

# load_charon SIDE: once charon answers
load_charon() {
  wait_for 60 "the VICI socket of $1" test -S "/run/swan-$1/vici"
  wait_for 20 "the connections of $1" swan "$1" --load-all --noprompt --file "/run/swan-$1/swanctl.conf"
}

swan() { # SIDE ARGUMENT...: swanctl with the charon of that side
  local side=$1; shift
  in_ns "$side" env "STRONGSWAN_CONF=/run/swan-$side/strongswan.conf" swanctl "$@" --uri "unix:///run/swan-$side/vici"
}

# ipsec_selector PORT: one end of what an association takes
ipsec_selector() { case $IPSEC_INSIDE in udp) echo "dynamic[udp/$1]" ;; ip) echo 'dynamic[115]' ;; esac; }

# ipsec_server NAME LOCAL [LINE...]: a connection for whoever comes
ipsec_server() {
  local name=$1 address=$2; shift 2
  cat << END
connections {
 $name {
  version = 1
  local_addrs = $address
  remote_addrs = %any
  proposals = $IPSEC_IKE
  encap = $IPSEC_ENCAP
  local {
   auth = psk
  }
  remote {
   auth = psk
  }
  children {
   $name {
    mode = transport
    esp_proposals = $IPSEC_ESP
    local_ts = $(ipsec_selector 1701)
    remote_ts = $(ipsec_selector any)
$(printf '    %s\n' "$@")
   }
  }
 }
}
END
}

# ipsec_client NAME REMOTE PORT: the first datagram from that port begins IKE
ipsec_client() {
  cat << END
connections {
 $1 {
  version = 1
  remote_addrs = $2
  proposals = $IPSEC_IKE
  encap = $IPSEC_ENCAP
  local {
   auth = psk
  }
  remote {
   auth = psk
  }
  children {
   $1 {
    mode = transport
    esp_proposals = $IPSEC_ESP
    local_ts = $(ipsec_selector "$3")
    remote_ts = $(ipsec_selector 1701)
    start_action = trap
   }
  }
 }
}
END
}

# ipsec_charons: both; from the LAC's UDP ports 1701 and 1702 where it is UDP that is inside. Also what the LAC begins later.
ipsec_charons() {
  start_charon lns < <(ipsec_server four $LNS4; ipsec_server six $LNS6)
  start_charon lac < <(ipsec_client four $LNS4 1701; ipsec_client six $LNS6 1702)
  load_charon lns
  load_charon lac
}

ipsec_world() {
  ipsec_modules
  world
  ipsec_charons
}

# ipsec_tunnels [PPP]: configurations of a tunnel over IPv4 and one over IPv6, `ipsec: required`, a session each; PPP: one more key of PPP
ipsec_tunnels() {
  chap_secret lns user pass
  LNS_PPP=${1:-} LAC_PPP=${1:-}
  lns_config
  sed -i "s/^listen: .*/listen: [{ address: $LNS4, ipsec: required }, { address: \"[$LNS6]:1701\", ipsec: required }]/" "$LOGS/lns.yaml"
  LAC_TUNNEL=$'source-port: 1701\n    ipsec: required'
  lac_config
  cat >> "$LOGS/lac.yaml" << END
  six:
    lns: "[$LNS6]:1701"
    secret: $SECRET
    source-port: 1702
    ipsec: required
    backoff: { initial: 1s, maximum: 2s }
    sessions: { one: { ppp: { user: user, password: pass${1:+, $1} } } }
END
}

# ipsec_up: both daemons, until PPP of both tunnels is up
ipsec_up() {
  start_l2tpd lns
  wait_for 60 'the LNS to listen' listening lns
  start_l2tpd lac
  wait_for 90 'PPP of both tunnels at the LAC' has_ppp_links lac 2
  wait_for 20 'PPP of both tunnels at the LNS' has_ppp_links lns 2
}

ipsec_stop() {
  stop_both
  stop charon-lac
  stop charon-lns
}

# ipsec_drops SIDE REASON: a counter of `show status`
ipsec_drops() { ctl "$1" show status | awk -v key="ipsec-drops.$2:" '$1 == key { print $2 }'; }
clear_drops() { ipsec_drops "$1" clear-text; }
more_clear_drops() { [ "$(clear_drops "$1")" -ge "$2" ]; }

# largest_packet CAPTURE FILTER: octets of the largest IP packet, its header included. tcpdump tells the payload alone of IPv6.
largest_packet() {
  tcpdump -n -v -r "$1" "$2" 2> /dev/null | sed -n 's/^.* proto [^,]*, length \([0-9]*\)).*/\1/p;
    s/^.* payload length: \([0-9]*\)).*/\1 40/p' | awk '{ print $1 + $2 }' | sort -n | tail -n 1
}
