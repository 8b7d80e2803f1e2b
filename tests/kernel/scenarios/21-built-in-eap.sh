#!/bin/bash
# built-in PPP as LNS with FreeRADIUS: xl2tpd and pppd come in by EAP-MD5 and by EAP-TLS, and a wrong password does not

world
RADIUS=$LOGS/radius
mkdir -p "$RADIUS"
certificate() { # NAME SIGNING-OPTION...: an EC key and its certificate
  local name=$1; shift
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" -keyout "$RADIUS/$name.key" -out "$RADIUS/$name.csr" 2>> "$LOGS/openssl.log"
  openssl x509 -req -days 30 -in "$RADIUS/$name.csr" "$@" -out "$RADIUS/$name.pem" 2>> "$LOGS/openssl.log"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=ca -addext basicConstraints=critical,CA:TRUE \
  -keyout "$RADIUS/ca.key" -out "$RADIUS/ca.pem" 2>> "$LOGS/openssl.log"
printf 'extendedKeyUsage=serverAuth\n' > "$RADIUS/server.ext"
printf 'extendedKeyUsage=clientAuth\n' > "$RADIUS/client.ext"
certificate server -CA "$RADIUS/ca.pem" -CAkey "$RADIUS/ca.key" -CAcreateserial -extfile "$RADIUS/server.ext"
certificate client -CA "$RADIUS/ca.pem" -CAkey "$RADIUS/ca.key" -CAcreateserial -extfile "$RADIUS/client.ext"
echo '$INCLUDE /usr/share/freeradius/dictionary' > "$RADIUS/dictionary"
printf 'user Cleartext-Password := "pass"\nclient EAP-Type := TLS\n' > "$RADIUS/users"
cat > "$RADIUS/radiusd.conf" << END
prefix = /usr
libdir = /usr/lib/freeradius
confdir = $RADIUS
db_dir = $RADIUS
pidfile = /run/radiusd.pid
security { allow_core_dumps = no, allow_vulnerable_openssl = yes }
client lns { ipaddr = 127.0.0.1, secret = radius-secret, require_message_authenticator = yes }
modules {
  files { filename = $RADIUS/users }
  eap {
    default_eap_type = md5
    md5 { }
    tls-config common {
      private_key_file = $RADIUS/server.key
      certificate_file = $RADIUS/server.pem
      ca_file = $RADIUS/ca.pem
      fragment_size = 300
      tls_max_version = "1.2"
      ecdh_curve = "prime256v1"
    }
    tls { tls = common }
  }
  always ok { rcode = ok }
}
server default {
  listen { type = auth, ipaddr = 127.0.0.1, port = 1812 }
  listen { type = acct, ipaddr = 127.0.0.1, port = 1813 }
  authorize { files
    eap
  }
  authenticate { eap
  }
  accounting { ok
  }
}
END
start radius lns freeradius -f -l stdout -xx -d "$RADIUS" -n radiusd
wait_for 60 'FreeRADIUS' logged radius 'Ready to process requests'

cat > "$LOGS/lns.yaml" << END
$(top_config lns)
listen: "$LNS4"
radius: { servers: { main: { address: 127.0.0.1, secret: radius-secret } } }
peers:
  any:
    secret: $SECRET
    lns: { ppp: subscribers }
ppp:
  subscribers: { access: radius, auth: [eap, chap], name: lns, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.12 }
END
start_l2tpd lns
wait_for 60 'the LNS to listen' listening lns

lac_up() { # PPPD-OPTION...
  ppp_options "$LOGS/lac.ppp" noauth "$@"
  start_xl2tpd lac << END
[lac out]
lns = $LNS4
challenge = yes
autodial = yes
pppoptfile = $LOGS/lac.ppp
END
}

chap_secret lac user pass
for method in 'name user:user' "name client|ca $RADIUS/ca.pem|cert $RADIUS/client.pem|key $RADIUS/client.key:client"; do
  user=${method##*:}
  say "user $user"
  IFS='|' read -ra options <<< "${method%:*}"
  lac_up "${options[@]}"
  wait_for 60 'PPP at the LAC' has_ppp_links lac 1
  wait_for 20 'PPP at the LNS' has_ppp_links lns 1
  pings lac 10.99.0.1
  logged l2tpd-lns "user $user is authenticated by Eap" || fail 'not authenticated by EAP'
  stop xl2tpd-lac
  nothing_left 30
done

say 'a wrong password'
: > /etc/netns/lac/ppp/chap-secrets
chap_secret lac user wrong
lac_up 'name user'
wait_for 60 'the refusal' logged l2tpd-lns 'the peer failed authentication: RADIUS server main rejected it'
stop xl2tpd-lac
nothing_left 30
