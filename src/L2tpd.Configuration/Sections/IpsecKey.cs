using System.Net;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Data;

namespace L2tpd.Configuration.Sections;

/// <summary><c>ipsec</c> of a listener, a peer or a tunnel: a word, or a mapping with the credentials for strongSwan.</summary>
internal static class IpsecKey
{
    // What strongSwan takes for a pre-shared key has no limit; this is the one of our other secrets.
    private const int LongestSecret = 1024;
    private const int LongestText = 255;

    // The credentials; ipsec without one of them is a socket policy only.
    private static readonly string[] Credentials = [.. SecretKeys.Of("psk"), "certificate", "private-key", "ca"];

    private static readonly string[] ForStrongSwan =
        [.. Credentials, "id", "peer-id", "ike", "proposals", "ike-proposals", "esp-proposals"];

    public static readonly SectionSchema Schema = new("ipsec", ["policy", .. ForStrongSwan]);

    /// <summary><c>strongswan</c> at the top level.</summary>
    public static readonly SectionSchema StrongSwanSchema = new("strongswan", ["socket"]);

    private static readonly ScalarType<IpsecPolicy> Policy = WordText.OneOf(
        ("required", IpsecPolicy.Required), ("preferred", IpsecPolicy.Preferred), ("none", IpsecPolicy.None));

    private static readonly ScalarType<IpsecProposals> Proposals = WordText.OneOf(
        ("modern", IpsecProposals.Modern), ("compatible", IpsecProposals.Compatible));

    private static readonly ScalarType<int> Ike = WordText.OneOf(("v1", 1), ("v2", 2));

    /// <summary>The settings; <paramref name="fallback"/> without the key.</summary>
    public static IpsecSettings Read(YamlMapping parent, IpsecSettings fallback, LoadContext context)
    {
        if (parent.Find("ipsec") is not { } value)
            return fallback;
        if (value.IsScalar)
            return IpsecSettings.None with { Policy = value.Read(IpsecPolicy.None, Policy) };
        if (value.AsMapping(Schema) is not { } mapping)
            return fallback;
        var policy = mapping.Get("policy", IpsecPolicy.Required, Policy);
        if (policy == IpsecPolicy.None && ForStrongSwan.FirstOrDefault(mapping.Has) is { } useless)
            mapping.Error(useless, "needs `policy: required` or `preferred`");
        var settings = new IpsecSettings
        {
            Policy = policy,
            Psk = SecretKeys.Read(mapping, "psk", LongestSecret, context)?.Reveal(),
            LocalId = mapping.Get("id", null, WordText.Text(LongestText)!),
            PeerId = mapping.Get("peer-id", null, WordText.Text(LongestText)!),
            IkeVersion = mapping.Get("ike", 1, Ike),
            Proposals = mapping.Get("proposals", IpsecProposals.Modern, Proposals),
            IkeProposals = mapping.Get("ike-proposals", null, WordText.Text(LongestText)!),
            EspProposals = mapping.Get("esp-proposals", null, WordText.Text(LongestText)!),
        };
        settings = ReadCertificate(mapping, settings, context);
        Check(mapping, settings);
        context.HasIpsecCredentials |= settings.HasCredentials;
        return settings;
    }

    /// <summary><c>strongswan</c> at the top level. To be read after everything that may have <c>ipsec</c>.</summary>
    public static StrongSwanSettings? ReadStrongSwan(YamlMapping root, LoadContext context)
    {
        var defaults = new StrongSwanSettings();
        if (root.Section("strongswan", StrongSwanSchema) is { } mapping)
            return defaults with { Socket = mapping.Get("socket", defaults.Socket, WordText.AbsolutePath) };
        return context.HasIpsecCredentials ? defaults : null;
    }

