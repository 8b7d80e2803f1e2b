using System.Collections.Immutable;
using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Ppp;
using AddressPool = L2tpd.Access.AddressPool;
using LinkProfile = L2tpd.Ppp.PppProfile;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>A PPP profile as the built-in PPP uses it: its users, addresses and sessions. Loop thread only.</summary>
public sealed class BuiltInProfile
{
    // The smallest MTU of IPv6 (RFC 8200 section 5), and the packet that every IPv4 host takes (RFC 791).
    private const int LeastOfIPv6 = 1280;
    private const int LeastClamp = 576;

    // Our identifier on every link behind a shared interface: the universal bit is clear (RFC 5072 section 4.1), and it is never 0.
    private readonly ulong _sharedIdentifier;
    private readonly Dictionary<(bool Server, int Path), LinkProfile> _linkProfiles = [];
    private readonly Dictionary<int, LinkSettings> _linkSettingsByPath = [];
    private LinkSettings? _linkSettings;

    /// <summary>Makes a profile; it takes over addresses and sessions from an earlier one of the same name.</summary>
    /// <param name="source">Its configuration.</param>
    /// <param name="space">The addresses in use, shared by all profiles.</param>
    /// <param name="before">The profile before a reload; <c>null</c>: it is new.</param>
    /// <param name="access">The access back end; <c>null</c>: the profile's own users.</param>
    /// <param name="kept">Fixed addresses of users of any profile: the pools assign them to nobody else.</param>
    /// <param name="shared">Pools of all profiles; <c>null</c>: there are none.</param>
    public BuiltInProfile(
        PppProfile source, AddressSpace space, BuiltInProfile? before = null, IAccessBackend? access = null,
        IReadOnlyCollection<Ipv4Address>? kept = null, NamedPools? shared = null)
    {
        Source = source;
        if (source is { Shape: PppInterfaceShape.Shared, IPv6: true })
            _sharedIdentifier = before is { _sharedIdentifier: not 0 } ? before._sharedIdentifier : NewIdentifier();
        ServerName = ServerNameOf(source);
        Access = access ?? LocalAccessOf(source);
        // One allocator over all reloads: sessions of the earlier configuration hold its addresses.
        Addresses = before?.Addresses ?? new AddressAllocator(AddressOf(source.Local), PoolsOf(source), source.Name, null, space)
        {
            Shared = shared,
        };
        if (before is not null && !SameAddresses(before.Source, source))
            Addresses.Change(AddressOf(source.Local), PoolsOf(source));
        Addresses.ChangeServers(ServersOf(source));
        Addresses.Keep(kept ?? []);
        Sessions = before?.Sessions ?? new UserSessions(default);
        Sessions.Policy = PolicyOf(source.SameUser);
    }

    public PppProfile Source { get; }

    /// <inheritdoc cref="LinkProfile.IdentifierSecret"/>
    public ReadOnlyMemory<byte> IdentifierSecret { get; init; }

    /// <summary>The network layers of its links. Set before the first session.</summary>
    public ImmutableArray<INetworkLayerFactory> NetworkLayers { get; init; } = L2tpd.Ppp.NetworkLayers.Standard;

    /// <summary>The prefix pools that no other profile has: behind a shared interface each is one route. Set before the first session.
    /// </summary>
    public ImmutableArray<IPNetwork> PrefixPools { get; init; } = [];

    /// <summary>Settings of its links' interfaces.</summary>
    public LinkSettings LinkSettings => _linkSettings ??= new LinkSettings(
        Source.Interface, Source.Mru, Source.Shape, Source.ClampMss, Source.Mtu, Source.Local, _sharedIdentifier,
        [.. Source.Pool.SelectMany(static range => range.ToPrefixes()), .. PrefixPools]);

