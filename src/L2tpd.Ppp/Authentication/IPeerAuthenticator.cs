using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Authentication;

/// <summary>Authenticates the peer; the host decides on its proof.</summary>
internal interface IPeerAuthenticator
{
    long Deadline { get; }

    /// <summary>The challenge of ours that was sent last; empty if the protocol has none that the peer could reflect.</summary>
    ReadOnlySpan<byte> Challenge { get; }

    /// <summary>The peer's name; <c>null</c> before it sent one.</summary>
    string? UserName { get; }

    /// <summary>True while the host's decision is outstanding.</summary>
    bool AwaitsVerdict { get; }

    /// <summary>LCP is open: starts again.</summary>
    void Start(AuthenticationProtocol protocol, long now, IPppEffects effects);

    /// <summary>Starts with the proof that a LAC received; false if it does not match what was negotiated.</summary>
    bool TryStart(AuthenticationProtocol protocol, ProxyState proxy, IPppEffects effects);

    /// <summary>The proof that was accepted.</summary>
    AuthenticatorSnapshot Snapshot(long now);

    /// <summary>Goes on after a proof that was accepted. A challenge that was in progress is made again at once.</summary>
    void Restore(AuthenticatorSnapshot snapshot, long now);

    /// <summary>LCP left Opened.</summary>
    void Stop();

    void Expire(long now, IPppEffects effects);

    /// <summary>Handles a packet of the peer; any octets may come.</summary>
    void Handle(PppProtocol protocol, in ControlPacket packet, long now, IPppEffects effects);

    /// <summary>Asks a peer that proved itself for another proof; false if its protocol has no challenge.</summary>
    bool TryChallenge(long now, IPppEffects effects);

    /// <summary>Sends the host's decision to the peer.</summary>
    void Conclude(AuthenticationResult result, long now, IPppEffects effects);
}
