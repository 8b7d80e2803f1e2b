using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol.Digests;

/// <summary>The result of verifying the digests of a received message.</summary>
public enum DigestVerdict
{
    /// <summary>No Message Digest AVP after Message Type. If a digest is required, the message must be dropped.</summary>
    Absent,

    /// <summary>One of the digests is valid.</summary>
    Valid,

    /// <summary>None is valid: the message must be dropped without any effect (RFC 3931 section 4.3).</summary>
    Invalid,
}

/// <summary>The valid digest of a received message.</summary>
/// <param name="Keys">The keys that it was made with.</param>
/// <param name="IsFirst">Whether it is the first of the message. A sender with two digests has two secrets and hides AVPs with the secret
/// of the first. If only the second is valid, hidden AVPs cannot be read.</param>
public readonly record struct DigestFit(ControlMessageKeys Keys, bool IsFirst);

/// <summary>
/// Control Message Authentication of L2TPv3 (RFC 3931 sections 4.3 and 5.4.1). The digest covers both nonces (not in an SCCRQ) and the
/// whole message with zeros in place of the digest: <c>HMAC(key, sender's nonce | receiver's nonce | message)</c>. A StopCCN sent before
/// the peer's nonce is known uses an empty nonce; the RFC does not define this case.
/// </summary>
public static class MessageDigest
{
    private const int StackLimit = 2048;
    private const int TypeSize = 1;

    private static readonly KeyedHash EmptyKeyMd5 = new(HashAlgorithmName.MD5, []);
    private static readonly KeyedHash EmptyKeySha1 = new(HashAlgorithmName.SHA1, []);

    /// <summary>Octets of a digest, without its type octet.</summary>
    public static int SizeOf(DigestType type) => type == DigestType.HmacMd5 ? HMACMD5.HashSizeInBytes : HMACSHA1.HashSizeInBytes;

    /// <summary>
    /// Computes and writes the digests of an encoded message, in place. To be called after Ns and Nr are final, and again for each
    /// retransmission. A message without Message Digest AVP is not changed.
    /// </summary>
    /// <param name="message">Exactly the message, from the flag word to its end.</param>
    /// <param name="keys">Key of the first digest.</param>
    /// <param name="localNonce">Our nonce; ignored in an SCCRQ and for integrity-only keys.</param>
    /// <param name="remoteNonce">The peer's nonce, empty if not known.</param>
    /// <param name="secondKeys">Key of the second digest if the message has two; <c>null</c> for <paramref name="keys"/>.</param>
    [SkipLocalsInit]
    public static void Seal(
        Span<byte> message, ControlMessageKeys keys, ReadOnlySpan<byte> localNonce, ReadOnlySpan<byte> remoteNonce,
        ControlMessageKeys? secondKeys = null)
    {
        var found = DigestFields.Find(message);
        Span<byte> digest = stackalloc byte[HMACSHA1.HashSizeInBytes];
        // Both are computed over zeros in both places, so that the second does not depend on the first.
        if (found.First.IsPresent)
        {
            var first = digest[..SizeOf(found.First.Type)];
            Compute(message, found, keys.HashOf(found.First.Type), keys, localNonce, remoteNonce, first);
            first.CopyTo(message[found.First.Offset..]);
        }

        if (found.Second.IsPresent)
        {
            var other = secondKeys ?? keys;
            var second = digest[..SizeOf(found.Second.Type)];
            Compute(message, found, other.HashOf(found.Second.Type), other, localNonce, remoteNonce, second);
            second.CopyTo(message[found.Second.Offset..]);
        }
    }

