using System.Runtime.CompilerServices;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>How the messages of an L2TPv3 control connection are signed (RFC 3931 section 4.3, l2tpv3.md section 5.1).</summary>
public enum SecurityMode
{
    None,
    Integrity,
    Authenticated,
}

/// <summary>
/// Control message authentication of one L2TPv3 control connection: keys, nonces, and what is signed and checked. A message
/// that does not pass is as if it had never come.
/// </summary>
internal sealed class MessageSecurity
{
    private const int NonceSize = OutstandingChallenges.Size;

    /// <summary>Of each secret in use: tunnels of one profile share them.</summary>
    private static readonly ConditionalWeakTable<byte[], ControlMessageKeys> KeysBySecret = [];

    private readonly ControlMessageKeys[] _keys;
    private readonly byte[]? _secret;
    private readonly byte[]? _secondSecret;
    private readonly MessageAuthentication _policy;
    private DigestType _digest;
    private byte[] _remoteNonce = [];
    private ControlMessageKeys? _peerKeys;
    private bool _isSecondFirst;

    private MessageSecurity(PeerProfile peer)
    {
        (_secret, _secondSecret) = (peer.Secret, peer.SecondSecret);
        _policy = PolicyOf(peer);
        _digest = peer.Digest;
        _keys = _policy < MessageAuthentication.WhenSigned
            ? []
            : [.. new[] { peer.Secret, peer.SecondSecret }.OfType<byte[]>().Select(KeysOf)];
    }

    public SecurityMode Mode { get; private set; }

    /// <summary>Our nonce for SCCRQ or SCCRP; <c>null</c> if none is sent.</summary>
    public byte[]? Nonce { get; private set; }

    /// <summary>Takes our nonce for the SCCRP, if one is sent.</summary>
    public void UseNonce(Admission.Challenges challenges, ulong number) =>
        Nonce = Mode == SecurityMode.Authenticated ? challenges.Of(number) : null;

    /// <summary>
    /// Key for the peer's hidden AVPs, that of its last message's first digest; <c>null</c> without authentication. An SCCRP that begins
    /// authentication may hide before its nonce is learned.
    /// </summary>
    public byte[]? UnhidingKey => (_peerKeys ?? (Mode == SecurityMode.Authenticated ? _keys[0] : null))?.HidingKey;

    private bool HasSecret => _keys.Length > 0;

    /// <summary>
    /// Loads the cryptography library, which the first message would wait for otherwise, if a peer is configured whose messages may need
    /// it. The keys of the other peers are made when they are needed.
    /// </summary>
    public static void WarmUp(EngineConfiguration configuration)
    {
        var profiles = configuration.Peers.Concat(configuration.Tunnels.Select(static tunnel => tunnel.Peer));
        if (profiles.FirstOrDefault(static profile => profile.Secret is not null) is { Secret: { } secret } first)
            KeysOf(secret).Prepare(first.Digest);
    }

    /// <summary>Goes on as in a snapshot, with the secrets of the profile unless the tunnel had others.</summary>
    public static MessageSecurity Restore(PeerProfile profile, SecuritySnapshot snapshot)
    {
        var own = snapshot.Former is not { } former ? profile
            : profile with { Secret = former.ElementAtOrDefault(0), SecondSecret = former.ElementAtOrDefault(1) };
        var security = new MessageSecurity(own)
        {
            Mode = snapshot.Mode,
            Nonce = snapshot.Nonce,
            _digest = snapshot.Digest,
            _remoteNonce = snapshot.RemoteNonce,
        };
        if (snapshot.IsSecondSecretFirst)
            security.PutSecondKeyFirst();
        security._peerKeys = snapshot.PeerKey is >= 0 and var index && index < security._keys.Length ? security._keys[index] : null;
        return security;
    }

    /// <summary>What the SCCRQ that we send begins.</summary>
    public static MessageSecurity ForRequest(EngineContext context, PeerProfile peer)
    {
        var security = new MessageSecurity(peer);
        security.Mode = security._policy switch
        {
            MessageAuthentication.Required when security.HasSecret => SecurityMode.Authenticated,
            MessageAuthentication.Integrity => SecurityMode.Integrity,
            _ => SecurityMode.None,
        };
        if (security.Mode == SecurityMode.Authenticated)
            security.Nonce = context.RandomBytes(NonceSize);
        return security;
    }

    /// <summary>
    /// What a received SCCRQ begins, without our nonce (<see cref="UseNonce"/>); <c>null</c> if it does not pass and must be dropped.
    /// </summary>
    public static MessageSecurity? ForAnswer(PeerProfile peer, ReadOnlySpan<byte> request)
    {
        var security = new MessageSecurity(peer);
        var nonce = MessageDigest.FindNonce(request);
        if (nonce.IsEmpty)
            return security.AdmitUnauthenticated(request) ? security : null;
        // A nonce obliges us to sign. Without a secret for this peer we cannot, and do not answer.
        if (!security.HasSecret || !security.FitsAnyKey(request, [], []))
            return null;
        security.Mode = SecurityMode.Authenticated;
        security._digest = MessageDigest.FirstType(request) ?? security._digest;
        security._remoteNonce = nonce.ToArray();
        security.PutPeersKeyFirst();
        return security;
    }

