using System.Globalization;
using System.Net;
using L2tpd.Configuration;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Ipsec.Connections;
using L2tpd.Protocol.Data;

namespace L2tpd.Runtime.Ipsec;

/// <summary>The connections that strongSwan needs for listeners and dialled tunnels with credentials.</summary>
public static class ConnectionSettings
{
    private const string PemEnd = "-----END CERTIFICATE-----";

    /// <summary>The connection of a listener, which only answers; <c>null</c> if it has no credentials.</summary>
    public static IkeConnection? Of(Listener listener)
    {
        if (!listener.Ipsec.HasCredentials)
            return null;
        var isAny = listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any);
        var isIp = listener.Carrier == DataCarrier.Ip;
        var place = isIp ? $"{listener.Address}-ip" : string.Create(CultureInfo.InvariantCulture, $"{listener.Address}-{listener.Port}");
        return Authenticate(listener.Ipsec, new IkeConnection
        {
            Name = Name(ConnectionLoader.Prefix, "listen-" + place),
            LocalAddress = isAny ? null : listener.Address.ToString(),
            LocalSelector = isIp ? "115" : string.Create(CultureInfo.InvariantCulture, $"udp/{listener.Port}"),
            RemoteSelector = isIp ? "115" : "udp/any",
            HasMarks = listener.NatZones,
        });
    }

    /// <summary>
    /// The connections of peer profiles with credentials, which only answer: one per profile and port of a listener. IKE chooses the key
    /// by the peer's address (RFC 3193 section 4.1), so a profile needs prefixes.
    /// </summary>
    public static IEnumerable<IkeConnection> OfPeers(IEnumerable<PeerProfile> profiles, IReadOnlyCollection<Listener> listeners)
    {
        foreach (var profile in profiles)
        {
            if (!profile.Ipsec.HasCredentials || profile.Prefixes.IsDefaultOrEmpty)
                continue;
            foreach (var port in listeners.GroupBy(static listener => listener.Carrier == DataCarrier.Ip ? 0 : (int)listener.Port))
            {
                if (profile.Carrier is { } carrier && carrier == DataCarrier.Ip != (port.Key == 0))
                    continue;
                yield return Of(profile, port.Key, port.Any(static listener => listener.NatZones));
            }
        }
    }

    private static IkeConnection Of(PeerProfile profile, int port, bool hasMarks)
    {
        var isIp = port == 0;
        string[] from = [.. profile.Prefixes.Select(static prefix => prefix.ToString())];
        return Authenticate(profile.Ipsec, new IkeConnection
        {
            Name = Name(ConnectionLoader.PeerPrefix, isIp ? $"{profile.Name}-ip" : FormattableString.Invariant($"{profile.Name}-{port}")),
            RemoteNetworks = from,
            LocalSelector = isIp ? "115" : FormattableString.Invariant($"udp/{port}"),
            RemoteSelector = isIp ? "115" : "udp/any",
            HasMarks = hasMarks,
        });
    }

    /// <summary>The connection of a tunnel that we dial; <c>null</c> if it has no credentials.</summary>
    public static IkeConnection? Of(TransportRequest request)
    {
        if (!request.Ipsec.HasCredentials)
            return null;
        var remote = request.Remote.ToIPAddress().ToString();
        var isIp = request.Remote.IsOverIp;
        var ours = request.SourcePort == 0 ? "udp/any" : string.Create(CultureInfo.InvariantCulture, $"udp/{request.SourcePort}");
        return Authenticate(request.Ipsec, new IkeConnection
        {
            Name = Name(ConnectionLoader.DialPrefix, $"{request.Name}-{remote}"),
            LocalAddress = request.LocalAddress,
            RemoteAddress = remote,
            LocalSelector = isIp ? "115" : ours,
            RemoteSelector = isIp ? "115" : string.Create(CultureInfo.InvariantCulture, $"udp/{request.Remote.Port}"),
            HasTrap = request.Ipsec.Policy == IpsecPolicy.Required,
        });
    }

    private static IkeConnection Authenticate(IpsecSettings settings, IkeConnection connection)
    {
        var ike = settings.Proposals == IpsecProposals.Compatible ? ProposalLists.CompatibleIke : ProposalLists.ModernIke;
        return connection with
        {
            Version = settings.IkeVersion,
            Psk = settings.Psk,
            Certificates = Blocks(settings.Certificate),
            PrivateKey = settings.PrivateKey,
            Authorities = Blocks(settings.Authorities),
            LocalId = settings.LocalId,
            PeerId = settings.PeerId,
            IkeProposals = List(settings.IkeProposals) ?? ike,
            EspProposals = EspProposalsOf(settings),
        };
    }

    /// <summary>The ESP proposals that strongSwan is given.</summary>
    public static IReadOnlyList<string> EspProposalsOf(IpsecSettings settings) => List(settings.EspProposals)
        ?? (settings.Proposals == IpsecProposals.Compatible ? ProposalLists.CompatibleEsp : ProposalLists.ModernEsp);

    /// <summary>swanctl.conf(5) takes letters, digits, - and _ in names.</summary>
    private static string Name(string prefix, string text) => prefix
        + string.Concat(text.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-'));

    private static string[]? List(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>strongSwan takes one certificate at a time.</summary>
    private static string[] Blocks(string? pem) => pem is null ? [] :
        [.. pem.Split(PemEnd, StringSplitOptions.RemoveEmptyEntries)
            .Where(static block => block.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal))
            .Select(static block => block[block.IndexOf("-----BEGIN", StringComparison.Ordinal)..] + PemEnd + "\n")];
}
