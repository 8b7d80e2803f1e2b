using System.Net;

namespace L2tpd.TestKit;

/// <summary>What a <see cref="ScriptedLac"/> says of itself, and how it sends.</summary>
internal sealed record LacManner
{
    public ushort TunnelId { get; init; } = ScriptedLac.OurTunnel;

    public ushort SessionId { get; init; } = ScriptedLac.OurSession;

    public string HostName { get; init; } = "scripted";

    /// <summary>The tunnel's secret; <c>null</c>: neither end is challenged, as the clients inside IPsec do it.</summary>
    public string? Secret { get; init; }

    /// <summary>Our address and port; <c>null</c>: the system chooses.</summary>
    public IPEndPoint? Local { get; init; }

    /// <summary>Framing Capabilities AVP.</summary>
    public byte[] Framing { get; init; } = [0, 0, 0, 3];

    /// <summary>Receive Window Size AVP.</summary>
    public ushort Window { get; init; } = 4;

    /// <summary>Further AVPs of the SCCRQ, between Framing Capabilities and Host Name.</summary>
    public (int Type, byte[] Value)[] More { get; init; } = [];

    /// <summary>
    /// It repeats its SCCRQ until SCCRP comes, and passes over what comes for a former tunnel of its port meanwhile.
    /// </summary>
    public bool RepeatsRequest { get; init; }

    /// <summary>Data messages have the Length field.</summary>
    public bool HasLength { get; init; }
}
