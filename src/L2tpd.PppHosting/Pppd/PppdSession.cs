using System.Net;
using L2tpd.Protocol;

namespace L2tpd.PppHosting.Pppd;

/// <summary>What a pppd has to know about the one session it is run for.</summary>
public sealed record PppdSession
{
    /// <summary>Descriptor of the connected PPPoL2TP socket in the child.</summary>
    public required int SocketDescriptor { get; init; }

    /// <summary>Our tunnel id.</summary>
    public required TunnelId TunnelId { get; init; }

    /// <summary>Our session id.</summary>
    public required SessionId SessionId { get; init; }

    /// <summary>True on the LNS side.</summary>
    public required bool Server { get; init; }

    public bool SendSequence { get; init; }

    public bool RequireSequence { get; init; }

    /// <summary>Zero: no reordering.</summary>
    public TimeSpan ReorderTimeout { get; init; }

    /// <summary>Address taken from the pool for the peer; null: the profile's.</summary>
    public IPAddress? AllocatedRemote { get; init; }

    /// <summary>Session name, pppd's <c>ipparam</c>. It may hold what the peer calls itself.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Variables for pppd's ip-up and ip-down scripts, as environment variables: pppd clears the environment it was started in.
    /// Values may come from the peer.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Variables { get; init; } = [];

    /// <summary>
    /// Path the child reads <see cref="PppdArguments.OptionsText"/> from, <c>/proc/self/fd/4</c>; null when that text is empty.
    /// </summary>
    public string? OptionsPath { get; init; }

    /// <summary>Path the child reads <see cref="PppdArguments.NameText"/> from.</summary>
    public string NamePath { get; init; } = "/proc/self/fd/5";
}