    /// <summary>Verifies a received message: it is valid if any of its digests matches any of the keys.</summary>
    /// <param name="message">The message from its flag word; octets after its Length are ignored.</param>
    /// <param name="keys">Keys of the current secret, and of an old or new one during a change.</param>
    /// <param name="localNonce">Our nonce (the receiver's).</param>
    /// <param name="remoteNonce">The peer's nonce (the sender's). It may be empty for an SCCRP, whose own Nonce AVP is then used.</param>
    public static DigestVerdict Verify(
        ReadOnlySpan<byte> message, ReadOnlySpan<ControlMessageKeys> keys, ReadOnlySpan<byte> localNonce, ReadOnlySpan<byte> remoteNonce) =>
        Verify(message, keys, localNonce, remoteNonce, out _);

    /// <summary>
    /// Verifies a received message, and returns which digest matches which key: the first digest if it matches any, otherwise the second.
    /// </summary>
    public static DigestVerdict Verify(
        ReadOnlySpan<byte> message, ReadOnlySpan<ControlMessageKeys> keys, ReadOnlySpan<byte> localNonce, ReadOnlySpan<byte> remoteNonce,
        out DigestFit fit)
    {
        fit = default;
        if (!ControlHeader.TryRead(message, out var header, out _))
            return DigestVerdict.Absent;
        message = message[..header.Length];
        var found = DigestFields.Find(message);
        if (!found.First.IsPresent)
            return found.HasUnknown ? DigestVerdict.Invalid : DigestVerdict.Absent;
        if (remoteNonce.IsEmpty && found.MessageType == MessageType.Sccrp)
            remoteNonce = FindNonce(message);
        if (FindKeys(message, found, found.First, keys, localNonce, remoteNonce) is { } first)
            fit = new DigestFit(first, IsFirst: true);
        else if (FindKeys(message, found, found.Second, keys, localNonce, remoteNonce) is { } second)
            fit = new DigestFit(second, IsFirst: false);
        return fit.Keys is null ? DigestVerdict.Invalid : DigestVerdict.Valid;
    }

    /// <summary>Type of the first digest of a message; <c>null</c> if it has none of a known type.</summary>
    public static DigestType? FirstType(ReadOnlySpan<byte> message)
    {
        if (!ControlHeader.TryRead(message, out var header, out _))
            return null;
        var found = DigestFields.Find(message[..header.Length]);
        return found.First.IsPresent ? found.First.Type : null;
    }

    /// <summary>The Control Message Authentication Nonce AVP of a message, empty if absent. It is never hidden.</summary>
    public static ReadOnlySpan<byte> FindNonce(ReadOnlySpan<byte> message)
    {
        if (!ControlHeader.TryRead(message, out var header, out _))
            return default;
        var reader = new AvpReader(message[..header.Length]);
        while (reader.TryRead(out var avp))
        {
            if (avp.Is(AvpType.Nonce) && !avp.IsHidden)
                return avp.Value;
        }

        return default;
    }

    private static ControlMessageKeys? FindKeys(
        ReadOnlySpan<byte> message, in DigestFields found, DigestField field, ReadOnlySpan<ControlMessageKeys> keys,
        ReadOnlySpan<byte> localNonce, ReadOnlySpan<byte> remoteNonce)
    {
        foreach (var candidate in keys)
        {
            if (Fits(message, found, field, candidate, localNonce, remoteNonce))
                return candidate;
        }

        return null;
    }

    private static bool Fits(
        ReadOnlySpan<byte> message, in DigestFields found, DigestField field, ControlMessageKeys keys, ReadOnlySpan<byte> senderNonce,
        ReadOnlySpan<byte> receiverNonce)
    {
        if (!field.IsPresent)
            return false;
        // The sender's nonce comes first, which is the remote one for the receiver.
        if (Equal(message, found, field, keys.HashOf(field.Type), keys, receiverNonce, senderNonce))
            return true;
        // "Without a secret" may mean an empty secret, which we use when sending, or an empty HMAC key (RFC 3931 section 5.4.1).
        return keys.IsIntegrityOnly && Equal(message, found, field, EmptyKeyHashOf(field.Type), keys, receiverNonce, senderNonce);
    }

    private static KeyedHash EmptyKeyHashOf(DigestType type) => type == DigestType.HmacMd5 ? EmptyKeyMd5 : EmptyKeySha1;

