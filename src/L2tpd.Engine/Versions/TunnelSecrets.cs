using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>
/// The secrets of one L2TPv2 control connection, as its profile had them when it began; a later reload does not change them. While a secret
/// is being changed there are two, and the peer has one of them: its answer to our challenge and its hidden AVPs show which. Until then
/// nothing is hidden, and the peer's challenge is answered with the one that was right the last time (<see cref="SecretOrder"/>).
/// </summary>
internal sealed class TunnelSecrets
{
    private readonly SecretOrder? _order;
    private readonly Endpoint _remote;
    private byte[]? _first;
    private byte[]? _second;
    private bool _isSwapped;

    private TunnelSecrets(byte[]? first, byte[]? second, SecretOrder? order, in Endpoint remote)
    {
        (_first, _second, _order, _remote) = (first, second, order, remote);
        IsSettled = second is null;
    }

    /// <summary>The secret in use; <c>null</c> if there is none.</summary>
    public byte[]? Current => _first;

    /// <summary>The key for AVPs that we hide; <c>null</c> while it is not known which secret the peer has, or if there is none.</summary>
    public byte[]? HidingKey => IsSettled ? _first : null;

    /// <summary>It is known which secret the peer has.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>The secrets of a new control connection with that peer.</summary>
    public static TunnelSecrets Of(EngineContext context, PeerProfile profile, in Endpoint remote)
    {
        if (profile.SecondSecret is null)
            return new TunnelSecrets(profile.Secret, null, null, remote);
        var secrets = new TunnelSecrets(profile.Secret, profile.SecondSecret, context.SecretOrder, remote);
        if (context.SecretOrder.IsSecondFirst(remote))
            secrets.Swap();
        return secrets;
    }

    /// <summary>Goes on as in a snapshot.</summary>
    public static TunnelSecrets Restore(EngineContext context, PeerProfile profile, in Endpoint remote, TunnelSecretsSnapshot snapshot)
    {
        var (first, second) = snapshot.Former is { } former
            ? (former.ElementAtOrDefault(0), former.ElementAtOrDefault(1))
            : (profile.Secret, profile.SecondSecret);
        var secrets = new TunnelSecrets(first, second, context.SecretOrder, remote);
        if (snapshot.IsSecondFirst && second is not null)
            secrets.Swap();
        secrets.IsSettled |= snapshot.IsSettled;
        return secrets;
    }

    /// <summary>A snapshot; it has the secrets themselves only if the profile has others by now.</summary>
    public TunnelSecretsSnapshot ToSnapshot(PeerProfile profile)
    {
        var (first, second) = _isSwapped ? (_second, _first) : (_first, _second);
        var isSame = first.AsSpan().SequenceEqual(profile.Secret) && second.AsSpan().SequenceEqual(profile.SecondSecret);
        byte[][]? former = isSame ? null : [.. new[] { first, second }.OfType<byte[]>()];
        return new TunnelSecretsSnapshot(_isSwapped, IsSettled, former);
    }

    /// <summary>Decodes a message; its hidden AVPs show which secret the peer has.</summary>
    public DecodedMessage Decode(in ControlHeader header, ReadOnlySpan<byte> message, bool ignoreUnknownMandatory)
    {
        var decoded = MessageCodec.Decode(header, message, new DecodeOptions(_first, ignoreUnknownMandatory));
        if (IsSettled || decoded.HiddenAvps == 0)
            return decoded;
        if (decoded.UnreadableAvps > 0)
        {
            var other = MessageCodec.Decode(header, message, new DecodeOptions(_second, ignoreUnknownMandatory));
            if (other.UnreadableAvps > 0)
                return decoded;
            decoded = other;
            Swap();
        }

        IsSettled = true;
        return decoded;
    }

    /// <summary>Verifies the peer's answer to our challenge with each secret.</summary>
    public bool Verify(MessageType carrier, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> response)
    {
        if (!TunnelAuthentication.Verify(carrier, _first, challenge, response))
        {
            if (_second is null || !TunnelAuthentication.Verify(carrier, _second, challenge, response))
                return false;
            Swap();
        }

        IsSettled = true;
        _order?.Set(_remote, _isSwapped);
        return true;
    }

    /// <summary>Our answer to the peer's challenge; <c>null</c> without a challenge or a secret.</summary>
    public byte[]? Respond(MessageType carrier, byte[]? challenge) =>
        challenge is not null && _first is { } secret ? TunnelAuthentication.ComputeResponse(carrier, secret, challenge) : null;

    /// <summary>The peer ended the set-up, perhaps because of the secret: the next one begins with the other.</summary>
    public void SetUpFailed()
    {
        if (!IsSettled)
            _order?.Set(_remote, !_isSwapped);
    }

    private void Swap()
    {
        (_first, _second) = (_second, _first);
        _isSwapped = !_isSwapped;
    }
}
