using L2tpd.Engine.Addressing;

namespace L2tpd.Engine.Versions;

/// <summary>
/// While a secret is being changed: which of the two to begin with, by the peer's address. One bit for each of 4,096 groups of addresses:
/// a wrong one costs a peer of the group one attempt, so that no sender, forged or not, gains by it, and the memory is fixed.
/// </summary>
/// <param name="random">Of the key that spreads addresses over the groups.</param>
internal sealed class SecretOrder(IRandomSource random)
{
    private const int Bits = 64;
    private readonly ulong[] _isSecondFirst = new ulong[64];
    private readonly int _key = KeyFrom(random);

    /// <summary>Whether the second secret comes first.</summary>
    public bool IsSecondFirst(in Endpoint remote)
    {
        var (word, bit) = PlaceOf(remote);
        return (_isSecondFirst[word] & bit) != 0;
    }

    /// <summary>From now on the second secret comes first, or no longer.</summary>
    public void Set(in Endpoint remote, bool isSecondFirst)
    {
        var (word, bit) = PlaceOf(remote);
        _isSecondFirst[word] = isSecondFirst ? _isSecondFirst[word] | bit : _isSecondFirst[word] & ~bit;
    }

    private static int KeyFrom(IRandomSource random)
    {
        Span<byte> octets = stackalloc byte[sizeof(int)];
        random.Fill(octets);
        return BitConverter.ToInt32(octets);
    }

    private (int Word, ulong Bit) PlaceOf(in Endpoint remote)
    {
        var group = (uint)HashCode.Combine(_key, remote.WithoutPort);
        return ((int)(group / Bits % (uint)_isSecondFirst.Length), 1UL << (int)(group % Bits));
    }
}