    /// <summary>Whether a message passes.</summary>
    /// <param name="message">As it came.</param>
    /// <param name="type">Its type.</param>
    /// <param name="awaitsReply">Our SCCRQ is unanswered, the peer's nonce not known.</param>
    /// <param name="mayLackOurNonce">The peer has not shown yet that our SCCRP, with our nonce, reached it.</param>
    public bool Verify(ReadOnlySpan<byte> message, MessageType type, bool awaitsReply, bool mayLackOurNonce)
    {
        if (awaitsReply && type == MessageType.Sccrp)
        {
            var nonce = MessageDigest.FindNonce(message);
            if (nonce.IsEmpty)
                return Mode != SecurityMode.Authenticated && IsIntact(message);
            // An SCCRP may begin authentication that our SCCRQ did not (RFC 3931 section 4.3).
            return HasSecret && FitsAnyKey(message, Nonce ?? [], nonce);
        }

        if (Mode != SecurityMode.Authenticated)
            return IsIntact(message);
        // The digest of an SCCRQ that comes again covers no nonces. A peer that gives up before our SCCRP reached it signs its StopCCN with
        // an empty nonce for ours (RFC 3931 does not say); its own, which is fresh, still binds that to this attempt.
        return FitsAnyKey(message, Nonce ?? [], _remoteNonce)
            || (mayLackOurNonce && type == MessageType.StopCcn && FitsAnyKey(message, [], _remoteNonce));
    }

    /// <summary>The SCCRP passed: its nonce counts from here on.</summary>
    public void Learn(ReadOnlySpan<byte> reply)
    {
        var nonce = MessageDigest.FindNonce(reply);
        if (nonce.IsEmpty)
            return;
        Mode = SecurityMode.Authenticated;
        _digest = MessageDigest.FirstType(reply) ?? _digest;
        _remoteNonce = nonce.ToArray();
        PutPeersKeyFirst();
    }

    /// <summary>
    /// Leaves room for the digests, and hides what may be hidden where that is wanted and there is a key. With two secrets an SCCRQ hides
    /// nothing, because it is not known yet which of them the peer has.
    /// </summary>
    public EncodeOptions Encoding(EngineContext context, bool hide)
    {
        if (Mode == SecurityMode.None)
            return default;
        DigestType? second = Mode == SecurityMode.Authenticated && _keys.Length > 1 ? _digest : null;
        return hide && Mode == SecurityMode.Authenticated && (_peerKeys is not null || _keys.Length == 1)
            ? new EncodeOptions(_keys[0].HidingKey, context.RandomBytes(NonceSize), _digest, second)
            : new EncodeOptions(null, null, _digest, second);
    }

    /// <summary>Signs a message whose Ns and Nr are final.</summary>
    public void Seal(Span<byte> message)
    {
        if (Mode == SecurityMode.Integrity)
            MessageDigest.Seal(message, ControlMessageKeys.IntegrityOnly, default, default);
        else if (Mode == SecurityMode.Authenticated)
            MessageDigest.Seal(message, _keys[0], Nonce, _remoteNonce, _keys.Length > 1 ? _keys[1] : null);
    }

    /// <summary>The same for a refusal, whose receiver knows no nonce of ours.</summary>
    public void SealWithoutOurs(Span<byte> message)
    {
        Nonce = null;
        Seal(message);
    }

    /// <summary>A snapshot; it has the secrets themselves only if the profile has others by now.</summary>
    public SecuritySnapshot ToSnapshot(PeerProfile profile)
    {
        var isSame = _secret.AsSpan().SequenceEqual(profile.Secret) && _secondSecret.AsSpan().SequenceEqual(profile.SecondSecret);
        byte[][]? former = isSame ? null : [.. new[] { _secret, _secondSecret }.OfType<byte[]>()];
        return new SecuritySnapshot(
            Mode, _digest, Nonce, _remoteNonce, _isSecondFirst, _peerKeys is null ? null : Array.IndexOf(_keys, _peerKeys), former);
    }

    private static ControlMessageKeys KeysOf(byte[] secret) =>
        KeysBySecret.GetValue(secret, static octets => ControlMessageKeys.FromSecret(octets));

    private static MessageAuthentication PolicyOf(PeerProfile peer) =>
        peer.Authentication ?? (peer.Secret is null ? MessageAuthentication.Off : MessageAuthentication.Required);

    private static bool IsIntact(ReadOnlySpan<byte> message) =>
        MessageDigest.Verify(message, [ControlMessageKeys.IntegrityOnly], default, default) != DigestVerdict.Invalid;

    private bool AdmitUnauthenticated(ReadOnlySpan<byte> request)
    {
        if (_policy == MessageAuthentication.Required || !IsIntact(request))
            return false;
        Mode = _policy == MessageAuthentication.Integrity || MessageDigest.FirstType(request) is not null
            ? SecurityMode.Integrity
            : SecurityMode.None;
        _digest = MessageDigest.FirstType(request) ?? _digest;
        return true;
    }

    private bool FitsAnyKey(ReadOnlySpan<byte> message, ReadOnlySpan<byte> localNonce, ReadOnlySpan<byte> remoteNonce)
    {
        if (MessageDigest.Verify(message, _keys, localNonce, remoteNonce, out var fit) != DigestVerdict.Valid)
            return false;
        _peerKeys = fit.Keys;
        return true;
    }

    // The peer is known to have this key. It hides with the key of the first digest and expects us to do the same.
    private void PutPeersKeyFirst()
    {
        if (_keys.Length > 1 && _keys[1] == _peerKeys)
            PutSecondKeyFirst();
    }

    private void PutSecondKeyFirst()
    {
        if (_keys.Length < 2)
            return;

        (_keys[0], _keys[1]) = (_keys[1], _keys[0]);
        _isSecondFirst = !_isSecondFirst;
    }
}
