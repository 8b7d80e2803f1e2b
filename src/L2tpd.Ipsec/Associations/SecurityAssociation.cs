using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using L2tpd.Ipsec.Vici;

namespace L2tpd.Ipsec.Associations;

/// <summary>A CHILD_SA that strongSwan has installed, with what is known of its IKE_SA.</summary>
/// <param name="Connection">Name of the connection in strongSwan's configuration.</param>
/// <param name="IkeId">strongSwan's number of the IKE_SA.</param>
/// <param name="ChildId">strongSwan's number of the CHILD_SA.</param>
/// <param name="Local">Our address.</param>
/// <param name="Remote">The peer's address; the NAT's, if it is behind one.</param>
/// <param name="PeerIdentity">The identity that the peer proved: that of EAP or XAuth if there was one, otherwise that of IKE.</param>
public sealed record SecurityAssociation(
    string Connection, uint IkeId, uint ChildId, IPAddress Local, IPAddress Remote, string PeerIdentity)
{
    /// <summary>At most this number of replaced CHILD_SAs is remembered; the oldest are dropped.</summary>
    public const int MaxReplaced = 16;

    /// <summary>The number of the CHILD_SA that this one has replaced by rekeying, or that one's origin; its own number at first.</summary>
    public uint Origin { get; init; } = ChildId;

    /// <summary>
    /// Numbers of CHILD_SAs that this one has replaced, the oldest first, <see cref="MaxReplaced"/> at most. strongSwan leaves them in the
    /// kernel until the end of their lifetime with IKEv1.
    /// </summary>
    public ImmutableArray<uint> Replaced { get; init; } = [];

    /// <summary>The peer's UDP port of the traffic selector; 0 for any.</summary>
    public ushort RemotePort { get; init; }

    /// <summary>Our UDP port of the traffic selector; 0 for any.</summary>
    public ushort LocalPort { get; init; }

    /// <summary>The peer's port of UDP encapsulation; 0 if ESP is not encapsulated.</summary>
    public ushort EncapsulationPort { get; init; }

    /// <summary>Mark of packets that go into the SA; 0 if it has none.</summary>
    public uint MarkOut { get; init; }

    /// <summary>Mark that packets out of the SA's policy must have; 0 if it has none.</summary>
    public uint MarkIn { get; init; }

    /// <summary>When l2tpd learned of this CHILD_SA, ms of the clock of <see cref="SecurityAssociations"/>.</summary>
    public long Since { get; init; }

    /// <summary>SPI of packets to us; 0 if it is not known. strongSwan gives the numbers again after a restart.</summary>
    public uint Spi { get; init; }

    /// <summary>Packets can go through it: it is neither replaced nor being deleted.</summary>
    public bool IsCurrent { get; init; } = true;

    /// <summary>Algorithms, for example <c>AES_CBC-256/HMAC_SHA1_96</c>.</summary>
    public string Algorithms { get; init; } = "";

    /// <summary>
    /// Reads the CHILD_SA of an IKE_SA as the events list-sa, child-updown and child-rekey have it. <c>null</c> if a number or an address
    /// is missing or is none.
    /// </summary>
    public static SecurityAssociation? Read(string connection, ViciSection ike, ViciSection child)
    {
        if (!TryNumber(ike.Value("uniqueid"), out var ikeId) || !TryNumber(child.Value("uniqueid"), out var childId)
            || !IPAddress.TryParse(ike.Value("local-host"), out var local) || !IPAddress.TryParse(ike.Value("remote-host"), out var remote))
        {
            return null;
        }

        var identity = ike.Value("remote-eap-id") ?? ike.Value("remote-xauth-id") ?? ike.Value("remote-id") ?? "";
        return new SecurityAssociation(connection, ikeId, childId, local, remote, identity)
        {
            RemotePort = TrafficSelector.Port(child.Items("remote-ts")),
            LocalPort = TrafficSelector.Port(child.Items("local-ts")),
            EncapsulationPort = child.IsSet("encap") && ushort.TryParse(ike.Value("remote-port"), out var port) ? port : (ushort)0,
            MarkIn = Hexadecimal(child.Value("mark-in")),
            MarkOut = Hexadecimal(child.Value("mark-out")),
            Spi = Hexadecimal(child.Value("spi-in")),
            IsCurrent = child.Value("state") is null or "INSTALLED" or "REKEYING" or "UPDATING",
            Algorithms = AlgorithmsOf(child),
        };
    }

    /// <summary>Whether the SA protects datagrams from and to that address and port.</summary>
    public bool Covers(IPAddress address, ushort port) => Remote.Equals(address) && (RemotePort == 0 || RemotePort == port);

    /// <summary>Whether the other is this SA: numbers alone begin again when strongSwan is started again.</summary>
    public bool IsSameAs(SecurityAssociation other) => ChildId == other.ChildId && Connection == other.Connection
        && Remote.Equals(other.Remote) && (Spi == other.Spi || Spi == 0 || other.Spi == 0);

    /// <summary>This SA in the place of another, which it has replaced by rekeying.</summary>
    public SecurityAssociation InPlaceOf(SecurityAssociation former) => this with
    {
        Origin = former.Origin,
        Replaced = [.. former.Replaced.TakeLast(MaxReplaced - 1), former.ChildId],
    };

    private static string AlgorithmsOf(ViciSection child)
    {
        var cipher = child.Value("encr-alg");
        if (cipher is not null && child.Value("encr-keysize") is { } size)
            cipher += "-" + size;
        return string.Join('/', new[] { cipher, child.Value("integ-alg") }.Where(a => a is not null));
    }

    private static bool TryNumber(string? text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static uint Hexadecimal(string? text) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
