using L2tpd.Protocol.Avps;

namespace L2tpd.Protocol.Text;

/// <summary>
/// Removes from a copy of a control message what a secret or a password could be found by. What cannot be read, or is not known, is removed
/// as well.
/// </summary>
public static class ControlMessageSecrets
{
    /// <summary>Overwrites those octets with zeros. Lengths stay as they are.</summary>
    /// <param name="message">The message from its flag word on.</param>
    public static void Remove(Span<byte> message)
    {
        if (!ControlHeader.TryRead(message, out var header, out _))
        {
            if (message.Length > ControlHeader.Size)
                message[ControlHeader.Size..].Clear();
            return;
        }

        message[header.Length..].Clear();
        var reader = new AvpReader(message[..header.Length]);
        while (reader.TryRead(out var avp))
        {
            if (IsSecret(avp))
                message.Slice(avp.Offset + AvpFormat.HeaderSize, avp.Value.Length).Clear();
        }

        if (reader.IsBroken)
            message[reader.Position..].Clear();
    }

    /// <summary>
    /// Hidden values can be guessed with the secret, as can the answer to a challenge and a digest; a cookie lets anybody inject data; an
    /// answer to a proxied authentication is a password or as good as one.
    /// </summary>
    internal static bool IsSecret(in Avp avp) =>
        avp.IsHidden
        || avp.Is(AvpType.ChallengeResponse) || avp.Is(AvpType.MessageDigest) || avp.Is(AvpType.AssignedCookie)
        || avp.Is(AvpType.ProxyAuthenResponse)
        || AvpTable.NameOf(avp.VendorId, avp.Type) is null;
}
