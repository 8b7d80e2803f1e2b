using System.Buffers.Binary;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// Challenges (L2TPv2) and nonces (L2TPv3) of ours that a peer has not answered yet, in both roles. A peer that sends one of them back to
/// us wants us to compute the answer that it cannot compute itself: a reflection. It is possible where this daemon dials and listens with
/// one secret.
/// </summary>
internal sealed class OutstandingChallenges(Admission.Challenges own)
{
    /// <summary>Octets of every challenge and nonce of ours.</summary>
    public const int Size = 16;

    private readonly HashSet<UInt128> _values = [];

    public int Count => _values.Count;

    /// <summary>The SCCRQ or SCCRP of the tunnel is sent.</summary>
    public void Add(Tunnel tunnel)
    {
        if (tunnel.Phase is not TunnelPhase.BeingSetUp phase)
            return;

        Add(phase.Challenge);
        Add(phase.Nonce);
    }

    /// <summary>It is answered or given up; harmless when repeated.</summary>
    public void Remove(Tunnel tunnel)
    {
        if (tunnel.Phase is not TunnelPhase.BeingSetUp phase)
            return;

        Remove(phase.Challenge);
        Remove(phase.Nonce);
    }

    /// <summary>True if the peer's SCCRQ or SCCRP asks us to answer what we asked somebody else.</summary>
    public bool AreReflectedIn(StartControlConnection introduction) => Contains(introduction.Challenge) || Contains(introduction.Nonce);

    private void Add(byte[]? challenge)
    {
        if (challenge is { Length: Size })
            _values.Add(BinaryPrimitives.ReadUInt128BigEndian(challenge));
    }

    private void Remove(byte[]? challenge)
    {
        if (challenge is { Length: Size })
            _values.Remove(BinaryPrimitives.ReadUInt128BigEndian(challenge));
    }

    private bool Contains(byte[]? challenge) =>
        challenge is { Length: Size } && (_values.Contains(BinaryPrimitives.ReadUInt128BigEndian(challenge)) || own.IsOurs(challenge));
}