    private static bool Equal(
        ReadOnlySpan<byte> message, in DigestFields found, DigestField field, KeyedHash hash, ControlMessageKeys keys,
        ReadOnlySpan<byte> senderNonce, ReadOnlySpan<byte> receiverNonce)
    {
        Span<byte> expected = stackalloc byte[HMACSHA1.HashSizeInBytes];
        expected = expected[..SizeOf(field.Type)];
        Compute(message, found, hash, keys, senderNonce, receiverNonce, expected);
        return CryptographicOperations.FixedTimeEquals(expected, message.Slice(field.Offset, expected.Length));
    }

    [SkipLocalsInit]
    private static void Compute(
        ReadOnlySpan<byte> message, in DigestFields found, KeyedHash hash, ControlMessageKeys keys, ReadOnlySpan<byte> senderNonce,
        ReadOnlySpan<byte> receiverNonce, Span<byte> digest)
    {
        if (found.MessageType == MessageType.Sccrq || keys.IsIntegrityOnly)
        {
            senderNonce = default;
            receiverNonce = default;
        }

        var size = senderNonce.Length + receiverNonce.Length + message.Length;
        byte[]? rented = null;
        var input = size <= StackLimit ? stackalloc byte[StackLimit] : rented = ArrayPool<byte>.Shared.Rent(size);
        senderNonce.CopyTo(input);
        receiverNonce.CopyTo(input[senderNonce.Length..]);
        var body = input.Slice(senderNonce.Length + receiverNonce.Length, message.Length);
        message.CopyTo(body);
        Clear(body, found.First);
        Clear(body, found.Second);
        hash.Compute(input[..size], digest);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>
    /// Sets a digest to zeros and keeps its type octet. With two digests, the RFC's wording could include the type octets; its general
    /// rule, that the type keeps its value, is followed here.
    /// </summary>
    private static void Clear(Span<byte> body, DigestField field)
    {
        if (field.IsPresent)
            body.Slice(field.Offset, SizeOf(field.Type)).Clear();
    }

    /// <summary>The position of a digest's octets, after their type octet.</summary>
    private readonly record struct DigestField(int Offset, DigestType Type)
    {
        public bool IsPresent => Offset != 0;
    }

    /// <summary>The Message Digest AVPs of a message: at most two, directly after Message Type.</summary>
    private readonly record struct DigestFields(MessageType MessageType, DigestField First, DigestField Second, bool HasUnknown)
    {
        public static DigestFields Find(ReadOnlySpan<byte> message)
        {
            var reader = new AvpReader(message);
            if (message.Length < ControlHeader.Size || !reader.TryRead(out var type) || !type.Is(AvpType.MessageType)
                || type.Value.Length != sizeof(ushort))
            {
                return default;
            }

            var messageType = (MessageType)BinaryPrimitives.ReadUInt16BigEndian(type.Value);
            var hasUnknown = false;
            var first = Next(ref reader, ref hasUnknown);
            var second = first.IsPresent || hasUnknown ? Next(ref reader, ref hasUnknown) : default;
            return first.IsPresent
                ? new DigestFields(messageType, first, second, hasUnknown)
                : new DigestFields(messageType, second, default, hasUnknown);
        }

        private static DigestField Next(ref AvpReader reader, ref bool hasUnknown)
        {
            if (!reader.TryRead(out var avp) || !avp.Is(AvpType.MessageDigest))
                return default;
            var isKnown = !avp.IsHidden && avp.Value.Length > TypeSize
                && avp.Value[0] <= (byte)DigestType.HmacSha1 && avp.Value.Length == TypeSize + SizeOf((DigestType)avp.Value[0]);
            if (isKnown)
                return new DigestField(avp.Offset + AvpFormat.HeaderSize + TypeSize, (DigestType)avp.Value[0]);
            hasUnknown = true;
            return default;
        }
    }
}
