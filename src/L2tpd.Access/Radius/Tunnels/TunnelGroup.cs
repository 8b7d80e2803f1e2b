using System.Collections.Immutable;

namespace L2tpd.Access;

/// <summary>
/// The tunnel attributes of one tag in an Access-Accept (RFC 2868 section 3). A property is <c>null</c> or empty without
/// its attribute.
/// </summary>
public sealed record TunnelGroup
{
    /// <summary>1 to 31; 0: attributes without a tag.</summary>
    public byte Tag { get; init; }

    /// <summary>Tunnel-Type (64); 3 is L2TP.</summary>
    public uint? Type { get; init; }

    /// <summary>Tunnel-Medium-Type (65); 1 is IPv4, 2 is IPv6.</summary>
    public uint? Medium { get; init; }

    /// <summary>Tunnel-Client-Endpoint (66): our address.</summary>
    public string? ClientEndpoint { get; init; }

    /// <summary>Tunnel-Server-Endpoint (67): addresses or host names; several are alternatives of equal preference.</summary>
    public ImmutableArray<string> ServerEndpoints { get; init; } = [];

    /// <summary>Tunnel-Password (69) in clear.</summary>
    public byte[]? Password { get; init; }

    /// <summary>A Tunnel-Password came that cannot be read: the group must not be used without it.</summary>
    public bool IsPasswordUnreadable { get; init; }

    /// <summary>Tunnel-Private-Group-ID (81).</summary>
    public string? PrivateGroupId { get; init; }

    /// <summary>Tunnel-Assignment-ID (82).</summary>
    public string? AssignmentId { get; init; }

    /// <summary>Tunnel-Preference (83); the lowest is tried first.</summary>
    public uint? Preference { get; init; }

    /// <summary>Tunnel-Client-Auth-ID (90): our host name.</summary>
    public string? ClientAuthId { get; init; }

    /// <summary>Tunnel-Server-Auth-ID (91): the host name of the LNS.</summary>
    public string? ServerAuthId { get; init; }

    /// <summary>This group, with what it lacks from another one.</summary>
    public TunnelGroup WithDefaultsOf(TunnelGroup other) => this with
    {
        Type = Type ?? other.Type,
        Medium = Medium ?? other.Medium,
        ClientEndpoint = ClientEndpoint ?? other.ClientEndpoint,
        ServerEndpoints = ServerEndpoints.IsEmpty ? other.ServerEndpoints : ServerEndpoints,
        Password = Password ?? (IsPasswordUnreadable ? null : other.Password),
        IsPasswordUnreadable = IsPasswordUnreadable || (Password is null && other.IsPasswordUnreadable),
        PrivateGroupId = PrivateGroupId ?? other.PrivateGroupId,
        AssignmentId = AssignmentId ?? other.AssignmentId,
        Preference = Preference ?? other.Preference,
        ClientAuthId = ClientAuthId ?? other.ClientAuthId,
        ServerAuthId = ServerAuthId ?? other.ServerAuthId,
    };

    /// <summary>Never shows the password.</summary>
    public override string ToString() => $"TunnelGroup {{ Tag = {Tag}, ServerEndpoints = {string.Join(' ', ServerEndpoints)} }}";
}
