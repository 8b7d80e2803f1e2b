using System.Collections.Immutable;

namespace L2tpd.Ppp;

/// <summary>How one end runs PPP; immutable and shared by all endpoints of a profile. Durations are in milliseconds; 0 turns a feature off.</summary>
public sealed record PppProfile
{
    /// <summary>True on the LNS side: we own the addresses and assign the peer's.</summary>
    public bool Server { get; init; }

    /// <summary>Our name in challenges and responses where no user name applies; at most 255 octets in UTF-8.</summary>
    public string LocalName { get; init; } = "l2tpd";

    /// <summary>Largest payload we want to receive, 128 to 65535 octets; LCP option 1.</summary>
    public ushort Mru { get; init; } = 1500;

    /// <summary>Largest payload we send, whatever the peer offers; the path's clamp.</summary>
    public ushort MaximumTransmit { get; init; } = 1500;

    /// <summary>Let the peer send 1-octet protocol numbers to us and ask for it.</summary>
    public bool RequestProtocolCompression { get; init; }

    /// <summary>Let the peer leave out FF 03 towards us and ask for it.</summary>
    public bool RequestAddressCompression { get; init; }

    /// <summary>Grant the peer's wish that we compress the protocol field.</summary>
    public bool AcceptProtocolCompression { get; init; } = true;

    /// <summary>Grant the peer's wish that we leave out FF 03.</summary>
    public bool AcceptAddressCompression { get; init; } = true;

    /// <summary>What the peer must prove itself by, most wanted first; empty: the peer need not.</summary>
    public ImmutableArray<AuthenticationProtocol> RequireFromPeer { get; init; } = [];

    /// <summary>What we prove ourselves by when the peer asks, most wanted first; needs credentials.</summary>
    public ImmutableArray<AuthenticationProtocol> OfferToPeer { get; init; } =
        [AuthenticationProtocol.MsChapV2, AuthenticationProtocol.ChapMd5, AuthenticationProtocol.Pap];

    /// <summary>How often a peer may try again after a failure, on the same link (PAP, MS-CHAPv2 R=1).</summary>
    public int AuthenticationRetries { get; init; }

    /// <summary>How long the other side may take to start or answer authentication; for the peer's proof counted from when LCP first opened, however often it opens again.</summary>
    public int AuthenticationTimeout { get; init; } = 30_000;

    /// <summary>Time between repeated challenges while the network is up (CHAP only).</summary>
    public int RechallengeInterval { get; init; }

    /// <summary>Negotiate IPv4.</summary>
    public bool Ipv4 { get; init; } = true;

    /// <summary>Negotiate IPv6.</summary>
    public bool Ipv6 { get; init; } = true;

    /// <summary>The network layers of the link, in the order they start.</summary>
    public ImmutableArray<INetworkLayerFactory> NetworkLayers { get; init; } = Ppp.NetworkLayers.Standard;

    /// <summary>Client: the IPv4 address to ask for; none: whatever is assigned. On a server the address comes with the grant.</summary>
    public Ipv4Address LocalAddress { get; init; }

    /// <summary>Client: ask for DNS servers.</summary>
    public bool RequestDns { get; init; } = true;

    /// <summary>Our interface identifier; 0: a random one a session.</summary>
    public ulong InterfaceIdentifier { get; init; }

    /// <summary>What to do with a LAC's proxy AVPs.</summary>
    public ProxyLcpPolicy Proxy { get; init; }

    /// <summary>RFC 1661 section 4.6 restart timer.</summary>
    public int RestartTimer { get; init; } = 3_000;

    /// <summary>RFC 1661 section 4.6.</summary>
    public int MaxConfigure { get; init; } = 10;

    /// <summary>RFC 1661 section 4.6.</summary>
    public int MaxTerminate { get; init; } = 2;

    /// <summary>RFC 1661 section 4.6: Naks sent before they become Rejects, and Naks believed before they are taken for Rejects.</summary>
    public int MaxFailure { get; init; } = 5;

    /// <summary>Silence after which the peer is asked for an echo.</summary>
    public int EchoInterval { get; init; } = 30_000;

    /// <summary>Unanswered echoes after which the link is dead.</summary>
    public int EchoFailures { get; init; } = 4;

    /// <summary>Looped packets seen before the link is taken for looped back.</summary>
    public int LoopLimit { get; init; } = 4;

    /// <summary>
    /// From Open to the first network layer, or from the first renegotiation of a link whose network was up; bounds every exchange the automaton alone would not.
    /// </summary>
    public int SetupTimeout { get; init; } = 90_000;

    /// <summary>How often the peer may have a layer that is up negotiated again at once.</summary>
    public int RenegotiationBurst { get; init; } = 10;

    /// <summary>After the burst: once in this time; 0: as often as it likes.</summary>
    public int RenegotiationInterval { get; init; } = 10_000;

    /// <summary>Default of <see cref="Authorisation.SessionTimeout"/>.</summary>
    public long SessionTimeout { get; init; }

    /// <summary>Default of <see cref="Authorisation.IdleTimeout"/>.</summary>
    public long IdleTimeout { get; init; }
}

/// <summary>Authentication protocols of LCP option 3.</summary>
public enum AuthenticationProtocol : byte
{
    None = 0,

    /// <summary>c023, RFC 1334.</summary>
    Pap,

    /// <summary>c223 algorithm 5, RFC 1994.</summary>
    ChapMd5,

    /// <summary>c223 algorithm 0x81, RFC 2759.</summary>
    MsChapV2,
}

/// <summary>What an LNS does with proxy LCP and proxy authentication (RFC 2661 section 4.4.5).</summary>
public enum ProxyLcpPolicy : byte
{
    /// <summary>Adopt what the LAC negotiated where it is acceptable, else restart LCP.</summary>
    ProxyLcp,

    /// <summary>Ignore it: LCP restarts with the subscriber.</summary>
    Renegotiate,
}

/// <summary>What we prove ourselves with.</summary>
/// <param name="UserName">The name, at most 255 octets in UTF-8.</param>
/// <param name="Password">The secret; with PAP at most 255 octets in UTF-8.</param>
public sealed record PppCredentials(string UserName, string Password)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => "PppCredentials { UserName = " + UserName + " }";
}

/// <summary>What a LAC already did with the subscriber: the values of the proxy AVPs; a field is null when its AVP is absent.</summary>
public sealed record ProxyState
{
    /// <summary>AVP 27: the options the LAC sent last.</summary>
    public byte[]? LastSentOptions { get; init; }

    /// <summary>AVP 28: the options the subscriber sent last.</summary>
    public byte[]? LastReceivedOptions { get; init; }

    /// <summary>AVP 29: 2 CHAP, 3 PAP, 4 none; others are not used.</summary>
    public ushort? AuthenticationType { get; init; }

    /// <summary>AVP 30.</summary>
    public byte[]? Name { get; init; }

    /// <summary>AVP 31.</summary>
    public byte[]? Challenge { get; init; }

    /// <summary>AVP 32, low octet.</summary>
    public byte? Id { get; init; }

    /// <summary>AVP 33: the response, or PAP's clear password.</summary>
    public byte[]? Response { get; init; }
}
