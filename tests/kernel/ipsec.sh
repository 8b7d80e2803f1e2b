# Scenarios with IPsec: a real charon in each namespace, reached by VICI. The guest's charon is the package charon-systemd of the host.

CHARON=/usr/sbin/charon-systemd
PSK='a long pre-shared key'
# echainiv wants a generator of random numbers that the kernel does not load by itself here (drbg, jitterentropy_rng).
IPSEC_MODULES='drbg jitterentropy_rng seqiv echainiv authenc cbc aes_generic hmac sha1_generic sha256_generic esp4 esp6 xfrm_user xfrm4_tunnel af_key'

ipsec_world() {
  [ -x $CHARON ] || fail "no $CHARON: install charon-systemd and strongswan-swanctl"
  for module in $IPSEC_MODULES; do modprobe -q "$module" || true; done
  world
  start_charon lns
  start_charon lac
}

vici() { echo "/run/charon-$1.vici"; }

# start_charon SIDE: no plugin that a test does not need: some of them change the host's firewall or routes
start_charon() {
  cat > "/run/charon-$1.conf" << END
charon-systemd {
  load = random nonce aes sha1 sha2 hmac pem pkcs1 pkcs8 x509 constraints pubkey gmp kdf kernel-netlink socket-default vici
  plugins { vici { socket = unix://$(vici "$1") } }
  retransmit_tries = 3
  retransmit_timeout = 1.0
  filelog { f {
    path = $LOGS/charon-$1.log
    default = 1
    flush_line = yes
  } }
  journal { default = -1 }
}
END
  STRONGSWAN_CONF=/run/charon-$1.conf start "charon-out-$1" "$1" $CHARON
  wait_for 30 "charon of $1" test -S "$(vici "$1")"
}

swan() { # SIDE ARGUMENT...
  local side=$1; shift
  STRONGSWAN_CONF=/run/charon-$side.conf in_ns "$side" swanctl "$@" --uri "unix://$(vici "$side")"
}

sas() { swan "$1" --list-sas 2> /dev/null | grep -c 'INSTALLED' || true; }
has_sas() { [ "$(sas "$1")" -eq "$2" ]; }
has_no_sas() { has_sas "$1" 0 && [ -z "$(in_ns "$1" ip xfrm state)" ]; }

# ipsec_lns_config [PSK], ipsec_lac_config [PSK]
ipsec_lns_config() {
  { top_config lns; cat << END; } > "$LOGS/lns.yaml"
strongswan: { socket: $(vici lns) }
listen:
  - { address: $LNS4, ipsec: { psk: "${1:-$PSK}" } }
peers:
  any:
    lns:
      ppp: { backend: built-in, auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.250, mtu: 1400, users: { user: { password: pass } } }
END
}

ipsec_lac_config() {
  { top_config lac; cat << END; } > "$LOGS/lac.yaml"
strongswan: { socket: $(vici lac) }
tunnels:
  up:
    lns: $LNS4
    ipsec: { psk: "${1:-$PSK}" }
    backoff: { initial: 1s, maximum: 2s }
    sessions:
      one:
        backoff: { initial: 1s, maximum: 2s }
        ppp: { backend: built-in, user: user, password: pass, mtu: 1400 }
END
}
