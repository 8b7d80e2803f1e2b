namespace L2tpd.Configuration.Reference;

/// <summary>The keys of IPsec, for the reference.</summary>
internal static class IpsecReference
{
    public static readonly SectionReference[] Sections =
    [
        new("ipsec",
        [
            new("policy", "`required`, `preferred`, `none`", "`required`",
                "`required`: the kernel drops and counts what does not come out of ESP; the daemon does not start (or the tunnel is "
                + "not opened) if the kernel cannot do it. `preferred`: clear text is taken too, and `l2tpctl show tunnel` says "
                + "whether a tunnel is protected."),
            new("psk", "text, to 1024 octets", "none",
                "Pre-shared key. With a key or a certificate l2tpd gives the connection to strongSwan; without, it is one of "
                + "strongSwan's own configuration (swanctl.conf)."),
            new("psk-file", "path", "none", "File that contains the pre-shared key."),
            new("psk-credential", "text", "none", "systemd credential that contains the pre-shared key."),
            new("certificate", "path", "none",
                "Our certificate in PEM form, instead of a pre-shared key, with those between it and the authority behind it."),
            new("private-key", "path", "required with certificate", "Its private key in PEM form, without a password."),
            new("ca", "path", "required with certificate", "Certificates of the authorities that the peer's certificate must come from."),
            new("id", "text, to 255 octets", "our address, or the certificate's subject", "Our IKE identity, as strongSwan writes it."),
            new("peer-id", "text, to 255 octets", "any", "The IKE identity that the peer must have."),
            new("ike", "`v1`, `v2`", "`v1`",
                "Version of IKE. The L2TP clients of Windows, macOS, iOS, Android and most routers speak `v1` only; `v2` is for "
                + "tunnels between two sites."),
            new("proposals", "`modern`, `compatible`", "`modern`",
                "Algorithms of IKE and ESP. `modern`: those of Windows 10 and 11, macOS and iOS. `compatible`: also 3DES and MODP1024, "
                + "which are weak, for old phones and routers."),
            new("ike-proposals", "text, to 255 octets", "as proposals", "IKE proposals as strongSwan writes them, separated by commas."),
            new("esp-proposals", "text, to 255 octets", "as proposals", "ESP proposals as strongSwan writes them, separated by commas."),
        ]),
        new("strongswan",
        [
            new("socket", "absolute path", "`/run/charon.vici`", "Unix socket of strongSwan's VICI plugin."),
        ]),
    ];
}
