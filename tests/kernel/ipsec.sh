# For scenarios with IPsec: a charon of strongSwan in each namespace, with its own VICI socket, and no plugin that is not needed.

IPSEC_PSK='a long pre-shared key'
# The plugins of the package libstrongswan alone.
IPSEC_IKE=aes256-sha256-modp2048 IPSEC_ESP=aes256-sha1
# yes: ESP in UDP although there is no NAT.
IPSEC_ENCAP=no

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
  load = random nonce aes sha1 sha2 hmac kdf gmp pem pkcs1 x509 pubkey kernel-netlink socket-default vici
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
    local_ts = dynamic[udp/1701]
    remote_ts = dynamic[udp/any]
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
    local_ts = dynamic[udp/$3]
    remote_ts = dynamic[udp/1701]
    start_action = trap
   }
  }
 }
}
END
}

clear_drops() { ctl "$1" show status | awk '/^ipsec-drops.clear-text:/ { print $2 }'; }
more_clear_drops() { [ "$(clear_drops "$1")" -ge "$2" ]; }

# largest_packet CAPTURE FILTER: octets of the largest IP packet, its header included. tcpdump tells the payload alone of IPv6.
largest_packet() {
  tcpdump -n -v -r "$1" "$2" 2> /dev/null | sed -n 's/^.* proto [^,]*, length \([0-9]*\)).*/\1/p;
    s/^.* payload length: \([0-9]*\)).*/\1 40/p' | awk '{ print $1 + $2 }' | sort -n | tail -n 1
}
