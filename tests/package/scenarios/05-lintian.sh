# lintian has nothing to say but what an override explains

lintian --fail-on error --fail-on warning "$DEB" > "$LOGS/lintian.txt" 2>&1 || { cat "$LOGS/lintian.txt"; fail 'lintian'; }
# An override that overrides nothing is a mistake as well.
lintian --show-overrides "$DEB" 2> /dev/null | grep -c '^O: ' > "$LOGS/overrides.txt"
[ "$(cat "$LOGS/overrides.txt")" = "$(dpkg-deb --fsys-tarfile "$DEB" | tar -xO ./usr/share/lintian/overrides/l2tpd | grep -vc '^#')" ] ||
  fail 'an override is not needed'