    /// <summary>Settings of the interface of a link whose path carries less: a clamp of the MSS follows that.</summary>
    /// <param name="path">Largest payload the tunnel's path carries in one packet; 0: not known.</param>
    public LinkSettings LinkSettingsFor(int path)
    {
        // A shared interface has the MTU of the profile; its links have routes with their own.
        if (path == 0 || path >= Source.Mtu || !Source.ClampMss || Source.Shape == PppInterfaceShape.Shared)
            return LinkSettings;
        if (!_linkSettingsByPath.TryGetValue(path, out var settings))
            _linkSettingsByPath[path] = settings = LinkSettings with { Mtu = LinkProfile(server: true, path).MaximumTransmit };
        return settings;
    }

    /// <summary>Our name towards peers.</summary>
    public string ServerName { get; }

    public IAccessBackend Access { get; }

    public AddressAllocator Addresses { get; }

    public UserSessions Sessions { get; }

    /// <summary>Our name and password; <c>null</c>: none.</summary>
    public PppCredentials? Credentials =>
        Source is { User: { } user, Password: { } password } ? new PppCredentials(user, password.RevealText()) : null;

    /// <summary>How a session of the profile runs PPP; sessions with the same settings share one object.</summary>
    /// <param name="server">We are the session's LNS.</param>
    /// <param name="path">Largest payload the tunnel's path carries in one packet; 0: not known.</param>
    public LinkProfile LinkProfile(bool server, int path)
    {
        // The path matters only if it carries less than is configured.
        if (path >= Math.Max(Source.Mru, Source.Mtu))
            path = 0;
        if (!_linkProfiles.TryGetValue((server, path), out var profile))
        {
            var limit = path > 0 ? UsablePath(Source, path) : int.MaxValue;
            _linkProfiles[(server, path)] = profile = MakeLinkProfile(server, limit);
        }

        return profile;
    }

    /// <summary>At least what every host of the profile's families must be able to take, though it comes in fragments then.</summary>
    internal static int UsablePath(PppProfile profile, int path) => Math.Max(path, profile.IPv6 ? LeastOfIPv6 : LeastClamp);

    private LinkProfile MakeLinkProfile(bool server, int path) => new()
    {
        Server = server,
        LocalName = server ? ServerName : Source.User ?? ServerName,
        Mru = (ushort)Math.Min(Source.Mru, path),
        MaximumTransmit = (ushort)Math.Min(Source.Mtu, path),
        InterfaceIdentifier = server ? _sharedIdentifier : 0,
        IdentifierSecret = server ? IdentifierSecret : default,
        RequireFromPeer = server ? Protocols(Source.Authentication) : [],
        OfferToPeer = server || Source.Authentication.IsEmpty
            ? [AuthenticationProtocol.MsChapV2, AuthenticationProtocol.ChapMd5, AuthenticationProtocol.Pap]
            : Protocols(Source.Authentication).Remove(AuthenticationProtocol.Eap),
        Ipv6 = Source.IPv6,
        NetworkLayers = NetworkLayers,
        LocalAddress = server ? default : AddressOf(Source.Local),
        AuthenticationRetries = Source.AuthenticationRetries,
        RechallengeInterval = server ? (int)Source.RechallengeInterval.TotalMilliseconds : 0,
        RequestDns = !server && Source.RequestDns,
        Proxy = Source.Lcp,
        EchoInterval = (int)Source.EchoInterval.TotalMilliseconds,
        EchoFailures = Source.EchoFailures,
        SessionTimeout = (long)Source.SessionTimeout.TotalMilliseconds,
        IdleTimeout = (long)Source.IdleTimeout.TotalMilliseconds,
    };

    /// <summary>Addresses for a link of a peer with this authorisation; <c>null</c>: none is available.</summary>
    public AddressGrant? TakeAddress(Authorisation? authorisation)
    {
        var wanted = authorisation ?? new Authorisation();
        if (wanted is { AddressSource: AddressSource.Pool, Pool: null })
        {
            if (Source.Remote is { } remote)
            {
                wanted = wanted with { AddressSource = AddressSource.Fixed, Address = AddressOf(remote) };
            }
            else if (Source.Pool.IsDefaultOrEmpty)
            {
                wanted = wanted with
                {
                    AddressSource = AddressSource.PeerChooses,
                    Permitted = authorisation is null ? PermittedAddresses.All : authorisation.Permitted ?? PermittedAddresses.None,
                };
            }
        }

        return Addresses.Take(wanted);
    }

