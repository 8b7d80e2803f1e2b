using L2tpd.Ipsec.Vici;

namespace L2tpd.Ipsec.Connections;

/// <summary>
/// A connection for strongSwan: L2TP in ESP, transport mode (RFC 3193). Its one CHILD_SA has the connection's name. It is sent as the
/// messages load-shared or load-cert and load-key, then load-conn.
/// </summary>
public sealed record IkeConnection
{
    /// <summary>Seconds without traffic after which a peer is probed.</summary>
    private const string DpdDelay = "30s";

    /// <summary>Seconds without an answer after which an IKEv1 peer counts as gone.</summary>
    private const string DpdTimeout = "120s";

    /// <summary>Name in strongSwan: letters, digits, <c>-</c> and <c>_</c>, because swanctl.conf(5) takes no others.</summary>
    public required string Name { get; init; }

    /// <summary>Version of IKE, 1 or 2.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Our address; <c>null</c> for any.</summary>
    public string? LocalAddress { get; init; }

    /// <summary>The peer's address; <c>null</c> for any, where we only answer.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>Networks that peers come from, where we only answer; empty: <see cref="RemoteAddress"/> says.</summary>
    public IReadOnlyList<string> RemoteNetworks { get; init; } = [];

    /// <summary>What of our end is protected, for example <c>udp/1701</c>.</summary>
    public required string LocalSelector { get; init; }

    /// <summary>What of the peer's end is protected, for example <c>udp/any</c>: strongSwan refuses <c>udp/%any</c>.</summary>
    public required string RemoteSelector { get; init; }

    /// <summary>
    /// Whether a trap policy keeps clear text from leaving while there is no SA. strongSwan makes an SA when a packet waits for it.
    /// </summary>
    public bool HasTrap { get; init; }

    /// <summary>Pre-shared key; <c>null</c> with certificates.</summary>
    public byte[]? Psk { get; init; }

    /// <summary>Our certificate and those above it, PEM blocks, ours first; empty with a pre-shared key.</summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];

    /// <summary>The private key of the first certificate, PEM.</summary>
    public byte[]? PrivateKey { get; init; }

    /// <summary>Authorities that the peer's certificate must come from, PEM blocks.</summary>
    public IReadOnlyList<string> Authorities { get; init; } = [];

    /// <summary>Our identity; <c>null</c> for our address or the certificate's subject.</summary>
    public string? LocalId { get; init; }

    /// <summary>The identity that the peer must prove; <c>null</c> for any.</summary>
    public string? PeerId { get; init; }

    public IReadOnlyList<string> IkeProposals { get; init; } = ProposalLists.ModernIke;

    public IReadOnlyList<string> EspProposals { get; init; } = ProposalLists.ModernEsp;

    /// <summary>Whether each SA gets marks of its own, so that clients behind one NAT can be told apart.</summary>
    public bool HasMarks { get; init; }

    /// <summary>The messages, in order, each with the command that takes it.</summary>
    public IEnumerable<(string Command, ViciSection Arguments)> LoadCommands()
    {
        foreach (var certificate in Certificates)
            yield return ("load-cert", Certificate("NONE", certificate));
        foreach (var authority in Authorities)
            yield return ("load-cert", Certificate("CA", authority));
        if (PrivateKey is not null)
            yield return ("load-key", new ViciSection().Add("type", "any").Add("data", PrivateKey));
        if (Psk is not null)
        {
            yield return ("load-shared", new ViciSection()
                .Add("id", Name).Add("type", "IKE").Add("data", Psk).Add("owners", Owners()));
        }

        yield return ("load-conn", new ViciSection().Add(Name, Settings()));
    }

    /// <summary>The connection as swanctl.conf(5) has it.</summary>
    public ViciSection Settings()
    {
        var settings = new ViciSection().Add("version", Version == 1 ? "1" : "2");
        if (LocalAddress is not null)
            settings.Add("local_addrs", [LocalAddress]);
        if (RemoteAddress is not null)
            settings.Add("remote_addrs", [RemoteAddress]);
        else if (RemoteNetworks.Count > 0)
            settings.Add("remote_addrs", RemoteNetworks);
        settings.Add("proposals", IkeProposals).Add("dpd_delay", DpdDelay);
        if (Version == 1)
            settings.Add("dpd_timeout", DpdTimeout);
        // A client that comes back from elsewhere must not end the SAs of another with the same identity: 192.168.1.2 is not unique.
        settings.Add("unique", RemoteAddress is null ? "never" : "replace");
        return settings.Add("local", LocalAuthentication()).Add("remote", RemoteAuthentication())
            .Add("children", new ViciSection().Add(Name, Child()));
    }

    /// <summary>Equal if strongSwan would be told the same.</summary>
    public bool IsSameAs(IkeConnection other) =>
        LoadCommands().Select(static c => ViciWriter.Command(c.Command, c.Arguments))
            .SequenceEqual(other.LoadCommands().Select(static c => ViciWriter.Command(c.Command, c.Arguments)), new OctetComparer());

    /// <summary>Never shows a secret.</summary>
    public override string ToString() => $"IkeConnection {Name}";

    private static ViciSection Certificate(string flag, string pem) =>
        new ViciSection().Add("type", "X509").Add("flag", flag).Add("data", pem);

    private IReadOnlyList<string> Owners()
    {
        // IKEv1 looks for the key by address before an identity is known (RFC 3193 section 4.1). No owner: a key for everybody.
        string?[] owners = [PeerId, RemoteAddress, .. RemoteNetworks];
        return [.. owners.OfType<string>().Distinct()];
    }

    private ViciSection LocalAuthentication()
    {
        var local = new ViciSection().Add("auth", Psk is null ? "pubkey" : "psk");
        if (LocalId is not null)
            local.Add("id", LocalId);
        if (Certificates.Count > 0)
            local.Add("certs", [Certificates[0]]);
        return local;
    }

    private ViciSection RemoteAuthentication()
    {
        var remote = new ViciSection().Add("auth", Psk is null ? "pubkey" : "psk").Add("id", PeerId ?? "%any");
        if (Authorities.Count > 0)
            remote.Add("cacerts", Authorities);
        return remote;
    }

    private ViciSection Child()
    {
        var child = new ViciSection().Add("mode", "transport").Add("esp_proposals", EspProposals)
            .Add("local_ts", [$"dynamic[{LocalSelector}]"]).Add("remote_ts", [$"dynamic[{RemoteSelector}]"])
            .Add("dpd_action", "clear");
        if (HasTrap)
            child.Add("start_action", "trap");
        if (HasMarks)
            child.Add("mark_in", "%unique").Add("mark_out", "%unique");
        return child;
    }

    private sealed class OctetComparer : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode(byte[] octets) => octets.Length;
    }
}