    /// <summary>Reports what cannot be protected.</summary>
    /// <param name="parent">What has the key <c>ipsec</c>.</param>
    /// <param name="settings">What it says.</param>
    /// <param name="addresses">Addresses of one end, as text or names.</param>
    public static void CheckAddresses(YamlMapping parent, IpsecSettings settings, params IEnumerable<string?> addresses)
    {
        if (settings.Policy != IpsecPolicy.Required || !parent.Has("ipsec"))
            return;
        foreach (var text in addresses)
        {
            if (IPAddress.TryParse(text, out var address) && IPAddress.IsLoopback(address))
                parent.Error("ipsec", $"`required` is not possible with {text}: the kernel has no IPsec on the loopback interface");
        }
    }

    /// <summary>
    /// Reports a tunnel over IP protocol 115 whose datagrams no rule can tell from those of other tunnels: the kernel's data plane takes
    /// data messages without asking for the policy of a socket, and rules of nftables by address see to it.
    /// </summary>
    public static void CheckCarrier(YamlMapping parent, LacTunnel tunnel, LoadContext context)
    {
        if (tunnel.Peer.Ipsec.Policy == IpsecPolicy.Required && tunnel.Carrier == DataCarrier.Ip && tunnel.LocalAddress is null
            && context.DataPlane is (DataPlaneChoice.Auto or DataPlaneChoice.Kernel)
            && tunnel.Remotes.Any(static to => to.Query is not null || !IPAddress.TryParse(to.Host, out _)))
        {
            parent.Error(parent.Has("ipsec") ? "ipsec" : "lns", "`required` over IP protocol 115 on the kernel data plane drops clear text "
                + "by address: name the LNS by its address, or set `local-address`");
        }
    }

    /// <summary>
    /// Reports peer profiles whose credentials strongSwan could not choose: IKE knows an address before it knows who is there. To be called
    /// when peers and tunnels are read.
    /// </summary>
    public static void CheckPeers(LoadContext context)
    {
        var taken = new Dictionary<IPNetwork, string>();
        foreach (var (mapping, peer) in context.IpsecPeers)
        {
            // Without addresses, one that tunnels are based on is for those.
            if (peer.Prefixes.IsEmpty && !context.PeersOfTunnels.Contains(peer.Name))
            {
                mapping.Error("ipsec", "has credentials, which IKE chooses by the peer's address, before it knows a host name: write "
                    + "`match: { address: ... }`, or put them on the listener");
            }

            foreach (var prefix in peer.Prefixes)
            {
                if (!taken.TryAdd(prefix, peer.Name))
                    mapping.Error("ipsec", $"has credentials for {prefix}, and so has `{taken[prefix]}`: IKE cannot tell the two apart");
            }
        }
    }

    private static IpsecSettings ReadCertificate(YamlMapping mapping, IpsecSettings settings, LoadContext context)
    {
        string[] keys = ["certificate", "private-key", "ca"];
        if (!keys.Any(mapping.Has))
            return settings;
        if (SecretKeys.Of("psk").FirstOrDefault(mapping.Has) is { } psk)
            mapping.Error(psk, "contradicts `certificate`: a connection is authenticated by one of the two");
        var authorities = PemKeys.Read(mapping, "ca", context);
        var certificate = PemKeys.Read(mapping, "certificate", context);
        var key = PemKeys.Read(mapping, "private-key", context);
        if (authorities is null || certificate is null || key is null
            || !PemKeys.AreUsable(mapping, authorities, certificate, key, "private-key"))
        {
            return settings;
        }

        if (mapping.Find("private-key") is { Text: { } place } value && FileText.IsForAll(LoadContext.Resolve(value, place)))
            value.WarningAtKey($"every user of the machine can read {LoadContext.Resolve(value, place)}");
        return settings with { Authorities = authorities, Certificate = certificate, PrivateKey = System.Text.Encoding.UTF8.GetBytes(key) };
    }

    private static void Check(YamlMapping mapping, IpsecSettings settings)
    {
        if (settings.Policy == IpsecPolicy.None || Credentials.Any(mapping.Has))
            return;
        if (ForStrongSwan.FirstOrDefault(mapping.Has) is { } useless)
        {
            mapping.Error(useless, "needs `psk`, `psk-file`, `psk-credential` or `certificate`: without, the connection is "
                + "strongSwan's own");
        }
    }
}
