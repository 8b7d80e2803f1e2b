using System.Collections.Immutable;
using System.Net;

namespace L2tpd.Daemon.Configuration;

/// <summary>What a pppd has to know about the one session it is run for.</summary>
public sealed record PppdSession
{
    /// <summary>Descriptor of the connected PPPoL2TP socket in the child.</summary>
    public required int SocketDescriptor { get; init; }

    /// <summary>Our tunnel id.</summary>
    public required uint TunnelId { get; init; }

    /// <summary>Our session id.</summary>
    public required uint SessionId { get; init; }

    /// <summary>True on the LNS side.</summary>
    public required bool Server { get; init; }

    public bool SendSequence { get; init; }

    public bool RequireSequence { get; init; }

    /// <summary>Zero: no reordering.</summary>
    public TimeSpan ReorderTimeout { get; init; }

    /// <summary>Address taken from the pool for the peer; null: the profile's.</summary>
    public IPAddress? AllocatedRemote { get; init; }

    /// <summary>Session name, pppd's <c>ipparam</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Path the child reads <see cref="PppdArguments.OptionsText"/> from, <c>/proc/self/fd/4</c>; null when that text is empty.</summary>
    public string? OptionsPath { get; init; }
}

/// <summary>Turns a PPP profile into a pppd command line.</summary>
public static class PppdArguments
{
    /// <summary>Arguments after the program's name. No secret is among them: any user may read a command line.</summary>
    public static ImmutableArray<string> For(PppProfile profile, PppdSession session) => [];

    /// <summary>Options that may not stand on the command line (user and password), for the file at <see cref="PppdSession.OptionsPath"/>; empty: none.</summary>
    public static string OptionsText(PppProfile profile) => "";
}
