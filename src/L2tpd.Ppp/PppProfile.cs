using System.Collections.Immutable;

namespace L2tpd.Ppp;

/// <summary>
/// How one end runs PPP; immutable and shared by all endpoints of a profile. Durations are in milliseconds; 0 turns a feature off.
/// </summary>
public sealed record PppProfile
{
    /// <summary>True on the LNS: we assign the peer's address.</summary>
    public bool Server { get; init; }

    /// <summary>Our name in challenges and responses where no user name applies; at most 255 octets in UTF-8.</summary>
    public string LocalName { get; init; } = "l2tpd";

    /// <summary>Largest payload we want to receive, 128 to 65535 octets; LCP option 1.</summary>
    public ushort Mru { get; init; } = 1500;

    /// <summary>Largest payload we send, even if the peer takes more; what the path carries.</summary>
    public ushort MaximumTransmit { get; init; } = 1500;

    /// <summary>Ask the peer to send protocol numbers of one octet.</summary>
    public bool RequestProtocolCompression { get; init; }

    /// <summary>Ask the peer to leave out FF 03.</summary>
    public bool RequestAddressCompression { get; init; }

    /// <summary>Send protocol numbers of one octet if the peer asks for it.</summary>
    public bool AcceptProtocolCompression { get; init; } = true;

    /// <summary>Leave out FF 03 if the peer asks for it.</summary>
    public bool AcceptAddressCompression { get; init; } = true;

    /// <summary>Protocols by which the peer must authenticate itself, the preferred one first; empty: none.</summary>
    public ImmutableArray<AuthenticationProtocol> RequireFromPeer { get; init; } = [];

    /// <summary>Protocols by which we authenticate ourselves, the preferred one first, never EAP; needs credentials.</summary>
    public ImmutableArray<AuthenticationProtocol> OfferToPeer { get; init; } =
        [AuthenticationProtocol.MsChapV2, AuthenticationProtocol.ChapMd5, AuthenticationProtocol.Pap];

    /// <summary>Number of further attempts that a peer has after a failure, on the same link (PAP, MS-CHAPv2).</summary>
    public int AuthenticationRetries { get; init; }

    /// <summary>
    /// Time that the peer has to start or answer authentication. For its own proof the time starts when LCP opens first, and is not renewed
    /// when LCP opens again.
    /// </summary>
    public int AuthenticationTimeout { get; init; } = 30_000;

    /// <summary>Time between repeated challenges while the network is up (CHAP and EAP).</summary>
    public int RechallengeInterval { get; init; }

    /// <summary>Negotiate IPv4.</summary>
    public bool Ipv4 { get; init; } = true;

    /// <summary>Negotiate IPv6.</summary>
    public bool Ipv6 { get; init; } = true;

    /// <summary>The network layers of the link, in the order they start.</summary>
    public ImmutableArray<INetworkLayerFactory> NetworkLayers { get; init; } = Ppp.NetworkLayers.Standard;

    /// <summary>Client: the IPv4 address to ask for; none: the server assigns one. On a server the grant has the address.</summary>
    public Ipv4Address LocalAddress { get; init; }

    /// <summary>Client: ask for DNS servers.</summary>
    public bool RequestDns { get; init; } = true;

    /// <summary>Our interface identifier; 0: a random one per session.</summary>
    public ulong InterfaceIdentifier { get; init; }

    /// <summary>
    /// The secret from which the interface identifiers of peers that ask for one are made, with their user names: a user gets the same one
    /// again, and nobody can find the name by it. Empty: random ones.
    /// </summary>
    public ReadOnlyMemory<byte> IdentifierSecret { get; init; }

    /// <summary>What to do with a LAC's proxy AVPs.</summary>
    public ProxyLcpPolicy Proxy { get; init; }

    /// <summary>RFC 1661 section 4.6 restart timer.</summary>
    public int RestartTimer { get; init; } = 3_000;

    /// <summary>RFC 1661 section 4.6.</summary>
    public int MaxConfigure { get; init; } = 10;

    /// <summary>RFC 1661 section 4.6.</summary>
    public int MaxTerminate { get; init; } = 2;

    /// <summary>
    /// Naks sent before we send Rejects instead, and Naks received before we treat them as Rejects (RFC 1661 section 4.6).
    /// </summary>
    public int MaxFailure { get; init; } = 5;

    /// <summary>Time without a frame from the peer after which we send an Echo-Request.</summary>
    public int EchoInterval { get; init; } = 30_000;

    /// <summary>Number of unanswered echoes that ends the link.</summary>
    public int EchoFailures { get; init; } = 4;

    /// <summary>Number of packets with our own magic number that ends the link as looped back.</summary>
    public int LoopLimit { get; init; } = 4;

    /// <summary>
    /// Time from Open to the first network layer, or from the first renegotiation of a link whose network was up. It bounds the exchanges
    /// that the automaton does not bound.
    /// </summary>
    public int SetupTimeout { get; init; } = 90_000;

    /// <summary>Number of renegotiations of open layers that the peer may start in a row.</summary>
    public int RenegotiationBurst { get; init; } = 10;

    /// <summary>After the burst, time between two renegotiations; 0: no limit.</summary>
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

    /// <summary>c227, RFC 3748: only for the peer's proof, which a server verifies.</summary>
    Eap,
}

/// <summary>What an LNS does with proxy LCP and proxy authentication (RFC 2661 section 4.4.5).</summary>
public enum ProxyLcpPolicy : byte
{
    /// <summary>Take over what the LAC negotiated if it is acceptable; otherwise restart LCP.</summary>
    ProxyLcp,

    /// <summary>Restart LCP with the subscriber.</summary>
    Renegotiate,
}

/// <summary>Our name and password.</summary>
/// <param name="UserName">The name, at most 255 octets in UTF-8.</param>
/// <param name="Password">The secret; with PAP at most 255 octets in UTF-8.</param>
public sealed record PppCredentials(string UserName, string Password)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => "PppCredentials { UserName = " + UserName + " }";
}

/// <summary>The proxy AVPs: what a LAC negotiated with the subscriber. A field is <c>null</c> if its AVP is absent.</summary>
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