    /// <summary>Why a user with this authorisation cannot come in, for our log; <c>null</c>: it can.</summary>
    public string? Objection(Authorisation? authorisation) =>
        authorisation is { AddressSource: AddressSource.Pool, Pool: { } pool } && !Addresses.HasPool(pool)
            ? $"there is no pool `{Printable.Of(pool)}`: add it to `pools`" : null;

    /// <summary>The use of the pool, for a message.</summary>
    public string PoolFigures(Authorisation? authorisation) => Addresses.PoolsOf(authorisation) is { Count: > 0 } pools
        ? Figures(pools) : "there is no pool";

    /// <summary>Fixed addresses of the profile's users.</summary>
    public static IEnumerable<Ipv4Address> FixedAddresses(PppProfile profile) =>
        LocalUsers.FixedAddresses(profile.Users, ServerNameOf(profile));

    /// <summary>The back end of the profile's own users.</summary>
    public static IAccessBackend LocalAccessOf(PppProfile profile) => new LocalAccess(new LocalUsers(profile.Users), ServerNameOf(profile));

    private static string ServerNameOf(PppProfile profile) => profile.ServerName ?? Environment.MachineName;

    private static string Figures(IReadOnlyCollection<AddressPool> pools)
    {
        var kept = pools.Sum(static pool => (long)pool.Kept);
        var reserved = kept > 0 ? $", {kept} reserved for users with a fixed address" : "";
        return $"{pools.Sum(static pool => (long)pool.Used)} of {pools.Sum(static pool => (long)pool.Size)} of the pool in use{reserved}";
    }

    /// <summary>The address as PPP's type; none for <c>null</c>.</summary>
    public static Ipv4Address AddressOf(IPAddress? address) => address is null ? default : Ipv4Address.Parse(address.ToString());

    private static IEnumerable<AddressPool> PoolsOf(PppProfile source) =>
        source.Pool.Select(range => new AddressPool(source.Name, AddressOf(range.First), AddressOf(range.Last)));

    private static AddressGrant ServersOf(PppProfile source) => new(default, default)
    {
        PrimaryDns = source.Dns.Length > 0 ? AddressOf(source.Dns[0]) : default,
        SecondaryDns = source.Dns.Length > 1 ? AddressOf(source.Dns[1]) : default,
        PrimaryNbns = source.Nbns.Length > 0 ? AddressOf(source.Nbns[0]) : default,
        SecondaryNbns = source.Nbns.Length > 1 ? AddressOf(source.Nbns[1]) : default,
    };

    private static ulong NewIdentifier()
    {
        Span<byte> octets = stackalloc byte[8];
        System.Security.Cryptography.RandomNumberGenerator.Fill(octets);
        return (System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(octets) & ~0x0200_0000_0000_0000ul) | 1;
    }

    private static bool SameAddresses(PppProfile one, PppProfile other) =>
        one.Pool.SequenceEqual(other.Pool) && Equals(one.Local, other.Local);

    private static SeveralSessions PolicyOf(SameUserPolicy policy) => policy switch
    {
        SameUserPolicy.Refuse => SeveralSessions.RefuseNew,
        SameUserPolicy.Replace => SeveralSessions.ReplaceOld,
        _ => SeveralSessions.Allow,
    };

    private static ImmutableArray<AuthenticationProtocol> Protocols(ImmutableArray<PppAuthentication> written) =>
    [
        .. written.Select(static protocol => protocol switch
        {
            PppAuthentication.Pap => AuthenticationProtocol.Pap,
            PppAuthentication.Chap => AuthenticationProtocol.ChapMd5,
            PppAuthentication.MsChapV2 => AuthenticationProtocol.MsChapV2,
            PppAuthentication.Eap => AuthenticationProtocol.Eap,
            _ => AuthenticationProtocol.None,
        }).Where(static protocol => protocol != AuthenticationProtocol.None),
    ];
}
